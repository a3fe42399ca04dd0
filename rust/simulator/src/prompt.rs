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
    /// The whole body.
    pub(crate) body: Value,
    pub(crate) caller: Caller,
}

/// A message of the conversation, reduced to its text.
#[derive(Default)]
pub(crate) struct Message {
    /// `system`, `user`, `assistant` or `tool`, whatever the dialect's word.
    pub(crate) role: String,
    pub(crate) text: String,
    /// Images and documents in it: `{mime, data}` or `{url}`.
    pub(crate) media: Vec<Value>,
    /// Its place in the request's list, or that of what it was a part of.
    pub(crate) place: usize,
    /// The names of the tools that it calls.
    pub(crate) calls: Vec<String>,
    /// Whether it brings back the thoughts that led to its calls, where the
    /// dialect has them brought back.
    pub(crate) has_thoughts: bool,
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
    /// The number of the expected key that came.
    pub(crate) key: Option<usize>,
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

    /// The first message of the tool loop under way that calls tools without
    /// the thoughts that led to it.
    pub(crate) fn thoughtless(&self) -> Option<&Message> {
        let begin = self.messages.iter().rposition(|m| m.role == "user").unwrap_or(0);
        self.messages.iter().skip(begin).find(|m| !m.calls.is_empty() && !m.has_thoughts)
    }

    /// Whether the body has a member at this path, its names parted by dots.
    pub(crate) fn names(&self, path: &str) -> bool {
        path.split('.').try_fold(&self.body, |value, name| value.get(name)).is_some()
    }
}
