//! What `gemini` services send, as loosely as they do.
//!
//! Parts stay JSON: they go back as they came, with whatever a later version
//! of the service puts into them.

use llm_switch_types::Usage;
use serde::Deserialize;
use serde_json::Value;

/// A piece of an answer, or a whole one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk {
    pub(super) candidates: Option<Vec<Option<Candidate>>>,
    pub(super) prompt_feedback: Option<Feedback>,
    pub(super) usage_metadata: Option<Value>,
    pub(super) model_version: Option<String>,
    pub(super) error: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    pub(super) index: Option<u64>,
    pub(super) content: Option<Content>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Content {
    pub(super) parts: Option<Vec<Value>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub(super) block_reason: Option<String>,
}

/// The disjoint buckets of a `usageMetadata` object, whose counts are those of
/// the whole answer so far. Here cached tokens lie inside `promptTokenCount`,
/// thoughts beside `candidatesTokenCount`, and what the service's own tools
/// put before the model beside both. A proxy that does not know sends zeros.
pub(super) fn usage(wire: &Value) -> Option<Usage> {
    let count = |name: &str| wire.get(name).and_then(Value::as_u64).unwrap_or(0);
    let cache_read = count("cachedContentTokenCount");
    let fresh = count("promptTokenCount").saturating_sub(cache_read);
    let reasoning = count("thoughtsTokenCount");
    let usage = Usage {
        input: fresh.saturating_add(count("toolUsePromptTokenCount")),
        cache_read,
        output: count("candidatesTokenCount").saturating_add(reasoning),
        reasoning,
        ..Usage::default()
    };
    (usage != Usage::default()).then_some(usage)
}
