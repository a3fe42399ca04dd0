//! `openai-responses`: `POST /v1/responses`, as OpenAI and a few others speak
//! it.

mod input;
mod item;
mod request;
mod stream;

use super::Dialect;
use crate::{
    prompt::Prompt,
    refusal::{Cause, Refusal, Said},
    reply::Answer,
    request::Head,
    response::Response,
    steps::{FailureShape, Finish, Usage},
    whole, wire,
};
use item::Items;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// `POST /v1/responses`. Its errors and models are those of `openai-chat`.
pub(super) struct OpenAiResponses;

impl Dialect for OpenAiResponses {
    fn answers_at(&self, path: &str) -> bool {
        path == "/v1/responses"
    }

    fn read(&self, _: &Head, body: &[u8]) -> Result<Prompt, Refusal> {
        request::read(body)
    }

    fn answer(&self, answer: Answer, prompt: &Prompt) -> Response {
        let object = Object::new(&answer, prompt);
        let items = Items::new(prompt);
        if prompt.stream {
            return Response::events(stream::parts(object, items, answer));
        }
        let body = |whole: whole::Whole| {
            let output: Vec<Value> =
                whole.blocks.iter().zip(0..).map(|(b, i)| items.done(i, b)).collect();
            wire::text(&object.finished(&output, whole.finish, whole.usage.as_ref()))
        };
        let failed = |shape| Response::json(500, json!({"error": failure(shape)}));
        whole::response(answer, body, failed)
    }

    fn say(&self, refusal: &Refusal, model: &str) -> Said {
        let Cause::ThoughtsLost { place, call } = &refusal.cause else {
            return super::openai_chat::say(refusal, model);
        };
        let why = format!(
            "Item 'input[{place}]' of type 'function_call' ({call}) was provided without its \
             required 'reasoning' item."
        );
        super::openai_chat::say(&Refusal::bad_request(why), model)
    }

    fn information(&self, _: &str, _: &str, _: &[u8]) -> Option<Response> {
        None
    }

    fn limits(&self) -> Vec<(&'static str, String)> {
        super::openai_chat::limits()
    }
}

/// The object that is the whole answer, and that a stream tells of as it grows.
struct Object {
    id: String,
    /// Seconds since 1970.
    created: u64,
    model: String,
    /// What the object repeats of the request.
    echo: Value,
}

impl Object {
    fn new(answer: &Answer, prompt: &Prompt) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Object {
            id: format!("resp_{}", prompt.caller.number),
            created: now.as_secs(),
            model: answer.served.clone().unwrap_or_else(|| prompt.model.clone()),
            echo: echo(&prompt.body),
        }
    }

    fn json(&self, status: &str, output: &[Value], usage: Option<&Usage>) -> Value {
        let mut object = self.echo.clone();
        object["id"] = json!(self.id);
        object["object"] = json!("response");
        object["created_at"] = json!(self.created);
        object["status"] = json!(status);
        object["model"] = json!(self.model);
        object["output"] = json!(output);
        object["error"] = Value::Null;
        object["incomplete_details"] = Value::Null;
        object["usage"] = usage.map_or(Value::Null, counts);
        object
    }

    fn finished(&self, output: &[Value], finish: Finish, usage: Option<&Usage>) -> Value {
        let Some(reason) = incomplete(finish) else {
            return self.json("completed", output, usage);
        };
        let mut object = self.json("incomplete", output, usage);
        object["incomplete_details"] = json!({"reason": reason});
        object
    }

    fn failed(&self, output: &[Value], shape: FailureShape) -> Value {
        let mut object = self.json("failed", output, None);
        object["error"] = failure(shape);
        object
    }
}

/// What was asked, or what holds when nothing was.
fn echo(body: &Value) -> Value {
    let defaults = json!({"instructions": null, "max_output_tokens": null, "metadata": {},
        "parallel_tool_calls": true, "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null}, "service_tier": "default", "store": true,
        "temperature": 1.0, "text": {"format": {"type": "text"}}, "tool_choice": "auto",
        "tools": [], "top_p": 1.0, "truncation": "disabled", "user": null});
    let mut echo = defaults;
    for (name, value) in echo.as_object_mut().into_iter().flatten() {
        if let Some(asked) = body.get(name) {
            *value = asked.clone();
        }
    }
    echo
}

/// Why an answer is incomplete; `None` where it is not.
fn incomplete(finish: Finish) -> Option<&'static str> {
    match finish {
        Finish::Stop | Finish::ToolCalls => None,
        Finish::Length => Some("max_output_tokens"),
        Finish::ContentFilter => Some("content_filter"),
    }
}

fn counts(usage: &Usage) -> Value {
    let written = usage.written + usage.written_hour;
    let mut value = json!({
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": written},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.prompt + usage.output,
    });
    if let Some(cost) = &usage.cost {
        value["cost"] = json!(cost);
    }
    value
}

/// The error of an answer that failed after it began.
fn failure(shape: FailureShape) -> Value {
    match shape {
        FailureShape::Overloaded => json!({"code": "server_is_overloaded",
            "message": "Our servers are currently overloaded. Please try again later."}),
        _ => json!({"code": "server_error",
            "message": "An error occurred while processing your request."}),
    }
}
