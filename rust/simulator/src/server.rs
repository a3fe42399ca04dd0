//! Listening on loopback, and owning every task that follows from it.

use crate::{
    callers::Callers, connection, dialect, host::Host, key, received::Log, service::Service,
};
use llm_switch_types::{Dialect, Provider};
use std::{
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinSet};

/// An LLM service on loopback that does what the model's name says.
///
/// It stops when it is dropped: the listener and all connections are closed
/// as soon as the runtime gets to it.
pub struct Simulator {
    address: SocketAddr,
    service: Arc<Service>,
    tasks: JoinSet<()>,
}

/// The settings of a [`Simulator`].
#[derive(Default)]
pub struct Builder {
    keys: Vec<String>,
    played: HashMap<String, String>,
    port: u16,
    host: Option<Host>,
}

impl Builder {
    /// Demands `key`, in the header that each dialect has for it; without this
    /// any or none will do. It has to be one of [`crate::test_key`]. Of several
    /// keys each will do.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// Lets the model called `model` play `script`, for tests of what depends
    /// on a model's name, such as its price.
    pub fn plays(mut self, model: impl Into<String>, script: impl Into<String>) -> Self {
        self.played.insert(model.into(), script.into());
        self
    }

    /// Stands for `provider`: it is found below the path of its base URL only,
    /// wants the key where its row says, and refuses what its row says.
    pub fn host(self, provider: &Provider) -> Self {
        Builder { host: Some(Host::new(provider)), ..self }
    }

    /// Listens on `port`; 0, the default, is any free one.
    pub fn port(self, port: u16) -> Self {
        Builder { port, ..self }
    }

    /// Starts to listen. Needs a tokio runtime with time and I/O, and lives no
    /// longer than that.
    ///
    /// # Errors
    /// Those of listening, and of a key that would not be found where it leaks.
    pub async fn start(self) -> io::Result<Simulator> {
        if !self.keys.iter().all(|key| key::is_recognisable(key)) {
            let why = "a test's key contains what test/fixtures/key-mark holds; see test_key";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service::new(Callers::new(self.keys), self.played, self.host));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&service)));
        Ok(Simulator { address, service, tasks })
    }
}

impl Simulator {
    /// The settings, none of them made.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL that clients of OpenAI's dialects want as their base:
    /// `http://127.0.0.1:PORT/v1`; of a provider's host, its own.
    pub fn base_url(&self) -> String {
        match &self.service.host {
            Some(host) => format!("http://{}{}", self.address, host.path),
            None => self.base_url_of(Dialect::OpenaiChat),
        }
    }

    /// The URL that clients of `dialect` want as their base.
    pub fn base_url_of(&self, dialect: Dialect) -> String {
        format!("http://{}{}", self.address, dialect::usual_path(dialect))
    }

    /// What was received so far.
    pub fn received(&self) -> Log {
        self.service.journal.log()
    }

    /// What was received, as soon as `wanted` holds of it. Waits for ever if
    /// it never does.
    pub async fn received_when(&self, wanted: impl FnMut(&Log) -> bool) -> Log {
        self.service.journal.when(wanted).await
    }

    /// From now on who comes with `key` gets `script`, whatever it asks for;
    /// `status:401` makes a dead key of it. Whether there is such a key.
    pub fn turn(&self, key: &str, script: &str) -> bool {
        self.service.callers.turn(key, Some(script))
    }

    /// From now on who comes with `key` gets again what it asks for. Whether
    /// there is such a key.
    pub fn mend(&self, key: &str) -> bool {
        self.service.callers.turn(key, None)
    }

    /// Lets `time` pass for all that is counted by time.
    pub fn pass(&self, time: Duration) {
        self.service.turnstile.pass(time);
    }

    /// Forgets what was received.
    pub fn reset(&self) {
        self.service.journal.reset();
    }

    /// Stops, and returns when nothing listens any more and every connection
    /// is closed.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// Accepts connections. It owns their tasks, so they end with it.
async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    // Accepting fails when this process has no descriptors left: then it waits
    // for a connection to end, and only without any gives up.
    loop {
        tokio::select! {
            Ok((stream, peer)) = listener.accept() => {
                service.journal.connected();
                let service = Arc::clone(&service);
                connections.spawn(async move {
                    connection::serve(stream, peer.port(), &service).await
                });
            }
            Some(_) = connections.join_next() => {}
            else => return,
        }
    }
}
