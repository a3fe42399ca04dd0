//! `openai-chat`: `POST /chat/completions`, as OpenAI and its many imitators
//! speak it.

mod error;
mod request;
mod stream;
mod whole;

use super::Dialect;
use crate::{
    prompt::Prompt,
    refusal::{Refusal, Said},
    reply::Answer,
    request::Head,
    response::Response,
    script::SCRIPTS,
    seal,
    steps::{Finish, ReasoningField, Usage},
};
use serde_json::{Map, Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) use error::say;

/// What stands in the head of each of OpenAI's answers beside the limits: a
/// head of a real one's length is read by Emacs as a real one is.
const HEAD: &[(&str, &str)] = &[
    ("openai-organization", "org-simulator"),
    ("openai-processing-ms", "12"),
    ("openai-version", "2020-10-01"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    ("x-content-type-options", "nosniff"),
    ("cf-cache-status", "DYNAMIC"),
    ("cf-ray", "8f0c0ffee0c0ffee-SIM"),
    ("alt-svc", "h3=\":443\"; ma=86400"),
];

/// `POST /v1/chat/completions`.
pub(super) struct OpenAiChat;

impl Dialect for OpenAiChat {
    fn answers_at(&self, path: &str) -> bool {
        path == "/v1/chat/completions"
    }

    fn read(&self, _: &Head, body: &[u8]) -> Result<Prompt, Refusal> {
        request::read(body)
    }

    fn answer(&self, answer: Answer, prompt: &Prompt) -> Response {
        let completion = Completion::new(&answer, prompt);
        let response = if prompt.stream {
            Response::events(stream::parts(completion, answer, prompt.include_usage))
        } else {
            whole::response(&completion, answer)
        };
        HEAD.iter().fold(response, |response, (name, value)| response.header(name, value))
    }

    fn say(&self, refusal: &Refusal, model: &str) -> Said {
        error::say(refusal, model)
    }

    fn information(&self, method: &str, path: &str, _: &[u8]) -> Option<Response> {
        match (method, path) {
            ("GET", "/v1/models") => Some(models()),
            ("GET", "/props") => Some(props()),
            _ => None,
        }
    }

    fn limits(&self) -> Vec<(&'static str, String)> {
        limits()
    }
}

/// The list of models, which is the table of scripts.
fn models() -> Response {
    let model = |script: &crate::Script| {
        json!({"id": script.example, "object": "model", "created": 0, "owned_by": "simulator",
               "form": script.form, "description": script.about})
    };
    let data: Vec<Value> = SCRIPTS.iter().map(model).collect();
    Response::json(200, json!({"object": "list", "data": data}))
}

/// What llama-server tells of the one model that it has loaded.
fn props() -> Response {
    let body = json!({
        "default_generation_settings": {"n_ctx": 8192},
        "total_slots": 1,
        "model_path": "/models/hello.gguf",
        "modalities": {"vision": false, "audio": false},
        "chat_template": "",
    });
    Response::json(200, body)
}

/// The headers in which OpenAI tells how much is left.
pub(super) fn limits() -> Vec<(&'static str, String)> {
    [
        ("x-ratelimit-limit-requests", "5000"),
        ("x-ratelimit-limit-tokens", "800000"),
        ("x-ratelimit-remaining-requests", "4999"),
        ("x-ratelimit-remaining-tokens", "799000"),
        ("x-ratelimit-reset-requests", "12ms"),
        ("x-ratelimit-reset-tokens", "6m0s"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// What all JSON texts of one answer have in common.
struct Completion {
    id: String,
    /// Seconds since 1970.
    created: u64,
    /// The model's name, as a JSON string.
    model: Value,
}

impl Completion {
    fn new(answer: &Answer, prompt: &Prompt) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Completion {
            id: format!("chatcmpl-{}", prompt.caller.number),
            created: now.as_secs(),
            model: json!(answer.served.as_deref().unwrap_or(&prompt.model)),
        }
    }

    /// The members that stand first in each JSON text.
    fn head(&self, object: &str) -> String {
        let Completion { id, created, model } = self;
        format!(r#""id":"{id}","object":"{object}","created":{created},"model":{model}"#)
    }
}

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::ContentFilter => "content_filter",
        Finish::ToolCalls => "tool_calls",
    }
}

/// The members of a delta or a message that hold these thoughts.
fn thoughts(field: ReasoningField, text: &str) -> Map<String, Value> {
    let members: &[&str] = match field {
        ReasoningField::ReasoningContent => &["reasoning_content"],
        ReasoningField::Reasoning => &["reasoning"],
        ReasoningField::ReasoningText => &["reasoning_text"],
        ReasoningField::Both => &["reasoning", "reasoning_content"],
        ReasoningField::Details => &["reasoning_details"],
        ReasoningField::Hidden => &[],
    };
    let value = match field {
        ReasoningField::Details => json!([{"type": "reasoning.text", "text": text, "index": 0}]),
        _ => json!(text),
    };
    members.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
}

/// The members that seal these thoughts. Only OpenRouter, which passes on what
/// other wires seal, knows such a thing here.
fn sealed(field: ReasoningField, text: &str) -> Map<String, Value> {
    let seal = seal::of(text);
    let detail = match field {
        ReasoningField::Details => json!({"type": "reasoning.text", "signature": seal,
            "format": "anthropic-claude-v1", "index": 0}),
        ReasoningField::Hidden => json!({"type": "reasoning.encrypted", "data": seal,
            "format": "anthropic-claude-v1", "index": 0}),
        _ => return Map::new(),
    };
    Map::from_iter([("reasoning_details".to_owned(), json!([detail]))])
}

fn usage(usage: &Usage) -> Value {
    let mut value = json!({
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.output,
        "total_tokens": usage.prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    });
    // Only the newest models have this counter.
    if usage.written + usage.written_hour > 0 {
        value["prompt_tokens_details"]["cache_write_tokens"] =
            json!(usage.written + usage.written_hour);
    }
    if let Some(cost) = &usage.cost {
        value["cost"] = json!(cost);
        value["is_byok"] = json!(false);
    }
    value
}
