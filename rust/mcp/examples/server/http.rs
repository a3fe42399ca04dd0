//! Serving over HTTP.

use crate::{answers::say, handler::Handler};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};
use std::{error::Error, sync::Arc};
use tokio::{net::TcpListener, task::JoinSet};

/// Serve on PORT of 127.0.0.1 for ever, and say on standard error when.
pub async fn serve(
    handler: Handler,
    port: u16,
    json: bool,
    sessions: bool,
) -> Result<(), Box<dyn Error>> {
    let config = StreamableHttpServerConfig::default()
        .with_json_response(json)
        .with_legacy_session_mode(sessions);
    let service = StreamableHttpService::new(
        move || Ok(handler.clone()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    say(&format!("listening on {}", listener.local_addr()?));
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        let connection = hyper::server::conn::http1::Builder::new();
        connections.spawn(connection.serve_connection(TokioIo::new(stream), service));
    }
}
