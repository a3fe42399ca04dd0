//! What a turn is known by when it comes back.

use llm_switch_types::{Message, Part, Role, ToolCall};
use sha2::{Digest, Sha256};

/// The hash of a text: what was said is not kept to be compared.
pub(super) type Print = [u8; 32];

/// A part of a turn, as it comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trace {
    Text(Print),
    /// A call, by its id.
    Call(String),
}

impl Trace {
    /// That of TEXT, unless it is blank: nobody sends that back. What stands
    /// around it is trimmed on the way, more or less of it.
    pub(super) fn text(text: &str) -> Option<Trace> {
        let text = text.trim();
        (!text.is_empty()).then(|| Trace::Text(Sha256::digest(text).into()))
    }

    pub(super) fn call(call: &ToolCall) -> Trace {
        Trace::Call(call.id.clone())
    }

    /// Those of MESSAGE, if it is a turn of the assistant that came without
    /// its thoughts.
    pub(super) fn of(message: &Message) -> Vec<Trace> {
        if message.role != Role::Assistant || message.opaque.is_some() {
            return Vec::new();
        }
        let texts = message.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Trace::text(text),
            Part::Media(_) => None,
        });
        texts.chain(message.tool_calls.iter().map(Trace::call)).collect()
    }
}

/// The hash of the question that MESSAGES end with, but for what the
/// assistant did about it since.
pub(super) fn question(messages: &[Message]) -> Print {
    let mut hash = Sha256::new();
    let asked = messages.iter().rfind(|message| message.role == Role::User);
    for part in asked.iter().flat_map(|message| &message.parts) {
        let (kind, said) = match part {
            Part::Text(text) => ("text", text.trim()),
            Part::Media(url) => ("media", url.as_str()),
        };
        hash.update(format!("{kind} {} ", said.len()));
        hash.update(said);
    }
    hash.finalize().into()
}
