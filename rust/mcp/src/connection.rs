//! How a server is connected to.

use crate::listener::{Listener, Tell};
use crate::process::{Pipes, Process};
use crate::{
    Challenge, Era, Info, Launch, ear::Ear, failure, handler::Handler, inner::Inner, tap::Tap,
};
use llm_switch_types::Error;
use rmcp::RoleClient;
use rmcp::model::ProtocolVersion;
use rmcp::service::{
    ClientCacheConfig, ClientInitializeError, ClientLifecycleMode, ClientServiceExt, RunningService,
};
use rmcp::transport::async_rw::AsyncRwTransport;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

/// A client that runs.
pub(crate) type Running = RunningService<RoleClient, Handler>;

/// How long a server that failed to begin may take to tell its exit code.
const LAST_WORDS: Duration = Duration::from_millis(500);

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
}

/// Why there is no connection.
pub(crate) enum Trouble {
    /// The server wants to know who asks.
    Auth(Challenge),
    /// Beginning in another way cannot help.
    Final(Error),
    /// Beginning in another way may help.
    Beginning(Error),
}

/// Connect to SERVER, in the way that worked last time first.
///
/// A server that does not know one way may answer anything, or nothing; so
/// whatever happens, it is started afresh and asked in the other one.
pub(crate) async fn connect(server: &Inner) -> Result<(Connection, Option<Process>), Trouble> {
    let begin = Instant::now();
    let start = server.definition.timeouts.start;
    let (first, second) = match server.era() {
        Some(Era::Initialize) => (Era::Initialize, Era::Discover),
        Some(Era::Discover) | None => (Era::Discover, Era::Initialize),
    };
    match attempt(server, first, begin + start / 2).await {
        Err(Trouble::Beginning(_)) => attempt(server, second, begin + start).await,
        result => result,
    }
}

/// Connect to SERVER in the way of ERA, or give up at DEADLINE.
async fn attempt(
    server: &Inner,
    era: Era,
    deadline: Instant,
) -> Result<(Connection, Option<Process>), Trouble> {
    let ear = Arc::new(server.ear());
    let handler = server.handler(era);
    match &server.definition.launch {
        Launch::Stdio { command, .. } => {
            let started = Process::start(
                &server.definition.launch,
                &server.host.environment,
                server.listener(),
            );
            let (mut process, pipes) =
                started.map_err(|e| Trouble::Final(failure::spawn(&e, command)))?;
            let begun = begin(server, pipes, handler, Arc::clone(&ear), era);
            let begun = tokio::select! {
                begun = timeout_at(deadline, begun) => begun,
                () = process.exited() => {
                    let exit = process.end().await;
                    let error = failure::ended(exit, server.stderr.len());
                    return Err(Trouble::Beginning(error));
                }
            };
            match begun {
                Ok(Ok(run)) => {
                    Ok((Connection::new(run, &ear, era, server.tell()).await, Some(process)))
                }
                Ok(Err(error)) => {
                    let exit = timeout(LAST_WORDS, process.end()).await.ok().flatten();
                    Err(trouble(
                        server,
                        &error,
                        exit.is_some().then(|| failure::ended(exit, server.stderr.len())),
                    ))
                }
                Err(_) => Err(late(server)),
            }
        }
        Launch::Http { url, headers } => {
            let http = server.host.http.as_ref().ok_or_else(|| {
                Trouble::Final(failure::mcp(
                    "it is reached over HTTP, for which there is no client here",
                ))
            })?;
            let config = http.config(url, headers, server.definition.line_cap);
            let config = config.map_err(Trouble::Final)?;
            let begun = http.begin(config, handler, Arc::clone(&ear), mode(era));
            match timeout_at(deadline, begun).await {
                Ok(Ok(run)) => Ok((Connection::new(run, &ear, era, server.tell()).await, None)),
                Ok(Err(error)) => Err(trouble(server, &error, None)),
                Err(_) => Err(late(server)),
            }
        }
    }
}

async fn begin(
    server: &Inner,
    pipes: Pipes,
    handler: Handler,
    ear: Arc<Ear>,
    era: Era,
) -> Result<Running, ClientInitializeError> {
    let transport = AsyncRwTransport::new_client(pipes.output, pipes.input)
        .with_max_line_length(server.definition.line_cap);
    handler.serve_with_lifecycle(Tap::new(transport, ear), mode(era)).await
}

fn mode(era: Era) -> ClientLifecycleMode {
    match era {
        Era::Initialize => ClientLifecycleMode::Initialize,
        Era::Discover => ClientLifecycleMode::Auto {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
            legacy_version: Some(ProtocolVersion::LATEST_WITH_INITIALIZE),
        },
    }
}

/// What ERROR means; ENDED is known where the process of the server ended.
fn trouble(server: &Inner, error: &ClientInitializeError, ended: Option<Error>) -> Trouble {
    match Challenge::at_start(error) {
        Some(challenge) => Trouble::Auth(challenge),
        None => {
            Trouble::Beginning(ended.unwrap_or_else(|| failure::beginning(error, &server.secrets)))
        }
    }
}

fn late(server: &Inner) -> Trouble {
    Trouble::Beginning(failure::silent(server.definition.timeouts.start, server.stderr.len()))
}

impl Connection {
    async fn new(run: Running, ear: &Ear, era: Era, tell: Tell) -> Connection {
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
