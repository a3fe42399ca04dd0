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
    /// Whether it brings back the thoughts that led to it, where the dialect
    /// has them brought back.
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
        self.last_user().map_or("", |i| &self.messages[i].text)
    }

    /// The place of what the user said last.
    fn last_user(&self) -> Option<usize> {
        (0..self.messages.len())
            .rev()
            .find(|i| self.messages[*i].role == "user" && !self.is_of_tool(*i))
    }

    /// Whether message `i` is of a tool: its result, or media right behind the
    /// results, where they go in a dialect that has no place for them inside.
    pub(crate) fn is_of_tool(&self, i: usize) -> bool {
        let message = &self.messages[i];
        let shows = message.role == "user" && !message.media.is_empty();
        message.role == "tool" || shows && i > 0 && self.messages[i - 1].role == "tool"
    }

    /// The tool results that the conversation ends with, oldest first.
    pub(crate) fn tool_results(&self) -> Vec<&str> {
        let is_of_tool = |i: &usize| self.is_of_tool(*i);
        let last = (0..self.messages.len()).rev().take_while(is_of_tool).map(|i| &self.messages[i]);
        let results = last.filter(|m| m.role == "tool").map(|m| m.text.as_str());
        let mut results: Vec<&str> = results.collect();
        results.reverse();
        results
    }

    /// The first message of the tool loop under way that calls tools without
    /// the thoughts that led to it.
    pub(crate) fn thoughtless(&self) -> Option<&Message> {
        let begin = self.last_user().unwrap_or(0);
        self.messages.iter().skip(begin).find(|m| !m.calls.is_empty() && !m.has_thoughts)
    }

    /// Whether the body has a member at this path, its names parted by dots.
    pub(crate) fn names(&self, path: &str) -> bool {
        path.split('.').try_fold(&self.body, |value, name| value.get(name)).is_some()
    }
}
