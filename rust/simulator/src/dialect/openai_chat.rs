//! `openai-chat`: `POST /chat/completions`, as OpenAI and its many imitators
//! speak it.

mod error;
mod request;
mod stream;
mod whole;

pub(crate) use error::refuse;
pub(crate) use request::read;

use crate::{
    prompt::Prompt,
    reply::Answer,
    response::Response,
    script::SCRIPTS,
    steps::{Finish, ReasoningField, Usage},
};
use serde_json::{Map, Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a payload says that is not JSON.
const NOT_JSON: &str = "this is not JSON";

/// What OpenAI says in the head of each answer. Clients read the limits, and
/// a head of a real one's length is read by Emacs as a real one is.
const HEAD: &[(&str, &str)] = &[
    ("openai-organization", "org-simulator"),
    ("openai-processing-ms", "12"),
    ("openai-version", "2020-10-01"),
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-limit-tokens", "30000000"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-remaining-tokens", "29999990"),
    ("x-ratelimit-reset-requests", "6ms"),
    ("x-ratelimit-reset-tokens", "0s"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
    ("x-content-type-options", "nosniff"),
];

/// The response that carries `answer`, as a stream or in one piece.
pub(crate) fn answer(answer: Answer, prompt: &Prompt) -> Response {
    let completion = Completion::new(&answer, prompt);
    let response = if prompt.stream {
        let events = stream::parts(completion, answer, prompt.include_usage);
        Response::parts("text/event-stream; charset=utf-8", events)
            .header("cache-control", "no-cache")
    } else {
        whole::response(&completion, answer)
    };
    HEAD.iter().fold(response, |response, (name, value)| response.header(name, value))
}

/// The list of models, which is the table of scripts.
pub(crate) fn models() -> Response {
    let model = |script: &crate::Script| {
        json!({"id": script.example, "object": "model", "created": 0, "owned_by": "simulator",
               "form": script.form, "description": script.about})
    };
    let data: Vec<Value> = SCRIPTS.iter().map(model).collect();
    Response::json(200, json!({"object": "list", "data": data}))
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
    };
    let value = match field {
        ReasoningField::Details => json!([{"type": "reasoning.text", "text": text, "index": 0}]),
        _ => json!(text),
    };
    members.iter().map(|name| ((*name).to_owned(), value.clone())).collect()
}

fn usage(usage: &Usage) -> Value {
    let mut value = json!({
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.output,
        "total_tokens": usage.prompt + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0},
    });
    if let Some(cost) = &usage.cost {
        value["cost"] = json!(cost);
        value["is_byok"] = json!(false);
    }
    value
}
