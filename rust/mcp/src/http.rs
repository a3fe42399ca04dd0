//! The way to servers that run already.

use crate::{Values, connection::Running, ear::Ear, handler::Handler, tap::Tap};
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use llm_switch_net::Reach;
use llm_switch_types::{Error, ErrorKind, Result};
use rmcp::service::{ClientInitializeError, ClientLifecycleMode, ClientServiceExt};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransportConfig,
};
use std::{collections::HashMap, sync::Arc};
use url::Url;

type Begun = BoxFuture<'static, std::result::Result<Running, ClientInitializeError>>;
type Begin = dyn Fn(Config, Handler, Arc<Ear>, ClientLifecycleMode) -> Begun + Send + Sync;
type Config = StreamableHttpClientTransportConfig;

/// An HTTP client that was handed in, and how far it may reach. Cheap to
/// clone.
///
/// Which client is the caller's choice. One that keeps connections suits
/// `https` and servers that answer with JSON; on loopback with event streams
/// it stalls each call for 44 ms where the server delays small packets.
#[derive(Clone)]
pub struct HttpClient {
    reach: Reach,
    begin: Arc<Begin>,
}

impl HttpClient {
    /// CLIENT, which must hold itself to REACH whatever a server redirects it
    /// to; addresses beyond are refused here before it is asked.
    pub fn new<C>(reach: Reach, client: C) -> HttpClient
    where
        C: StreamableHttpClient + Sync,
    {
        let begin = move |config, handler: Handler, ear, mode| -> Begun {
            let transport = StreamableHttpClientTransport::with_client(client.clone(), config);
            Box::pin(handler.serve_with_lifecycle(Tap::new(transport, ear), mode))
        };
        HttpClient { reach, begin: Arc::new(begin) }
    }

    /// What it takes to connect to URL with HEADERS.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for what is no address or header,
    /// [`ErrorKind::Refused`] for an address out of reach.
    pub(crate) fn config(&self, url: &str, headers: &Values, cap: usize) -> Result<Config> {
        let parsed = Url::parse(url)
            .map_err(|e| Error::new(ErrorKind::Config, format!("its url is no address: {e}")))?;
        self.reach.check(&parsed)?;
        let headers = headers.0.iter().map(|(name, value)| header(name, value));
        let headers: HashMap<_, _> = headers.collect::<Result<_>>()?;
        Ok(Config::with_uri(url).custom_headers(headers).max_sse_event_size(cap))
    }

    pub(crate) fn begin(
        &self,
        config: Config,
        handler: Handler,
        ear: Arc<Ear>,
        mode: ClientLifecycleMode,
    ) -> Begun {
        (self.begin)(config, handler, ear, mode)
    }
}

/// NAME and VALUE, which no log prints, as a header.
fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let wrong = |what: &str| {
        Error::new(ErrorKind::Config, format!("{what} of its header {name:?} cannot be sent"))
            .advise("Look for line ends or quotes in it")
    };
    let key = HeaderName::try_from(name).map_err(|_| wrong("the name"))?;
    let mut value = HeaderValue::try_from(value).map_err(|_| wrong("the value"))?;
    value.set_sensitive(true);
    Ok((key, value))
}
