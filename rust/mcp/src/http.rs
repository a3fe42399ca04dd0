//! The way to servers that run already.

use crate::login::{self, Pass};
use crate::{Values, connection::Running, ear::Ear, failure, handler::Handler, tap::Tap};
use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue};
use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_types::{Error, ErrorKind, Result};
use rmcp::service::{ClientInitializeError, ClientLifecycleMode, ClientServiceExt};
use rmcp::transport::streamable_http_client::{
    StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
};
use rmcp::transport::{DynamicTransportError, StreamableHttpClientTransport};
use std::{collections::HashMap, sync::Arc, time::Duration};
use url::Url;

/// How long to wait for what: the clocks of each call are ours, and an event
/// stream may be silent for as long as nothing happens.
const PATIENCE: Timeouts =
    Timeouts { connect: Duration::from_secs(10), idle: Duration::from_secs(24 * 3600) };

type Begun = BoxFuture<'static, std::result::Result<Running, ClientInitializeError>>;
type Begin =
    dyn Fn(Config, Handler, Arc<Ear>, ClientLifecycleMode, Option<Pass>) -> Begun + Send + Sync;
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
    explain: fn(&(dyn std::error::Error + 'static)) -> Option<String>,
}

impl HttpClient {
    /// One that reaches as far as REACH. It keeps its connections for `https`,
    /// whose handshakes take longer than most calls, and for nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] when the machine's certificates cannot be read.
    pub fn guarded(reach: Reach) -> Result<HttpClient> {
        let client = Client::new(reach, PATIENCE);
        let (kept, fresh) = (client.below()?, client.without_keeping().below()?);
        let choose = move |url: &str| match url.starts_with("https:") {
            true => kept.clone(),
            false => fresh.clone(),
        };
        Ok(HttpClient::choosing(reach, choose))
    }

    /// CLIENT, which must hold itself to REACH whatever a server redirects it
    /// to; addresses beyond are refused here before it is asked.
    pub fn new<C>(reach: Reach, client: C) -> HttpClient
    where
        C: StreamableHttpClient + Sync,
    {
        HttpClient::choosing(reach, move |_| client.clone())
    }

    /// The client that CHOOSE gives for an address.
    fn choosing<C>(reach: Reach, choose: impl Fn(&str) -> C + Send + Sync + 'static) -> HttpClient
    where
        C: StreamableHttpClient + Sync,
    {
        let begin = move |config: Config, handler, ear, mode, pass| -> Begun {
            let client = choose(&config.uri);
            Box::pin(begin(client, config, handler, ear, mode, pass))
        };
        HttpClient { reach, begin: Arc::new(begin), explain: explain::<C> }
    }

    /// How far it may reach.
    pub(crate) fn reach(&self) -> Reach {
        self.reach
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

    /// What ERROR says of the way to a server, where it says anything.
    pub(crate) fn explain(&self, error: &DynamicTransportError) -> Option<String> {
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error.error.as_ref());
        while let Some(found) = next {
            if let Some(told) = (self.explain)(found) {
                return Some(told);
            }
            next = found.source();
        }
        None
    }

    pub(crate) fn begin(
        &self,
        config: Config,
        handler: Handler,
        ear: Arc<Ear>,
        mode: ClientLifecycleMode,
        pass: Option<Pass>,
    ) -> Begun {
        (self.begin)(config, handler, ear, mode, pass)
    }
}

/// Begin over CLIENT, with the token of PASS where there is one.
async fn begin<C>(
    client: C,
    config: Config,
    handler: Handler,
    ear: Arc<Ear>,
    mode: ClientLifecycleMode,
    pass: Option<Pass>,
) -> std::result::Result<Running, ClientInitializeError>
where
    C: StreamableHttpClient + Sync,
{
    let Some(pass) = pass else {
        let transport = StreamableHttpClientTransport::with_client(client, config);
        return handler.serve_with_lifecycle(Tap::new(transport, ear), mode).await;
    };
    let transport = StreamableHttpClientTransport::with_client(pass.wrap(client), config);
    handler.serve_with_lifecycle(Tap::new(transport, ear), mode).await
}

/// What ERROR says, if it is one of the transport of a `C`. Neither the body
/// of an answer nor an address, which may hold a key.
fn explain<C: StreamableHttpClient>(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    Some(match error.downcast_ref::<StreamableHttpError<C::Error>>()? {
        // The cause of all causes is the system's, or a refusal of our own.
        StreamableHttpError::Client(error) => failure::innermost(error),
        StreamableHttpError::HttpStatus(it) => format!("it answered HTTP {}", it.status),
        StreamableHttpError::Auth(error) => login::of(error).what,
        StreamableHttpError::UnexpectedServerResponse(text) => {
            let head = text.split(": ").next().unwrap_or_default();
            format!("it answered {head}")
        }
        other => other.to_string(),
    })
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
