//! What `ollama` servers send, as loosely as they do.

use llm_switch_types::Usage;
use serde::Deserialize;
use serde_json::Value;

/// A line of a stream, or a whole answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Line {
    pub(super) model: Option<String>,
    pub(super) message: Option<Delta>,
    pub(super) done: Option<bool>,
    pub(super) done_reason: Option<String>,
    pub(super) prompt_eval_count: Option<u64>,
    pub(super) eval_count: Option<u64>,
    pub(super) error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    pub(super) content: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) tool_calls: Option<Vec<Call>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Call {
    pub(super) id: Option<String>,
    pub(super) function: Option<Function>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<Value>,
}

/// What LINE says was used. Here the prompt is what had to be read of it: what
/// lay in the cache is not always counted, and the count is left out where all
/// of it did. Thoughts lie inside `eval_count`, and are not told apart.
pub(super) fn usage(line: &Line) -> Option<Usage> {
    line.prompt_eval_count.or(line.eval_count)?;
    Some(Usage {
        input: line.prompt_eval_count.unwrap_or(0),
        output: line.eval_count.unwrap_or(0),
        ..Usage::default()
    })
}
