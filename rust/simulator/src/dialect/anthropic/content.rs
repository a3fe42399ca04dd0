//! Blocks of content.

use crate::moves::Block;
use serde_json::{Value, json};

/// A block as it is announced in a stream: what comes in deltas is empty yet.
pub(super) fn opened(block: &Block) -> Value {
    match block {
        Block::Thoughts { .. } => json!({"type": "thinking", "thinking": "", "signature": ""}),
        Block::Hidden { seal } => json!({"type": "redacted_thinking", "data": seal}),
        Block::Text(_) => json!({"type": "text", "text": ""}),
        Block::Call { id, name, .. } => tool_use(id.as_deref(), name, json!({})),
    }
}

/// A block in one piece.
pub(super) fn complete(block: &Block) -> Value {
    match block {
        Block::Thoughts { text, seal } => {
            json!({"type": "thinking", "thinking": text, "signature": seal})
        }
        Block::Text(text) => json!({"type": "text", "text": text}),
        Block::Call { id, name, arguments } => {
            let input = serde_json::from_str(arguments).unwrap_or_else(|_| json!({}));
            tool_use(id.as_deref(), name, input)
        }
        Block::Hidden { .. } => opened(block),
    }
}

fn tool_use(id: Option<&str>, name: &str, input: Value) -> Value {
    // A script may leave the id out; this dialect never does.
    let id = id.map_or_else(|| "toolu_none".to_owned(), |id| id.replace("call_", "toolu_"));
    json!({"type": "tool_use", "id": id, "name": name, "input": input})
}
