//! The test server over HTTP.

use llm_switch_mcp::HttpClient;
use llm_switch_net::{Client, Reach, Timeouts};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClient;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A plain client, which must be given loopback addresses only.
pub fn client() -> HttpClient {
    // It finds the TLS provider that our own client puts in place.
    Client::new(Reach::Loopback, Timeouts::default()).warm_up().unwrap();
    HttpClient::new(Reach::Loopback, of(StreamableHttpClientTransport::from_uri))
}

/// The kind of client that CONNECT makes its transports of. Only `net` may
/// name it.
fn of<C>(_connect: fn(String) -> StreamableHttpClientTransport<C>) -> C
where
    C: StreamableHttpClient + Default,
{
    C::default()
}

/// A server that ends when this is dropped.
pub struct HttpServer {
    pub port: u16,
    child: Child,
}

impl HttpServer {
    /// Start one with ARGS on PORT, or any.
    pub async fn start(port: u16, args: &[&str]) -> HttpServer {
        let mut command = Command::new(super::program());
        command.args(["http", &port.to_string()]).args(args).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let port = line.rsplit_once(':').unwrap().1.parse().expect(&line);
        HttpServer { port, child }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    /// End it, which frees its port.
    pub async fn end(mut self) -> u16 {
        self.child.kill().await.unwrap();
        self.port
    }
}
