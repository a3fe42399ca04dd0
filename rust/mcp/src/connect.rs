//! How a server is connected to.

use crate::connection::{Connection, Running};
use crate::process::{Pipes, Process};
use crate::{Challenge, Era, Launch, Values};
use crate::{ear::Ear, failure, handler::Handler, inner::Inner, tap::Tap};
use llm_switch_types::Error;
use rmcp::model::ProtocolVersion;
use rmcp::service::{ClientInitializeError, ClientLifecycleMode, ClientServiceExt};
use rmcp::transport::async_rw::AsyncRwTransport;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, timeout, timeout_at};

/// How long a server that closed the connection may take to tell its exit code.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Why there is no connection.
pub(crate) enum Trouble {
    /// The server wants to know who asks.
    Auth(Challenge),
    /// Beginning in another way cannot help.
    Final(Error),
    /// Beginning in another way may help.
    Beginning(Error),
}

type Connected = Result<(Connection, Option<Process>), Trouble>;

/// Connect to SERVER, in the way that worked last time first.
///
/// A server that does not know one way may answer anything, or nothing; so
/// whatever happens, it is started afresh and asked in the other one.
pub(crate) async fn connect(server: &Inner) -> Connected {
    let begin = Instant::now();
    let start = server.definition.timeouts.start;
    let (first, second) = match server.era() {
        Some(Era::Initialize) => (Era::Initialize, Era::Discover),
        Some(Era::Discover) | None => (Era::Discover, Era::Initialize),
    };
    let mut connected = attempt(server, first, begin + start / 2).await;
    if let Err(Trouble::Auth(challenge)) = &connected
        && server.log_in_unasked(challenge).await.map_err(Trouble::Final)?
    {
        connected = attempt(server, first, begin + start).await;
    }
    match connected {
        Err(Trouble::Beginning(_)) => attempt(server, second, begin + start).await,
        connected => connected,
    }
}

/// Connect to SERVER in the way of ERA, or give up at DEADLINE.
async fn attempt(server: &Inner, era: Era, deadline: Instant) -> Connected {
    match &server.definition.launch {
        Launch::Stdio { command, .. } => over_stdio(server, command, era, deadline).await,
        Launch::Http { url, headers } => over_http(server, url, headers, era, deadline).await,
    }
}

/// The program COMMAND is named in an error only.
async fn over_stdio(server: &Inner, command: &str, era: Era, deadline: Instant) -> Connected {
    let launch = &server.definition.launch;
    let (mut process, pipes) = Process::start(launch, &server.host.environment, server.listener())
        .map_err(|error| Trouble::Final(failure::spawn(&error, command)))?;
    *server.pid.lock() = process.id();
    let ear = Arc::new(server.ear());
    let begun = begin(server, pipes, Arc::clone(&ear), era);
    let begun = tokio::select! {
        // It is told something before anybody looks whether it listened.
        biased;
        begun = timeout_at(deadline, begun) => begun,
        () = process.exited() => return Err(ended(server, &ear, &mut process).await),
    };
    match begun {
        Ok(Ok(run)) => {
            process.begun();
            Ok((Connection::new(run, &ear, era, server.tell()).await, Some(process)))
        }
        Ok(Err(error)) if is_broken(&error) => Err(ended(server, &ear, &mut process).await),
        Ok(Err(error)) => Err(trouble(server, &error)),
        Err(_) => Err(late(server)),
    }
}

async fn over_http(
    server: &Inner,
    url: &str,
    headers: &Values,
    era: Era,
    deadline: Instant,
) -> Connected {
    let http = server.host.http.as_ref().ok_or_else(|| {
        Trouble::Final(failure::mcp("it is reached over HTTP, for which there is no client here"))
    })?;
    let config = http.config(url, headers, server.definition.line_cap).map_err(Trouble::Final)?;
    let pass = match server.session().await.map_err(Trouble::Final)? {
        Some(session) => Some(session.pass().await.map_err(Trouble::Final)?),
        None => None,
    };
    let ear = Arc::new(server.ear());
    let begun = http.begin(config, server.handler(era), Arc::clone(&ear), mode(era), pass);
    match timeout_at(deadline, begun).await {
        Ok(Ok(run)) => Ok((Connection::new(run, &ear, era, server.tell()).await, None)),
        Ok(Err(ClientInitializeError::TransportError { error, .. }))
            if Challenge::behind(&error).is_none() =>
        {
            let why = http.explain(&error);
            Err(Trouble::Beginning(failure::unreachable(why.as_deref(), &server.secrets)))
        }
        Ok(Err(error)) => Err(trouble(server, &error)),
        Err(_) => Err(late(server)),
    }
}

async fn begin(
    server: &Inner,
    pipes: Pipes,
    ear: Arc<Ear>,
    era: Era,
) -> Result<Running, ClientInitializeError> {
    let transport = AsyncRwTransport::new_client(pipes.output, pipes.input)
        .with_max_line_length(server.definition.line_cap);
    let handler: Handler = server.handler(era);
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

/// Whether ERROR says no more than that nobody is there.
fn is_broken(error: &ClientInitializeError) -> bool {
    match error {
        ClientInitializeError::ConnectionClosed(_)
        | ClientInitializeError::TransportError { .. } => true,
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => is_broken(fallback),
        _ => false,
    }
}

/// PROCESS, which spoke for SERVER and was told what EAR knows, has ended, or
/// soon will. Where it had not even listened it would end in the same way again.
async fn ended(server: &Inner, ear: &Ear, process: &mut Process) -> Trouble {
    let exit = timeout(LAST_WORDS, process.end()).await.ok().flatten();
    let error = failure::ended(exit, server.stderr.len());
    match ear.has_spoken() && process.was_heard().await {
        true => Trouble::Beginning(error),
        false => Trouble::Final(error),
    }
}

fn trouble(server: &Inner, error: &ClientInitializeError) -> Trouble {
    match Challenge::at_start(error) {
        Some(challenge) => Trouble::Auth(challenge),
        None => Trouble::Beginning(failure::beginning(error, &server.secrets)),
    }
}

fn late(server: &Inner) -> Trouble {
    Trouble::Beginning(failure::silent(server.definition.timeouts.start, server.stderr.len()))
}
