//! Requests: the JSON that clients send, as strictly as OpenAI reads it.

use super::input;
use crate::{
    dialect::{list, parameters, unknown_member},
    prompt::{Caller, Message, Prompt, ToolOffer},
    refusal::{Cause, Refusal},
};
use serde_json::Value;

const MEMBERS: &[&str] = &[
    "background",
    "conversation",
    "include",
    "input",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "model",
    "parallel_tool_calls",
    "previous_response_id",
    "prompt",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
];

/// What [`Prompt`] has members of its own for.
const NAMED: &[&str] = &["model", "input", "instructions", "tools", "stream"];

const LEAST_OUTPUT: u64 = 16;

/// The prompt that a request's body holds, its caller still unknown.
pub(super) fn read(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        let why = format!("We could not parse the JSON body of your request: {error}");
        Refusal::bad_request(why)
    })?;
    check(&body)?;
    input::check(&body)?;
    Ok(Prompt {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(false),
        include_usage: true,
        messages: instructions(&body).into_iter().chain(input::messages(&body)).collect(),
        tools: list(&body["tools"]).iter().map(offer).collect(),
        parameters: parameters(&body, NAMED),
        body,
        caller: Caller::default(),
    })
}

/// A refusal that names the parameter which is wrong.
pub(super) fn invalid(
    why: impl Into<String>,
    code: &'static str,
    parameter: impl Into<String>,
) -> Refusal {
    let cause = Cause::Invalid { why: why.into(), code, parameter: parameter.into() };
    Refusal::new(400, cause)
}

/// The refusal of a request in which `parameter` is missing.
pub(super) fn missing(parameter: impl Into<String>) -> Refusal {
    let parameter = parameter.into();
    let why = format!("Missing required parameter: '{parameter}'.");
    invalid(why, "missing_required_parameter", parameter)
}

fn check(body: &Value) -> Result<(), Refusal> {
    if let Some(name) = unknown_member(body, MEMBERS) {
        return Err(invalid(format!("Unknown parameter: '{name}'."), "unknown_parameter", name));
    }
    for name in ["model", "input"] {
        body.get(name).ok_or_else(|| missing(name))?;
    }
    if let Some(n) = body["max_output_tokens"].as_u64().filter(|n| *n < LEAST_OUTPUT) {
        let why = format!(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, \
             but got {n} instead."
        );
        return Err(invalid(why, "integer_below_min_value", "max_output_tokens"));
    }
    if let Some(id) = body["previous_response_id"].as_str() {
        let why = format!("Previous response with id '{id}' not found.");
        return Err(invalid(why, "previous_response_not_found", "previous_response_id"));
    }
    check_tools(body)
}

/// Tools are flat here, unlike those of `openai-chat`.
fn check_tools(body: &Value) -> Result<(), Refusal> {
    for (i, tool) in list(&body["tools"]).iter().enumerate() {
        if !tool["type"].is_string() {
            return Err(missing(format!("tools[{i}].type")));
        }
        if tool["type"] == "function" && !tool["name"].is_string() {
            return Err(missing(format!("tools[{i}].name")));
        }
        if tool.get("function").is_some() {
            let name = format!("tools[{i}].function");
            let why = format!("Unknown parameter: '{name}'.");
            return Err(invalid(why, "unknown_parameter", name));
        }
    }
    Ok(())
}

fn instructions(body: &Value) -> Option<Message> {
    let text = body["instructions"].as_str()?.to_owned();
    Some(Message { role: "system".to_owned(), text, ..Message::default() })
}

fn offer(tool: &Value) -> ToolOffer {
    ToolOffer {
        name: tool["name"].as_str().unwrap_or_default().to_owned(),
        parameters: tool["parameters"].clone(),
    }
}
