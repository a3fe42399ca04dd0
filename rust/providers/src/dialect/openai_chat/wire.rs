//! What `openai-chat` services send, as loosely as they do.
//!
//! Every field is an `Option`: services send `null` where the specification
//! has a value, and leave out what it requires. Fields whose type differs
//! between services stay JSON and are read by hand.

use llm_switch_types::Usage;
use serde::Deserialize;
use serde_json::Value;

/// A chunk of a stream, or a whole answer.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    pub(super) model: Option<String>,
    pub(super) choices: Option<Vec<Option<Choice>>>,
    pub(super) usage: Option<Value>,
    pub(super) service_tier: Option<String>,
    pub(super) error: Option<Value>,
    pub(super) object: Option<String>,
    /// vLLM's older errors carry these at the top.
    pub(super) message: Option<String>,
    pub(super) code: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    pub(super) index: Option<u64>,
    /// In a stream.
    pub(super) delta: Option<Delta>,
    /// In a whole answer.
    pub(super) message: Option<Delta>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    /// A string; Mistral sends parts.
    pub(super) content: Option<Value>,
    pub(super) refusal: Option<String>,
    pub(super) reasoning_content: Option<String>,
    pub(super) reasoning: Option<Value>,
    pub(super) reasoning_text: Option<String>,
    pub(super) reasoning_details: Option<Vec<Value>>,
    pub(super) tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct CallDelta {
    pub(super) index: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) function: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionDelta {
    pub(super) name: Option<String>,
    /// A fragment of JSON text; some servers send the object itself.
    pub(super) arguments: Option<Value>,
}

impl Delta {
    /// The reasoning and where it stood. Some hosts send the same text under
    /// two names: the first that is not empty counts.
    pub(super) fn reasoning(&self) -> Option<(&'static str, &str)> {
        let fields = [
            ("reasoning_content", self.reasoning_content.as_deref()),
            ("reasoning", self.reasoning.as_ref().and_then(Value::as_str)),
            ("reasoning_text", self.reasoning_text.as_deref()),
        ];
        fields.into_iter().find_map(|(name, text)| Some((name, text.filter(|it| !it.is_empty())?)))
    }
}

/// The disjoint buckets of a `usage` object. Here cached and written tokens
/// lie inside `prompt_tokens`, and reasoning inside `completion_tokens`.
pub(super) fn usage(wire: &Value) -> Option<Usage> {
    let count = |path: &str| wire.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    let first = |paths: &[&str]| paths.iter().map(|path| count(path)).find(|n| *n > 0).unwrap_or(0);
    wire.as_object()?;
    let cache_read = first(&["/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens"]);
    let cache_write = count("/prompt_tokens_details/cache_write_tokens");
    let input = count("/prompt_tokens").saturating_sub(cache_read.saturating_add(cache_write));
    Some(Usage {
        input,
        cache_read,
        cache_write_5m: cache_write,
        output: count("/completion_tokens"),
        reasoning: count("/completion_tokens_details/reasoning_tokens"),
        audio_input: count("/prompt_tokens_details/audio_tokens").min(input),
        audio_output: count("/completion_tokens_details/audio_tokens"),
        ..Usage::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_that_cannot_be_are_no_panic() {
        let details = json!({"cached_tokens": u64::MAX, "cache_write_tokens": 1});
        let usage = usage(&json!({"prompt_tokens": 5, "prompt_tokens_details": details})).unwrap();
        assert_eq!((usage.input, usage.cache_read), (0, u64::MAX));
    }
}
