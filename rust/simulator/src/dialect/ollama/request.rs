//! Requests: the JSON that clients send, as Ollama reads it. Its reader is a
//! tolerant one: members that it does not know are nothing to it, and calls
//! and results need not pair.

use crate::{
    dialect::{list, parameters},
    prompt::{Caller, Message, Prompt, ToolOffer},
    refusal::Refusal,
};
use serde_json::{Value, json};

/// What [`Prompt`] has members of its own for.
const NAMED: &[&str] = &["model", "messages", "tools", "stream"];

/// The prompt that a request's body holds, its caller still unknown.
pub(super) fn read(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Refusal::bad_request(error.to_string()))?;
    check(&body)?;
    let messages = list(&body["messages"]).iter().enumerate();
    Ok(Prompt {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(true),
        include_usage: true,
        messages: messages.map(message).collect(),
        tools: list(&body["tools"]).iter().map(offer).collect(),
        parameters: parameters(&body, NAMED),
        body,
        caller: Caller::default(),
    })
}

fn check(body: &Value) -> Result<(), Refusal> {
    if body["model"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::bad_request("model is required"));
    }
    let think = &body["think"];
    let levels = ["high", "medium", "low", "max"];
    if !think.is_null() && !think.is_boolean() && !levels.iter().any(|level| think == level) {
        return Err(Refusal::bad_request(format!(
            "invalid think value: {think} (must be \"high\", \"medium\", \"low\", \"max\", true, \
             or false)"
        )));
    }
    let format = &body["format"];
    if !format.is_null() && !format.is_object() && format != "json" && format != "" {
        return Err(Refusal::bad_request(format!(
            "invalid format: {format}; expected \"json\" or a valid JSON Schema object"
        )));
    }
    list(&body["messages"]).iter().try_for_each(check_message)
}

fn check_message(message: &Value) -> Result<(), Refusal> {
    match message["role"].as_str() {
        Some("system" | "user" | "assistant" | "tool") => {}
        _ => {
            return Err(Refusal::bad_request(format!(
                "invalid role: {}, role must be one of [system, user, assistant, tool]",
                message["role"]
            )));
        }
    }
    check_kind(&message["content"], "content", "string", Value::is_string)?;
    check_kind(&message["thinking"], "thinking", "string", Value::is_string)?;
    for image in message["images"].as_array().into_iter().flatten() {
        check_kind(image, "images", "api.ImageData", Value::is_string)?;
        if image.as_str().is_some_and(|image| image.starts_with("data:")) {
            return Err(Refusal::bad_request("illegal base64 data at input byte 4"));
        }
    }
    let mut calls = message["tool_calls"].as_array().into_iter().flatten();
    calls.try_for_each(|call| {
        let arguments = &call["function"]["arguments"];
        let name = "tool_calls.function.arguments";
        check_kind(arguments, name, "map[string]interface {}", Value::is_object)
    })
}

/// What Go's decoder says of a value of the wrong kind.
fn check_kind(
    value: &Value,
    name: &str,
    kind: &str,
    is_right: impl Fn(&Value) -> bool,
) -> Result<(), Refusal> {
    if value.is_null() || is_right(value) {
        return Ok(());
    }
    let seen = match value {
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) | Value::Null => "number",
    };
    Err(Refusal::bad_request(format!(
        "json: cannot unmarshal {seen} into Go struct field ChatRequest.messages.{name} of type \
         {kind}"
    )))
}

fn message((place, message): (usize, &Value)) -> Message {
    let calls = message["tool_calls"].as_array().into_iter().flatten();
    let name = |call: &Value| call["function"]["name"].as_str().unwrap_or_default().to_owned();
    // Only the bytes are sent here, and not what they are.
    let image = |data: &Value| json!({"mime": null, "data": data});
    Message {
        role: message["role"].as_str().unwrap_or_default().to_owned(),
        text: message["content"].as_str().unwrap_or_default().to_owned(),
        media: message["images"].as_array().into_iter().flatten().map(image).collect(),
        place,
        calls: calls.map(name).collect(),
        // Nothing is sealed on this wire: that something comes back is all.
        has_thoughts: message["thinking"].as_str().is_some_and(|text| !text.is_empty()),
    }
}

fn offer(tool: &Value) -> ToolOffer {
    ToolOffer {
        name: tool["function"]["name"].as_str().unwrap_or_default().to_owned(),
        parameters: tool["function"]["parameters"].clone(),
    }
}
