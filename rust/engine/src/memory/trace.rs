//! What a turn is known by when it comes back.

use llm_switch_providers::comparable;
use llm_switch_types::{Message, Part, Role, ToolCall};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The hash of a text: what was said is not kept to be compared.
pub(super) type Print = [u8; 32];

/// A part of a turn, as it comes back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trace {
    Text(Print),
    /// A call, by its id, and by its tool and arguments: some services number
    /// the calls of each answer from 0.
    Call {
        id: String,
        made: Print,
    },
}

impl Trace {
    /// That of TEXT, unless it is blank: nobody sends that back. What stands
    /// around it is trimmed on the way, more or less of it.
    pub(super) fn text(text: &str) -> Option<Trace> {
        let text = text.trim();
        (!text.is_empty()).then(|| Trace::Text(Sha256::digest(text).into()))
    }

    pub(super) fn call(call: &ToolCall) -> Trace {
        let made = json!([call.name, comparable(&call.arguments)]).to_string();
        Trace::Call { id: call.id.clone(), made: Sha256::digest(made).into() }
    }

    /// Whether it is of a call.
    pub(super) fn is_call(&self) -> bool {
        matches!(self, Trace::Call { .. })
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let name = match self {
            Trace::Text(_) => 0,
            Trace::Call { id, .. } => id.len(),
        };
        size_of::<Trace>() + name
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
