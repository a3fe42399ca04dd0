//! Answers in one piece.

use super::{Message, content, error, stop_reason, usage_at_begin, usage_at_end};
use crate::{
    reply::Answer,
    response::Response,
    steps::Usage,
    whole::{self, Whole},
    wire,
};
use serde_json::{Value, json};

/// The response that holds all of `answer`.
pub(super) fn response(message: &Message, answer: Answer) -> Response {
    let failed = |shape| {
        let error = error::failure(shape);
        Response::json(error::status(&error), error)
    };
    whole::response(answer, |whole| body(message, &whole), failed)
}

fn body(message: &Message, whole: &Whole) -> String {
    let content: Vec<Value> = whole.blocks.iter().map(content::complete).collect();
    let mut value = message.json(&content, Some(stop_reason(whole.finish)));
    if let Some(counts) = &whole.usage {
        value["usage"] = usage(counts);
    }
    if whole.nulls {
        value["container"] = Value::Null;
        value["diagnostics"] = Value::Null;
    }
    wire::text(&value)
}

/// The counts of the begin and of the end in one.
fn usage(counts: &Usage) -> Value {
    let mut usage = usage_at_begin(counts);
    for (name, value) in usage_at_end(counts).as_object().into_iter().flatten() {
        usage[name] = json!(value);
    }
    usage
}
