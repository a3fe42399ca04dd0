//! Listening to a server that was started.

use super::{Lists, Running};
use crate::core::Core;
use crate::event::Body;
use llm_switch_mcp::{Event, State};
use serde_json::json;
use std::sync::{Arc, Weak};
use tokio::sync::mpsc;

/// Events that are looked at together.
const TOGETHER: usize = 64;

/// Listen to what is HEARD of RUNNING, whose definition has HASH, until it is
/// forgotten.
pub(crate) fn follow(
    core: &Arc<Core>,
    running: &Arc<Running>,
    hash: String,
    mut heard: mpsc::UnboundedReceiver<Event>,
) {
    let (core, running) = (Arc::clone(core), Arc::downgrade(running));
    let tasks = core.tasks.clone();
    tasks.background(async move {
        let mut events = Vec::new();
        while heard.recv_many(&mut events, TOGETHER).await > 0 {
            // Some say five times in a row that their tools have changed.
            events.dedup();
            let Some(running) = Weak::upgrade(&running) else { return };
            for event in events.drain(..) {
                take(&core, &running, &hash, event).await;
            }
        }
    });
}

async fn take(core: &Core, running: &Running, hash: &str, event: Event) {
    let change = match event {
        Event::State { state } => {
            if let State::Ready { info } = &state {
                // It is found out again when it cannot be kept.
                let _ = core.mcp.eras.change(|eras| drop(eras.insert(hash.to_owned(), info.era)));
                list(running).await;
            } else {
                running.listed.send_replace(false);
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
        Event::Message { level, logger, data } => {
            running.heard(json!({"level": level, "logger": logger, "data": data}));
            "message"
        }
    };
    tell(core, running, change);
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
    if let Ok(tools) = listed {
        running.lists.write().tools = tools.into();
    }
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
