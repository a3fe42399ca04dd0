//! A connection to a server.

use crate::listener::{Listener, Tell};
use crate::{Challenge, Era, Info, ear::Ear, handler::Handler};
use rmcp::RoleClient;
use rmcp::service::{ClientCacheConfig, RunningService};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A client that runs.
pub(crate) type Running = RunningService<RoleClient, Handler>;

/// How long it may take to tell a server that nobody listens any more.
const FAREWELL: Duration = Duration::from_millis(500);

/// How long rmcp may take to let go of a connection.
const CLOSE: Duration = Duration::from_secs(1);

/// A connection to a server that is ready.
pub(crate) struct Connection {
    pub(crate) run: Running,
    pub(crate) info: Arc<Info>,
    /// Becomes true when it is over.
    pub(crate) end: watch::Receiver<bool>,
    /// Set by whoever finds that it is of no use any more.
    pub(crate) broken: watch::Sender<Option<Broken>>,
    listening: watch::Sender<bool>,
    _listener: JoinSet<()>,
}

/// Why a connection is of no use any more.
#[derive(Clone, Debug)]
pub(crate) enum Broken {
    /// What is sent does not arrive.
    Transport,
    /// The server wants to know who asks.
    Auth(Challenge),
    /// The login is another one.
    Login,
}

impl Connection {
    /// Of RUN, to which EAR listens and which began as in ERA.
    pub(crate) async fn new(run: Running, ear: &Ear, era: Era, tell: Tell) -> Connection {
        let info = run.peer_info().map_or_else(|| Info::unknown(era), |it| Info::from(&*it));
        // A list that could not be fetched must not pass for one that was.
        let mut cache = ClientCacheConfig::default();
        cache.serve_stale_on_error = false;
        run.peer().set_response_cache_config(cache).await;
        let (listening, broken) = (watch::Sender::new(true), watch::Sender::new(None));
        let mut listener = JoinSet::new();
        if let Some(it) = Listener::new(run.peer(), &info, &broken, tell).await {
            listener.spawn(it.run(listening.subscribe()));
        }
        Connection {
            run,
            info: Arc::new(info),
            end: ear.end(),
            broken,
            listening,
            _listener: listener,
        }
    }

    /// End it, or leave it to its end after a moment. Servers of the newer
    /// era wait for whoever listens before they end.
    pub(crate) async fn close(&self) {
        self.listening.send_replace(false);
        let _ = timeout(FAREWELL, self.listening.closed()).await;
        self.run.cancellation_token().cancel();
        let mut over = self.end.clone();
        let _ = timeout(CLOSE, over.wait_for(|over| *over)).await;
    }
}
