//! The task that owns the process of a server.

use super::{Kind, Started, State};
use crate::child::Child;
use crate::core::Core;
use crate::event::Body;
use crate::ledger::now_ms;
use crate::local::port_here;
use llm_switch_net::Call;
use llm_switch_types::Locality;
use serde_json::json;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often a server that is starting is asked whether it is ready.
const PACE: Duration = Duration::from_millis(100);

/// How long a server may load its model.
const LOADING: Duration = Duration::from_secs(600);

/// How long a server may take to stop when it is asked to.
const GRACE: Duration = Duration::from_secs(5);

/// How long what a server said at its end may still be on its way.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Own CHILD, which is the process of STARTED, until it is over. It dies with
/// this task, and so with the engine.
pub(crate) async fn keep(core: Arc<Core>, started: Arc<Started>, mut child: Child) {
    let mut said_all = listen(&core, &started, &mut child);
    let state = tokio::select! {
        status = child.over() => State::Failed(ended(status)),
        () = started.stopped() => {
            started.set_state(State::Stopping);
            tell(&core, &started, None);
            State::Stopped
        }
        why = attend(&core, &started) => State::Failed(why),
    };
    if child.id().is_some() {
        // Whatever comes of it, there is nothing more to be done.
        let _ = child.end(GRACE).await;
    }
    let _ = tokio::time::timeout(LAST_WORDS, said_all.recv()).await;
    started.set_pid(None);
    withdraw(&core, &started).await;
    finish(&core, &started, state);
}

/// Have the log of STARTED read what CHILD says, in whichever of its two pipes;
/// in which order it used both is not known. What is returned closes when
/// nothing more comes.
fn listen(core: &Core, started: &Arc<Started>, child: &mut Child) -> mpsc::Receiver<()> {
    let (reads, said_all) = mpsc::channel(1);
    if let Some(pipe) = child.stdout().take() {
        let (started, reads) = (Arc::clone(started), reads.clone());
        core.tasks.background(async move {
            started.log.read(pipe).await;
            drop(reads);
        });
    }
    if let Some(pipe) = child.stderr().take() {
        let started = Arc::clone(started);
        core.tasks.background(async move {
            started.log.read(pipe).await;
            drop(reads);
        });
    }
    said_all
}

/// Wait until STARTED is ready and let it be called. Ends only when it never
/// is, with the reason.
async fn attend(core: &Arc<Core>, started: &Started) -> String {
    let ready = async {
        while !answers(core, started.kind, &started.url()).await {
            tokio::time::sleep(PACE).await;
        }
    };
    if tokio::time::timeout(LOADING, ready).await.is_err() {
        return format!("it was not ready after {} minutes", LOADING.as_secs() / 60);
    }
    offer(core, started).await;
    started.set_state(State::Ready);
    tell(core, started, None);
    std::future::pending().await
}

/// Whether a server of KIND at URL is ready.
pub(crate) async fn answers(core: &Core, kind: Kind, url: &str) -> bool {
    let url = format!("{url}{}", kind.health());
    let call = Call { url: &url, key: None, headers: &[], json: None, accept: "application/json" };
    core.clients.knock(Locality::Local).send(call).await.is_ok_and(|reply| reply.status() == 200)
}

/// Let STARTED be called: now, and where it was found missing before.
async fn offer(core: &Arc<Core>, started: &Started) {
    started.offer(true);
    core.nearby.forget().await;
    core.local.forget_models();
    let Ok(setup) = core.setup().await else { return };
    let at_port = |url: &str| port_here(url) == Some(started.port);
    let setup = match setup.accounts.values().any(|it| at_port(&it.provider.base_url)) {
        true => setup,
        false => match core.rejoin().await {
            Ok(setup) => setup,
            Err(error) => return core.notice("config", &error),
        },
    };
    let here = |name: &str| {
        setup.accounts.get(name).is_some_and(|account| at_port(&account.provider.base_url))
    };
    let out = core.watch.all().into_iter().filter(|it| here(&it.account));
    let retried = out.filter_map(|it| core.watch.retry(&(it.account, it.model), now_ms()));
    core.tell_health(retried.collect());
}

/// Let STARTED not be called any more.
async fn withdraw(core: &Arc<Core>, started: &Started) {
    if !started.is_offered() {
        return;
    }
    started.offer(false);
    core.nearby.forget().await;
    core.local.forget_models();
    // What the file names stays, and at the usual port so does the account.
    if let Err(error) = core.rejoin().await {
        core.notice("config", &error);
    }
}

/// STARTED is over, with STATE. One that nobody stopped, and that was ready,
/// is missed.
fn finish(core: &Core, started: &Started, state: State) {
    let was_ready = started.state() == State::Ready;
    let missed = state
        .problem()
        .filter(|_| was_ready)
        .map(|why| format!("{} at {}: {why}", started.kind.program(), started.url()));
    started.set_state(state);
    started.log.close();
    tell(core, started, missed);
}

/// Tell everybody that STARTED has changed. Without MESSAGE nobody is
/// disturbed by it.
fn tell(core: &Core, started: &Started, message: Option<String>) {
    let mut notice = json!({
        "kind": "local", "server": started.id, "state": started.state().name(),
    });
    if let Some(message) = message {
        notice["message"] = message.into();
    }
    core.queue.push(0, Body::Notice(notice));
}

fn ended(status: std::io::Result<ExitStatus>) -> String {
    match status {
        Ok(status) => format!("it ended by itself ({status})"),
        Err(error) => format!("the system lost it: {error}"),
    }
}
