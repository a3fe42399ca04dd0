//! Items of output: thoughts, messages and calls.

use crate::{moves::Block, prompt::Prompt, seal};
use serde_json::{Value, json};

/// The maker of items. Their ids are unlike those of any other answer.
pub(super) struct Items {
    request: u64,
    /// Whether the request wants thoughts sealed, to send them back itself.
    sealed: bool,
}

impl Items {
    pub(super) fn new(prompt: &Prompt) -> Self {
        let include = prompt.body["include"].as_array();
        let sealed = include.into_iter().flatten().any(|i| i == "reasoning.encrypted_content");
        Items { request: prompt.caller.number, sealed }
    }

    /// The id of the item that stands at `index` and holds `block`.
    pub(super) fn id(&self, index: usize, block: &Block) -> String {
        let prefix = match block {
            Block::Thoughts { .. } | Block::Hidden { .. } => "rs",
            Block::Text(_) => "msg",
            Block::Call { .. } => "fc",
        };
        format!("{prefix}_{}_{index}", self.request)
    }

    /// The item when it begins.
    pub(super) fn added(&self, index: usize, block: &Block) -> Value {
        let id = self.id(index, block);
        match block {
            Block::Thoughts { .. } | Block::Hidden { .. } => {
                json!({"id": id, "type": "reasoning", "summary": []})
            }
            Block::Text(_) => json!({"id": id, "type": "message", "status": "in_progress",
                                     "role": "assistant", "content": []}),
            Block::Call { .. } => call(&id, block, "in_progress"),
        }
    }

    /// The item when it is complete.
    pub(super) fn done(&self, index: usize, block: &Block) -> Value {
        let mut item = self.added(index, block);
        match block {
            Block::Thoughts { text, .. } => {
                item["summary"] = json!([summary(text)]);
                self.seal(&mut item);
            }
            Block::Hidden { .. } => self.seal(&mut item),
            Block::Text(text) => {
                item["status"] = json!("completed");
                item["content"] = json!([output_text(text)]);
            }
            Block::Call { .. } => return call(&self.id(index, block), block, "completed"),
        }
        item
    }

    /// What is encrypted is bound to the item that it stands in.
    fn seal(&self, item: &mut Value) {
        if self.sealed {
            item["encrypted_content"] = json!(seal::of(item["id"].as_str().unwrap_or_default()));
        }
    }
}

/// A part of the summary of thoughts.
pub(super) fn summary(text: &str) -> Value {
    json!({"type": "summary_text", "text": text})
}

/// A part of a message.
pub(super) fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

fn call(item_id: &str, block: &Block, status: &str) -> Value {
    let Block::Call { id, name, arguments } = block else { return Value::Null };
    // A script may leave the call's id out; this dialect never does.
    let call_id = id.as_deref().unwrap_or("call_none");
    json!({"id": item_id, "type": "function_call", "status": status, "call_id": call_id,
           "name": name, "arguments": arguments})
}
