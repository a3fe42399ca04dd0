//! What a client asked, in no dialect's terms.

use serde_json::{Map, Value};

/// A decoded request for an answer.
#[derive(Default)]
pub(crate) struct Prompt {
    /// The model's name, which is the name of a script.
    pub(crate) model: String,
    pub(crate) stream: bool,
    /// Whether a stream is to end with the count of tokens.
    pub(crate) include_usage: bool,
    pub(crate) messages: Vec<Message>,
    pub(crate) tools: Vec<ToolOffer>,
    /// All that is not named above, as it came.
    pub(crate) parameters: Map<String, Value>,
    pub(crate) caller: Caller,
}

/// A message of the conversation, reduced to its text.
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) text: String,
}

/// A tool that the model may call.
pub(crate) struct ToolOffer {
    pub(crate) name: String,
    /// JSON Schema of its arguments.
    pub(crate) parameters: Value,
}

/// What the HTTP request says about who asks.
#[derive(Clone, Default)]
pub(crate) struct Caller {
    /// Number of this request since the simulator started.
    pub(crate) number: u64,
    /// Names of the request's headers, in lower case. Values may be secrets.
    pub(crate) headers: Vec<String>,
    /// Whether the expected key came; `None` where none is expected.
    pub(crate) key_matches: Option<bool>,
}

impl Prompt {
    /// The prompt's length in tokens, a token being a word here.
    pub(crate) fn tokens(&self) -> u64 {
        self.messages.iter().map(|m| m.text.split_whitespace().count() as u64).sum()
    }

    /// What the user said last.
    pub(crate) fn last_user_text(&self) -> &str {
        self.messages.iter().rev().find(|m| m.role == "user").map_or("", |m| &m.text)
    }

    /// The tool results that the conversation ends with, oldest first.
    pub(crate) fn tool_results(&self) -> Vec<&str> {
        let is_result = |m: &&Message| m.role == "tool";
        let mut results: Vec<&str> =
            self.messages.iter().rev().take_while(is_result).map(|m| m.text.as_str()).collect();
        results.reverse();
        results
    }
}
