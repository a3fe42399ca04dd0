//! What a service does differently, as data that encoders act on.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a service does differently. The default is nothing special.
///
/// Only what an encoder can act on stands here; whatever is not sure is left
/// out, because a service that refuses a parameter says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Quirks {
    /// Standing instructions go under the role `developer`.
    pub developer_role: bool,
    /// Every assistant's turn must carry `reasoning_content`, if only empty.
    pub echo_reasoning_content: bool,
    /// Fields that every request carries, unless the user set them.
    pub extra_body: Map<String, Value>,
    /// Parameters that the service refuses or ignores: they are not sent.
    pub refused_parameters: Vec<String>,
    /// Parameters that have another name there.
    pub renamed_parameters: BTreeMap<String, String>,
    /// The output limit to send where none is asked for, because the
    /// service's own is a few words.
    pub default_max_tokens: Option<u64>,
    /// Models, by how their names begin, that want `max_completion_tokens`
    /// although the provider's others do not.
    pub max_completion_tokens_models: Vec<String>,
    /// A tool call's id has exactly this many letters and digits.
    pub tool_call_id_length: Option<usize>,
    /// Keywords of JSON Schema that the service refuses; with any of them,
    /// it refuses a schema without keywords too.
    pub refused_schema_keywords: Vec<String>,
    /// Every property of a tool's schema needs a `type`.
    pub typed_properties: bool,
    /// The form of the answer cannot be asked for beside tools.
    pub format_or_tools: bool,
    /// How reasoning is switched, beside or instead of its effort.
    pub thinking: Option<ThinkingSwitch>,
}

/// How an `openai-chat` request switches reasoning on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThinkingSwitch {
    /// `thinking: {type: "enabled" | "disabled"}`.
    Type,
    /// `enable_thinking: true | false`.
    Enable,
    /// `reasoning: {enabled: true | false}`.
    Reasoning,
}

/// The field of an `openai-chat` request that limits the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// The old name, which every server but OpenAI's own family accepts.
    #[default]
    MaxTokens,
    /// The name that OpenAI, Groq, Cerebras and OpenRouter want.
    MaxCompletionTokens,
}
