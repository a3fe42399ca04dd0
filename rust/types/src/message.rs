//! One turn of a conversation.

use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Standing instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The result of a tool that the model called.
    Tool,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order. Empty for a turn that only calls tools.
    pub parts: Vec<Part>,
    /// Tools that the assistant calls in this turn.
    pub tool_calls: Vec<ToolCall>,
    /// In a tool's turn: the call that this answers.
    pub tool_call_id: Option<String>,
    /// In a tool's turn: the tool failed.
    pub is_error: bool,
    /// What the service wants back unchanged with an assistant's turn
    /// (reasoning text, signatures), as the decoder handed it out.
    pub opaque: Option<serde_json::Value>,
}

impl Message {
    /// A turn of ROLE that says TEXT.
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Message {
            role,
            parts: vec![Part::Text(text.into())],
            tool_calls: Vec::new(),
            tool_call_id: None,
            is_error: false,
            opaque: None,
        }
    }
}

/// A piece of a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Plain text.
    Text(String),
    /// An image or document by address, or inline as `data:MIME;base64,…`.
    Media(String),
}

impl Part {
    /// The media type and the base64 text of media that stands inline.
    pub fn inline(&self) -> Option<(&str, &str)> {
        let Part::Media(url) = self else { return None };
        url.strip_prefix("data:")?.split_once(";base64,")
    }
}

/// A call of a tool by the model, complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call; always begins with `call_`, which gptel relies on.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// The arguments, as the JSON text that the model wrote.
    pub arguments: String,
}
