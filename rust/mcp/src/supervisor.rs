//! Keeps a server connected.

use crate::connect::{Trouble, connect};
use crate::connection::{Broken, Connection};
use crate::tries::Tries;
use crate::{Challenge, Event, Exit, State, failure, inner::Inner, process::Process};
use llm_switch_types::Error;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// How long the output of a process that has ended is still read, where
/// something that it started holds it open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// What may become of a server that is connected to once.
enum End {
    /// It stays in this state.
    State(State),
    /// It waits for a login, because it said this.
    Stranger(Challenge),
    /// It is gone, or was never there, for this reason.
    Gone(Error),
    /// It is to be connected to again at once.
    Again,
}

/// Keep SERVER connected until STOP becomes true or nothing helps any more.
///
/// A server over HTTP is connected to again when the connection breaks. A
/// process that ended is not started again: its tools may have been the
/// reason, and its state is gone.
pub(crate) async fn keep(server: Arc<Inner>, mut stop: watch::Receiver<bool>) {
    let mut tries = Tries::new(&server.definition.launch);
    let mut renewed = server.renewed.subscribe();
    loop {
        renewed.mark_unchanged();
        server.enter(State::Starting);
        let error = match once(&server, &mut tries, &mut stop).await {
            End::State(state) => return server.enter(state),
            End::Stranger(challenge) => {
                match login(&server, challenge, &mut renewed, &mut stop).await {
                    true => continue,
                    false => return server.enter(State::Stopped { exit: None }),
                }
            }
            End::Gone(error) => error,
            End::Again => continue,
        };
        let Some(wait) = tries.next() else { return server.fail(error) };
        tokio::select! {
            () = sleep(wait) => {}
            () = asked(&mut stop) => return server.enter(State::Stopped { exit: None }),
        }
    }
}

/// Wait until somebody logs in to SERVER, which said CHALLENGE; false when it
/// is stopped before. A login that came meanwhile, as RENEWED knows, counts.
async fn login(
    server: &Inner,
    challenge: Challenge,
    renewed: &mut watch::Receiver<u64>,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    server.challenged(Some(challenge.clone()));
    server.enter(State::NeedsAuth { challenge });
    tokio::select! {
        _ = renewed.changed() => true,
        () = asked(stop) => false,
    }
}

/// Connect to SERVER and look after the connection until it ends.
async fn once(server: &Inner, tries: &mut Tries, stop: &mut watch::Receiver<bool>) -> End {
    let connected = tokio::select! {
        connected = connect(server) => connected,
        () = asked(stop) => return End::State(State::Stopped { exit: None }),
    };
    match connected {
        Ok((connection, process)) => {
            let since = Instant::now();
            let end = attend(server, Arc::new(connection), process, tries.again(), stop).await;
            tries.lasted(since.elapsed());
            end
        }
        Err(Trouble::Auth(challenge)) => End::Stranger(challenge),
        Err(Trouble::Final(error) | Trouble::Beginning(error)) => End::Gone(error),
    }
}

/// Look after CONNECTION until it ends; AGAIN says that there was one before.
async fn attend(
    server: &Inner,
    connection: Arc<Connection>,
    mut process: Option<Process>,
    again: bool,
    stop: &mut watch::Receiver<bool>,
) -> End {
    server.connected(Arc::clone(&connection));
    if again {
        retell(server);
    }
    let why = until(&connection, process.as_mut(), stop).await;
    server.disconnected();
    connection.close().await;
    let exit = match process {
        Some(mut process) => process.end().await,
        None => None,
    };
    end(server, why, exit)
}

/// What becomes of SERVER, whose connection ended for the reason WHY, or
/// because it was stopped where there is none, and its process with EXIT.
fn end(server: &Inner, why: Option<Broken>, exit: Option<Exit>) -> End {
    match why {
        None => End::State(State::Stopped { exit }),
        Some(Broken::Auth(challenge)) => End::Stranger(challenge),
        Some(Broken::Login) => End::Again,
        Some(Broken::Transport) => End::Gone(failure::ended(exit, server.stderr.len())),
    }
}

/// Whoever knows the lists of a server that was away must ask for them again.
fn retell(server: &Inner) {
    for event in [Event::ToolsChanged, Event::ResourcesChanged, Event::PromptsChanged] {
        (server.host.events)(event);
    }
}

/// Wait for the end of CONNECTION, or of the PROCESS behind it. Why it came;
/// `None` when it was asked for.
async fn until(
    connection: &Connection,
    process: Option<&mut Process>,
    stop: &mut watch::Receiver<bool>,
) -> Option<Broken> {
    let (mut over, mut broken) = (connection.end.clone(), connection.broken.subscribe());
    tokio::select! {
        () = asked(stop) => None,
        _ = over.wait_for(|over| *over) => Some(Broken::Transport),
        () = exited(process, connection.end.clone()) => Some(Broken::Transport),
        why = broken.wait_for(Option::is_some) => why.ok().and_then(|why| why.clone()),
    }
}

/// Wait until PROCESS has ended and what it wrote last is read, at whose end
/// OVER becomes true; for ever where there is no process.
async fn exited(process: Option<&mut Process>, mut over: watch::Receiver<bool>) {
    let Some(process) = process else { return std::future::pending().await };
    process.exited().await;
    let _ = timeout(LAST_WORDS, over.wait_for(|over| *over)).await;
}

async fn asked(stop: &mut watch::Receiver<bool>) {
    // An error says that whoever could ask is gone, which asks as well.
    let _ = stop.wait_for(|stop| *stop).await;
}
