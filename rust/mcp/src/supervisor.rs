//! Keeps a server connected.

use crate::connection::{Broken, Connection, Trouble, connect};
use crate::{Challenge, Event, Exit, Launch, State, failure, inner::Inner, process::Process};
use llm_switch_types::Error;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

/// The first wait before a server is connected to again; each further one is
/// twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// How often in a row that is tried: 16 s altogether.
const TRIES: u32 = 6;

/// A connection that lasted this long was a good one: the count starts anew.
const GOOD: Duration = Duration::from_secs(10);

/// How long the output of a process that has ended is still read, where
/// something that it started holds it open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Why a connection ended.
enum End {
    Stopped,
    Lost,
    Auth(Challenge),
}

/// Keep SERVER connected until STOP becomes true or nothing helps any more.
///
/// A server over HTTP is connected to again when the connection breaks. A
/// process that ended is not started again: its tools may have been the
/// reason, and its state is gone.
pub(crate) async fn keep(server: Arc<Inner>, mut stop: watch::Receiver<bool>) {
    let mut tries = None;
    loop {
        server.enter(State::Starting);
        let connected = tokio::select! {
            connected = connect(&server) => connected,
            () = asked(&mut stop) => return server.enter(State::Stopped { exit: None }),
        };
        let error = match connected {
            Ok((connection, process)) => {
                let since = Instant::now();
                let (end, exit) =
                    attend(&server, connection, process, tries.is_some(), &mut stop).await;
                let error = match end {
                    End::Stopped => return server.enter(State::Stopped { exit }),
                    End::Auth(challenge) => return server.enter(State::NeedsAuth { challenge }),
                    End::Lost => failure::ended(exit, server.stderr.len()),
                };
                if since.elapsed() >= GOOD || tries.is_none() {
                    tries = Some(0);
                }
                error
            }
            Err(Trouble::Auth(challenge)) => return server.enter(State::NeedsAuth { challenge }),
            Err(Trouble::Final(error) | Trouble::Beginning(error)) => error,
        };
        match next(&server, &mut tries, error) {
            Err(error) => return server.fail(error),
            Ok(wait) => {
                server.enter(State::Starting);
                tokio::select! {
                    () = sleep(wait) => {}
                    () = asked(&mut stop) => return server.enter(State::Stopped { exit: None }),
                }
            }
        }
    }
}

/// How long to wait before the next try, or ERROR when there is none. TRIES
/// counts those since the server was there; it was never without.
fn next(server: &Inner, tries: &mut Option<u32>, error: Error) -> Result<Duration, Error> {
    let Launch::Http { .. } = server.definition.launch else { return Err(error) };
    let Some(done) = tries.as_mut().filter(|done| **done < TRIES) else { return Err(error) };
    let wait = FIRST_WAIT * 2_u32.pow(*done);
    *done += 1;
    Ok(wait)
}

/// Look after CONNECTION until it ends; AGAIN says that there was one before.
async fn attend(
    server: &Inner,
    connection: Connection,
    mut process: Option<Process>,
    again: bool,
    stop: &mut watch::Receiver<bool>,
) -> (End, Option<Exit>) {
    let connection = Arc::new(connection);
    server.connected(Arc::clone(&connection));
    if again {
        retell(server);
    }
    let end = until(&connection, process.as_mut(), stop).await;
    server.disconnected();
    connection.close().await;
    let exit = match process {
        Some(mut process) => process.end().await,
        None => None,
    };
    (end, exit)
}

/// Whoever knows the lists of a server that was away must ask for them again.
fn retell(server: &Inner) {
    for event in [Event::ToolsChanged, Event::ResourcesChanged, Event::PromptsChanged] {
        (server.host.events)(event);
    }
}

/// Wait for the end of CONNECTION, or of the PROCESS behind it.
async fn until(
    connection: &Connection,
    process: Option<&mut Process>,
    stop: &mut watch::Receiver<bool>,
) -> End {
    let (mut over, mut broken) = (connection.end.clone(), connection.broken.subscribe());
    tokio::select! {
        () = asked(stop) => End::Stopped,
        _ = over.wait_for(|over| *over) => End::Lost,
        () = exited(process, connection.end.clone()) => End::Lost,
        why = broken.wait_for(Option::is_some) => match why.ok().as_deref() {
            Some(Some(Broken::Auth(challenge))) => End::Auth(challenge.clone()),
            _ => End::Lost,
        },
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
