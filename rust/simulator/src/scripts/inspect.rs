//! The script that tells what it received.

use crate::{
    prompt::{Message, Prompt, ToolOffer},
    reply::{Answer, Reply},
};
use serde_json::{Value, json};

/// Header values are left out on purpose: what this says ends up in buffers,
/// logs and test reports, and the key is among them.
pub(crate) fn inspect(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let answer = || Answer::text(&report(prompt).to_string(), prompt.tokens());
    parameters.is_empty().then(|| answer().into())
}

fn report(prompt: &Prompt) -> Value {
    let message = |m: &Message| json!({"role": m.role, "text": m.text, "media": m.media});
    let tool = |tool: &ToolOffer| json!({"name": tool.name, "parameters": tool.parameters});
    json!({
        "model": prompt.model,
        "stream": prompt.stream,
        "include_usage": prompt.include_usage,
        "messages": prompt.messages.iter().map(message).collect::<Vec<_>>(),
        "tools": prompt.tools.iter().map(tool).collect::<Vec<_>>(),
        "parameters": prompt.parameters,
        "headers": prompt.caller.headers,
        "key_matches": prompt.caller.key_matches,
    })
}
