//! Listening to a server that was started.

use super::{Lists, Running};
use crate::core::Core;
use crate::event::Body;
use llm_switch_mcp::{Era, Event, State};
use serde_json::json;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// Events that are looked at together.
const TOGETHER: usize = 1024;

/// How long after a change the next one of the same server is looked at. Some
/// say that their tools have changed whenever these are listed, and each change
/// makes Emacs ask for all of them.
const PACE: Duration = Duration::from_millis(250);

/// How long a server that says nothing is listened to before it is looked
/// whether it is still there.
const SILENCE: Duration = Duration::from_secs(60);

/// Listen to what is HEARD of RUNNING, whose definition has HASH, until it is
/// forgotten.
pub(crate) fn follow(
    core: &Arc<Core>,
    running: &Arc<Running>,
    hash: String,
    mut heard: mpsc::UnboundedReceiver<Event>,
) {
    listen(core, running);
    let (core, running) = (Arc::clone(core), Arc::downgrade(running));
    let tasks = core.tasks.clone();
    tasks.background(async move {
        let mut events = Vec::new();
        while heard.recv_many(&mut events, TOGETHER).await > 0 {
            let mut changed = false;
            for event in each_once(events.drain(..)) {
                let Some(running) = Weak::upgrade(&running) else { return };
                changed |= !matches!(event, Event::State { .. });
                take(&core, &running, &hash, event).await;
            }
            if changed {
                sleep(PACE).await;
            }
        }
    });
}

/// Tell that RUNNING says something, not faster than it can be read.
fn listen(core: &Arc<Core>, running: &Arc<Running>) {
    let messages = Arc::clone(&running.messages);
    let (core, running) = (Arc::clone(core), Arc::downgrade(running));
    let tasks = core.tasks.clone();
    tasks.background(async move {
        loop {
            let is_new = timeout(SILENCE, messages.changed()).await.is_ok();
            match Weak::upgrade(&running) {
                Some(running) if is_new => tell(&core, &running, "message"),
                Some(_) => {}
                None => return,
            }
            sleep(PACE).await;
        }
    });
}

/// EVENTS without the changes that come again: what is listed for the first of
/// them is what there is.
fn each_once(events: impl Iterator<Item = Event>) -> Vec<Event> {
    let mut kept: Vec<Event> = Vec::new();
    for event in events {
        if matches!(event, Event::State { .. }) || !kept.contains(&event) {
            kept.push(event);
        }
    }
    kept
}

async fn take(core: &Arc<Core>, running: &Running, hash: &str, event: Event) {
    let change = match event {
        Event::State { state } => {
            if let State::Ready { info } = &state {
                remember(core, hash, info.era).await;
                list(running).await;
            } else {
                // Whoever waits for the lists of one that is over waits for
                // nothing.
                running.listed.send_replace(!matches!(state, State::Starting));
            }
            "state"
        }
        Event::ToolsChanged => {
            list_tools(running).await;
            "tools"
        }
        Event::ResourcesChanged => {
            list_resources(running).await;
            "resources"
        }
        Event::PromptsChanged => {
            list_prompts(running).await;
            "prompts"
        }
        Event::ResourceUpdated { .. } => "resources",
        // It is heard where it is told: see `start`.
        Event::Message { .. } => return,
    };
    tell(core, running, change);
}

/// The server whose definition has HASH began as in ERA; it is found out again
/// when that cannot be kept.
async fn remember(core: &Arc<Core>, hash: &str, era: Era) {
    let (keeper, hash) = (Arc::clone(core), hash.to_owned());
    let keep = move || {
        let eras = &keeper.mcp.eras;
        if !eras.get().is_ok_and(|known| known.get(&hash) == Some(&era)) {
            let _ = eras.change(|known| {
                known.insert(hash, era);
            });
        }
    };
    let _ = core.tasks.blocking(keep).await;
}

/// Tell who looks at it that something of RUNNING has changed.
pub(crate) fn tell(core: &Core, running: &Running, change: &str) {
    let notice = json!({
        "kind": "mcp", "server": running.name(), "project": running.project, "change": change,
    });
    core.queue.push(0, Body::Notice(notice));
}

/// Ask for all lists; the tools first, for which somebody waits.
async fn list(running: &Running) {
    list_tools(running).await;
    running.listed.send_replace(true);
    list_resources(running).await;
    list_prompts(running).await;
}

async fn list_tools(running: &Running) {
    let listed = running.server.tools().await;
    *running.trouble.lock() = listed.as_ref().err().cloned();
    if let Ok(mut tools) = listed {
        let all = tools.len();
        // No rule can be about a tool without a name, and no model can call it.
        tools.retain(|it| !it.name.is_empty());
        *running.left_out.lock() = left_out(all - tools.len());
        running.lists.write().tools = tools.into();
    }
}

/// What is said of COUNT tools that bear no name.
fn left_out(count: usize) -> Option<String> {
    let what = match count {
        0 => return None,
        1 => "one of its tools has no name and is left out".to_owned(),
        _ => format!("{count} of its tools have no name and are left out"),
    };
    Some(what + ": tell who wrote it")
}

// What else cannot be listed is as before: its protocol log says why.

async fn list_resources(running: &Running) {
    if let Ok(resources) = running.server.resources().await {
        running.lists.write().resources = resources.into();
    }
    if let Ok(templates) = running.server.templates().await {
        running.lists.write().templates = templates.into();
    }
}

async fn list_prompts(running: &Running) {
    if let Ok(prompts) = running.server.prompts().await {
        running.lists.write().prompts = prompts.into();
    }
}

impl Running {
    /// What it lists now.
    pub(crate) fn lists(&self) -> Lists {
        self.lists.read().clone()
    }
}
