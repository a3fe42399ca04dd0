//! `anthropic`: `POST /v1/messages`, as Anthropic and its imitators speak it.

mod content;
mod error;
mod request;
mod stream;
mod turns;
mod whole;

use super::{Dialect, bearer};
use crate::{
    prompt::Prompt,
    refusal::{Refusal, Said},
    reply::Answer,
    request::Head,
    response::Response,
    script::SCRIPTS,
    steps::{Finish, Usage},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// `POST /v1/messages`.
pub(super) struct Anthropic;

impl Dialect for Anthropic {
    fn answers_at(&self, path: &str) -> bool {
        path == "/v1/messages"
    }

    fn read(&self, head: &Head, body: &[u8]) -> Result<Prompt, Refusal> {
        request::read(head, body)
    }

    fn answer(&self, answer: Answer, prompt: &Prompt) -> Response {
        let message = Message::new(&answer, prompt);
        if prompt.stream {
            return Response::events(stream::parts(message, answer));
        }
        whole::response(&message, answer)
    }

    fn say(&self, refusal: &Refusal, model: &str) -> Said {
        error::say(refusal, model)
    }

    fn information(&self, method: &str, path: &str, _: &[u8]) -> Option<Response> {
        ((method, path) == ("GET", "/v1/models")).then(models)
    }

    fn key<'a>(&self, head: &'a Head) -> Option<&'a str> {
        head.header("x-api-key").or(bearer(head))
    }

    fn limits(&self) -> Vec<(&'static str, String)> {
        limits(Timestamp::now())
    }

    fn request_id(&self) -> &'static str {
        "request-id"
    }
}

fn models() -> Response {
    let model = |script: &crate::Script| {
        json!({"type": "model", "id": script.example, "display_name": script.form,
               "created_at": "2026-01-01T00:00:00Z", "lifecycle": "active", "retires_at": null,
               "max_input_tokens": 200_000, "max_tokens": 64_000})
    };
    let data: Vec<Value> = SCRIPTS.iter().map(model).collect();
    let id = |script: Option<&crate::Script>| json!(script.map(|script| script.example));
    let (first, last) = (id(SCRIPTS.first()), id(SCRIPTS.last()));
    let body = json!({"data": data, "has_more": false, "first_id": first, "last_id": last});
    Response::json(200, body)
}

/// The headers in which Anthropic tells how much is left at `now`.
fn limits(now: Timestamp) -> Vec<(&'static str, String)> {
    // Whole seconds, as the service writes them; a sum that no calendar holds
    // is not worth a failure.
    let reset = |seconds| {
        let at = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
        at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    vec![
        ("anthropic-ratelimit-requests-limit", "4000".to_owned()),
        ("anthropic-ratelimit-requests-remaining", "3999".to_owned()),
        ("anthropic-ratelimit-requests-reset", reset(1)),
        ("anthropic-ratelimit-input-tokens-limit", "400000".to_owned()),
        ("anthropic-ratelimit-input-tokens-remaining", "399000".to_owned()),
        ("anthropic-ratelimit-input-tokens-reset", reset(2)),
        ("anthropic-ratelimit-output-tokens-limit", "80000".to_owned()),
        ("anthropic-ratelimit-output-tokens-remaining", "76000".to_owned()),
        ("anthropic-ratelimit-output-tokens-reset", reset(3)),
        ("anthropic-ratelimit-tokens-limit", "480000".to_owned()),
        ("anthropic-ratelimit-tokens-remaining", "475000".to_owned()),
        ("anthropic-ratelimit-tokens-reset", reset(3)),
    ]
}

/// What the message says of itself, whole or in its first event.
struct Message {
    id: String,
    model: String,
}

impl Message {
    fn new(answer: &Answer, prompt: &Prompt) -> Self {
        Message {
            id: format!("msg_{}", prompt.caller.number),
            model: answer.served.clone().unwrap_or_else(|| prompt.model.clone()),
        }
    }

    fn json(&self, content: &[Value], stop_reason: Option<&str>) -> Value {
        json!({"id": self.id, "type": "message", "role": "assistant", "model": self.model,
               "content": content, "stop_reason": stop_reason, "stop_sequence": null,
               "stop_details": (stop_reason == Some("refusal")).then(refusal_details)})
    }
}

fn refusal_details() -> Value {
    json!({"type": "refusal", "category": "general_harms", "explanation": null})
}

fn stop_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::ContentFilter => "refusal",
        Finish::ToolCalls => "tool_use",
    }
}

/// The counts when the message begins: all of the input, and the first token.
fn usage_at_begin(usage: &Usage) -> Value {
    let written = json!({"ephemeral_5m_input_tokens": usage.written,
                         "ephemeral_1h_input_tokens": usage.written_hour});
    let mut value = input(usage);
    value["cache_creation"] = written;
    value["output_tokens"] = json!(usage.output.min(1));
    value["service_tier"] = json!("standard");
    value
}

/// The counts when it is complete. They are totals, not what was added.
fn usage_at_end(usage: &Usage) -> Value {
    let mut value = input(usage);
    value["output_tokens"] = json!(usage.output);
    value["output_tokens_details"] = json!({"thinking_tokens": usage.reasoning});
    value
}

/// The input, counted without what the cache held or was given.
fn input(usage: &Usage) -> Value {
    let written = usage.written + usage.written_hour;
    json!({"input_tokens": usage.prompt - usage.cached - written,
           "cache_creation_input_tokens": written,
           "cache_read_input_tokens": usage.cached})
}
