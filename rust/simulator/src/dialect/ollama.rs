//! `ollama`: `POST /api/chat`, as Ollama speaks it at home and in its cloud.

mod lines;
mod request;

use super::Dialect;
use crate::{
    prompt::Prompt,
    refusal::{Cause, Refusal, Said},
    reply::Answer,
    request::Head,
    response::Response,
    script::SCRIPTS,
    steps::FailureShape,
};
use lines::Writer;
use serde_json::{Value, json};

/// `POST /api/chat`.
pub(super) struct Ollama;

impl Dialect for Ollama {
    fn answers_at(&self, path: &str) -> bool {
        path == "/api/chat"
    }

    fn read(&self, _: &Head, body: &[u8]) -> Result<Prompt, Refusal> {
        request::read(body)
    }

    fn answer(&self, answer: Answer, prompt: &Prompt) -> Response {
        let writer = Writer::new(&answer, prompt);
        if prompt.stream {
            return Response::parts("application/x-ndjson", lines::parts(writer, answer));
        }
        lines::whole(writer, answer)
    }

    fn say(&self, refusal: &Refusal, model: &str) -> Said {
        let message = message(refusal, model);
        Said { status: refusal.status, body: json!({"error": message}), message }
    }

    fn information(&self, method: &str, path: &str, body: &[u8]) -> Option<Response> {
        match (method, path) {
            ("GET", "/api/tags") => Some(tags()),
            ("POST", "/api/show") => Some(show(body)),
            ("GET", "/api/version") => Some(Response::json(200, json!({"version": "0.14.0"}))),
            _ => None,
        }
    }

    fn streams_events(&self) -> bool {
        false
    }
}

fn message(refusal: &Refusal, model: &str) -> String {
    match &refusal.cause {
        Cause::Status => by_status(refusal.status, model),
        Cause::Key { .. } => "unauthorized".to_owned(),
        Cause::Quota => {
            "you've reached your weekly usage limit, please upgrade to continue".to_owned()
        }
        Cause::Context => "prompt too long; exceeded max context length by 808 tokens".to_owned(),
        Cause::Filter => "the request was blocked".to_owned(),
        Cause::UnknownModel(why) => format!("model '{model}' not found: {why}"),
        Cause::BadRequest(why) | Cause::Invalid { why, .. } => why.clone(),
        Cause::Parameter(name) => format!("\"{model}\" does not support {name}"),
        // This wire has no such rule, so no script asks for these words.
        Cause::ThoughtsLost { place, .. } => format!("messages[{place}]: thinking is missing"),
        Cause::UnknownPath(_) => "404 page not found".to_owned(),
    }
}

fn by_status(status: u16, model: &str) -> String {
    match status {
        401 => "unauthorized".to_owned(),
        404 => format!("model '{model}' not found"),
        429 => "too many requests".to_owned(),
        502 => "upstream error".to_owned(),
        503 => "server busy, please try again.  maximum pending requests exceeded".to_owned(),
        500.. => "llama runner process has terminated: exit status 2".to_owned(),
        _ => "invalid request".to_owned(),
    }
}

/// The error that ends an answer which had begun.
fn failure(shape: FailureShape) -> Value {
    match shape {
        FailureShape::Overloaded => {
            json!({"error": "server busy, please try again.  maximum pending requests exceeded"})
        }
        _ => json!({"error":
            "an error was encountered while running the model: unexpected EOF"}),
    }
}

fn tags() -> Response {
    let model = |script: &crate::Script| {
        json!({"name": script.example, "model": script.example,
               "modified_at": "2026-01-01T00:00:00Z", "size": 1, "digest": "0",
               "details": details()})
    };
    let models: Vec<Value> = SCRIPTS.iter().map(model).collect();
    Response::json(200, json!({"models": models}))
}

fn details() -> Value {
    json!({"format": "gguf", "family": "simulator", "families": ["simulator"],
           "parameter_size": "1B", "quantization_level": "Q4_0"})
}

/// What is known of the model that `body` names.
fn show(body: &[u8]) -> Response {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let name = body["model"].as_str().or(body["name"].as_str()).unwrap_or_default();
    if !SCRIPTS.iter().any(|script| script.example == name) {
        return Response::json(404, json!({"error": format!("model '{name}' not found")}));
    }
    Response::json(
        200,
        json!({
            "details": details(),
            "model_info": {"general.architecture": "simulator", "simulator.context_length": 8192},
            "capabilities": ["completion", "tools", "thinking"],
        }),
    )
}
