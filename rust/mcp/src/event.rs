//! What a server's owner is told without having asked.

use crate::{Challenge, Exit, Info, secrets::Secrets};
use llm_switch_types::{Error, ErrorKind};
use rmcp::model::LoggingMessageNotificationParam;
use serde::Serialize;
use serde_json::Value;
use std::{borrow::Cow, sync::Arc};

/// What happened at a server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    /// It is in another state.
    State {
        /// Which one.
        state: State,
    },
    /// Its tools are others than before.
    ToolsChanged,
    /// Its resources are others than before.
    ResourcesChanged,
    /// Its prompts are others than before.
    PromptsChanged,
    /// A resource has another content.
    ResourceUpdated {
        /// Which one.
        uri: String,
    },
    /// It says something to whom it may concern.
    Message {
        /// `debug`, `info`, `notice`, `warning`, `error`, `critical`, `alert`
        /// or `emergency`.
        level: String,
        /// The part of it that speaks.
        logger: Option<String>,
        /// What it says, most often a string.
        data: Value,
    },
}

/// What a server is doing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum State {
    /// It is being started, or connected to again.
    Starting,
    /// It can be used.
    Ready {
        /// What it said of itself.
        info: Arc<Info>,
    },
    /// It wants to know who asks.
    NeedsAuth {
        /// What it said to that.
        challenge: Challenge,
    },
    /// It cannot be used until it is started anew.
    Failed {
        /// Why.
        reason: Error,
    },
    /// It was stopped.
    Stopped {
        /// How its process ended, where there was one.
        exit: Option<Exit>,
    },
}

impl Event {
    /// What NOTE says, without the SECRETS that it may repeat.
    pub(crate) fn logged(note: &LoggingMessageNotificationParam, secrets: &Secrets) -> Event {
        let level = serde_json::to_value(note.level).ok();
        let level = level.as_ref().and_then(Value::as_str).unwrap_or("info").to_owned();
        let data = match secrets.hide(&note.data.to_string()) {
            Cow::Borrowed(_) => note.data.clone(),
            Cow::Owned(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        };
        Event::Message { level, logger: note.logger.clone(), data }
    }
}

impl State {
    /// Why a server in this state cannot be used; `None` while it can, or is
    /// about to.
    pub(crate) fn obstacle(&self) -> Option<Error> {
        match self {
            State::Starting | State::Ready { .. } => None,
            State::NeedsAuth { .. } => Some(
                Error::new(ErrorKind::Mcp, "the server wants to know who asks")
                    .advise("Log in to it, then call again"),
            ),
            State::Failed { reason } => Some(reason.clone()),
            State::Stopped { .. } => Some(
                Error::new(ErrorKind::Mcp, "the server was stopped")
                    .advise("Start it, then call again"),
            ),
        }
    }
}
