//! What the user interface hears.

use llm_switch_types::ToolCall;
use serde_json::Value;

/// An event and whom it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    /// The id that submit or call returned; 0 for notices to everybody.
    pub id: i64,
    /// What happened.
    pub body: Body,
}

/// What happened. `Done`, `Error` and `Value` are terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Text of the answer; pieces that wait in the queue are joined.
    Text(String),
    /// Reasoning of the model, likewise.
    Reasoning(String),
    /// The model wants this tool to be run.
    ToolCall(ToolCall),
    /// Rust needs something: `question` (its id), `kind`, and what the kind
    /// says. Answered by `call "question.answer"`.
    Question(Value),
    /// Nobody waits any more for the answer to a `question` (its id).
    Withdrawn(Value),
    /// Another deployment is asked in the place of one that failed or is out,
    /// and nothing was seen of an answer yet: `from`, `to`, `reason`,
    /// `failure` (its class), `asked` (whether `from` was asked at all), and
    /// `from-price` and `to-price`: `input` and `output` in dollars per
    /// million tokens as text, or null.
    Fallback(Value),
    /// How far a call of a tool is: `done`, and `total` and `message` where its
    /// server tells them.
    Progress(Value),
    /// Something that concerns everybody: `kind`, `message`.
    Notice(Value),
    /// The answer is complete; see `recording` for the fields.
    Done(Value),
    /// It failed; the fields of an error and those of `Done` that are known.
    Error(Value),
    /// What a method returned.
    Value(Value),
}

impl Body {
    /// The word for it in Lisp.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Reasoning(_) => "reasoning",
            Self::ToolCall(_) => "tool-call",
            Self::Question(_) => "question",
            Self::Withdrawn(_) => "withdrawn",
            Self::Fallback(_) => "fallback",
            Self::Progress(_) => "progress",
            Self::Notice(_) => "notice",
            Self::Done(_) => "done",
            Self::Error(_) => "error",
            Self::Value(_) => "value",
        }
    }

    /// Whether nothing comes after it.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Error(_) | Self::Value(_))
    }

    /// Whether it may wait for more of its kind. Whatever is not text is
    /// waited for by somebody.
    pub(crate) const fn can_wait(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Reasoning(_))
    }

    /// Join NEXT to this when both are text of one kind and the whole has at
    /// most LIMIT bytes; whether that was done.
    pub(crate) fn joins(&mut self, next: &Body, limit: usize) -> bool {
        match (self, next) {
            (Self::Text(text), Self::Text(more))
            | (Self::Reasoning(text), Self::Reasoning(more))
                if text.len() + more.len() <= limit =>
            {
                text.push_str(more);
                true
            }
            _ => false,
        }
    }
}
