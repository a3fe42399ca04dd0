//! What an answer is made of, in no service's words.

use crate::{Money, ToolCall, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A piece of an answer. A dialect decodes the service's stream to these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Text for the user.
    Text(String),
    /// Text of the model's reasoning.
    Reasoning(String),
    /// A tool call, complete.
    ToolCall(ToolCall),
    /// The model that the service says it serves.
    Served(String),
    /// The service tier at which it is served, in the service's word.
    ServiceTier(String),
    /// What has been used; a later one replaces an earlier one.
    Usage(Usage),
    /// What the service says the request cost.
    Reported(Money),
    /// To be sent back unchanged with this turn.
    Opaque(Value),
    /// The model stopped, and why. Comes once, and usage may still follow.
    Stop(StopReason),
}

/// Why the model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// It had said all.
    End,
    /// The output limit was reached.
    Length,
    /// It wants tools to be run.
    ToolCalls,
    /// The service withheld the rest.
    ContentFilter,
}

impl StopReason {
    /// The word for it on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Length => "length",
            Self::ToolCalls => "tool-calls",
            Self::ContentFilter => "content-filter",
        }
    }
}
