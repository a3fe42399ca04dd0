//! What the user asked, in no service's words.

use crate::Message;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the user asked, in no service's words. A dialect encodes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The conversation, oldest turn first.
    pub messages: Vec<Message>,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// `auto`, `none`, `required`, or `{"type": "function", …}`, as the
    /// OpenAI chat API writes it. `None` leaves it to the service.
    pub tool_choice: Option<Value>,
    /// Whether several tools may be called in one turn.
    pub parallel_tool_calls: Option<bool>,
    /// The most tokens the answer may have.
    pub max_output_tokens: Option<u64>,
    /// Sampling temperature.
    pub temperature: Option<f64>,
    /// The form of the answer, as the OpenAI chat API's `response_format`.
    pub response_format: Option<Value>,
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
