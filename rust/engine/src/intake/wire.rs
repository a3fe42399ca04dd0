//! The JSON that Lisp submits.

use llm_switch_types::{CacheMark, Effort, Money, Purpose, Role};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A request: an OpenAI chat request with `llm_switch` beside its messages.
#[derive(Deserialize)]
pub(super) struct Wire {
    pub(super) model: Option<String>,
    pub(super) messages: Vec<WireMessage>,
    pub(super) llm_switch: Switch,
    pub(super) stream: Option<bool>,
    pub(super) temperature: Option<f64>,
    pub(super) top_p: Option<f64>,
    pub(super) top_k: Option<u64>,
    pub(super) seed: Option<i64>,
    pub(super) stop: Option<Stop>,
    pub(super) max_tokens: Option<u64>,
    pub(super) max_completion_tokens: Option<u64>,
    pub(super) reasoning_effort: Option<Effort>,
    pub(super) tools: Option<Vec<WireTool>>,
    pub(super) tool_choice: Option<Value>,
    pub(super) parallel_tool_calls: Option<bool>,
    pub(super) response_format: Option<Value>,
    /// Ours to set, whatever gptel says.
    #[serde(rename = "stream_options")]
    pub(super) _stream_options: Option<Value>,
    #[serde(flatten)]
    pub(super) extra: Map<String, Value>,
}

/// What has no place in an OpenAI chat request.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Switch {
    pub(super) v: Option<u64>,
    pub(super) purpose: Purpose,
    pub(super) mode: Option<String>,
    #[serde(default)]
    pub(super) pins: Vec<String>,
    #[serde(default = "emacs")]
    pub(super) client: String,
    pub(super) project: Option<String>,
    #[serde(default)]
    pub(super) facts: Facts,
    #[serde(default)]
    pub(super) strict: bool,
    #[serde(default)]
    pub(super) escalate: bool,
    /// Who gave the answer that is asked again.
    pub(super) from: Option<String>,
    pub(super) retries: Option<u32>,
    pub(super) r#continue: Option<Continue>,
    /// In dollars, as text.
    #[serde(default, deserialize_with = "dollars")]
    pub(super) max_cost: Option<Money>,
    #[serde(default, deserialize_with = "dollars")]
    pub(super) ask_above: Option<Money>,
    #[serde(default)]
    pub(super) cache: Vec<CacheMark>,
    pub(super) reasoning_budget: Option<u64>,
    pub(super) show_reasoning: Option<bool>,
}

fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

fn emacs() -> String {
    "emacs".into()
}

/// What Emacs knows beside the request, for the automatic choice.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Facts {
    /// Compilations or test runs of this project that failed in a row.
    pub(crate) failures: u64,
    /// The language of the buffer, such as `rust`.
    pub(crate) language: Option<String>,
}

/// An answer that was cut off.
#[derive(Deserialize)]
pub(super) struct Continue {
    pub(super) text: String,
    /// How many of the messages were there before it; all unless it is told.
    pub(super) after: Option<usize>,
    /// The deployment that broke off.
    pub(super) from: Option<String>,
}

/// One text or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Stop {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
pub(super) struct WireMessage {
    pub(super) role: Role,
    pub(super) content: Option<Value>,
    pub(super) tool_calls: Option<Vec<WireCall>>,
    pub(super) tool_call_id: Option<String>,
    pub(super) is_error: Option<bool>,
    /// What `Done` handed out with the turn, as JSON text.
    pub(super) llm_switch: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct WireCall {
    pub(super) id: String,
    pub(super) function: WireFunction,
}

#[derive(Deserialize)]
pub(super) struct WireFunction {
    pub(super) name: String,
    pub(super) arguments: String,
}

#[derive(Deserialize)]
pub(super) struct WireTool {
    pub(super) function: WireToolFunction,
}

#[derive(Deserialize)]
pub(super) struct WireToolFunction {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) parameters: Option<Value>,
}
