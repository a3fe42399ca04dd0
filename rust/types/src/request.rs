//! What the user asked, in no service's words.

use crate::Message;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the user asked, in no service's words. A dialect encodes it.
///
/// Whatever is `None` or empty is left to the service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The conversation, oldest turn first.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// Whether it must, may or must not call them.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called in one turn.
    pub parallel_tool_calls: Option<bool>,
    /// The most tokens the answer may have.
    pub max_output_tokens: Option<u64>,
    /// How the model chooses its words.
    pub sampling: Sampling,
    /// How much the model reasons, and whether that is shown.
    pub reasoning: Reasoning,
    /// The form of the answer.
    pub format: Option<Format>,
    /// What is worth keeping in the service's prompt cache, where it has to
    /// be told.
    pub cache: Vec<CacheMark>,
    /// Whether the answer should arrive as it is made.
    pub stream: bool,
    /// Further parameters that the user set by name, passed on as they are.
    pub extra: Map<String, Value>,
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// What the model calls it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// JSON Schema of its arguments, verbatim.
    pub parameters: Value,
}

/// Whether the model must, may or must not call tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolChoice {
    /// It may.
    Auto,
    /// It must not.
    None,
    /// It must call one.
    Required,
    /// It must call this one.
    Tool(String),
}

/// How the model chooses its words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 always takes the likeliest word.
    pub temperature: Option<f64>,
    /// Only words within this share of the likelihood.
    pub top_p: Option<f64>,
    /// Only this many of the likeliest words.
    pub top_k: Option<u64>,
    /// The same seed gives the same answer, where the service can.
    pub seed: Option<i64>,
    /// Texts at which the answer ends.
    pub stop: Vec<String>,
}

/// How much the model reasons, and whether that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasoning {
    /// In the words that most services use.
    pub effort: Option<Effort>,
    /// The most tokens it may reason with, for services that count instead.
    pub budget: Option<u64>,
    /// Whether its text, or a summary of it, should be sent.
    pub show: Option<bool>,
}

/// How much a model reasons. Which of these a model knows differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "these are the services' own words for more and more")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    Xhigh,
    Max,
}

impl Effort {
    /// The word for it, on every wire that takes words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }
}

/// The form of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Any JSON object.
    Json,
    /// JSON that this schema describes.
    Schema {
        /// What the service calls it.
        name: String,
        /// JSON Schema, verbatim.
        schema: Value,
        /// Whether the service must enforce it.
        strict: bool,
    },
}

/// What is worth keeping in a prompt cache, as gptel's `gptel-cache` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CacheMark {
    /// The system prompt.
    System,
    /// The tools.
    Tool,
    /// The conversation up to its last turn.
    Message,
}
