//! Requests: the JSON that clients send, as strictly as Anthropic reads it.

use super::turns;
use crate::{
    dialect::{list, parameters, unknown_member},
    prompt::{Caller, Message, Prompt, ToolOffer},
    refusal::{Cause, Refusal},
    request::Head,
};
use serde_json::Value;

const MEMBERS: &[&str] = &[
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "stop_sequences",
    "metadata",
    "service_tier",
    "speed",
    "cache_control",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "container",
    "context_management",
    "diagnostics",
    "inference_geo",
    "mcp_servers",
];

/// What [`Prompt`] has members of its own for.
const NAMED: &[&str] = &["model", "messages", "system", "tools", "stream"];

const LEAST_BUDGET: u64 = 1024;
const MOST_BREAKPOINTS: usize = 4;

/// The prompt that a request holds, its caller still unknown.
pub(super) fn read(head: &Head, body: &[u8]) -> Result<Prompt, Refusal> {
    if head.header("anthropic-version").is_none() {
        return Err(Refusal::bad_request("anthropic-version: header is required"));
    }
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        Refusal::bad_request(format!("The request body is not valid JSON: {error}"))
    })?;
    check(&body)?;
    Ok(Prompt {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(false),
        include_usage: true,
        messages: system(&body).into_iter().chain(turns::messages(&body)).collect(),
        tools: list(&body["tools"]).iter().map(offer).collect(),
        parameters: parameters(&body, NAMED),
        body,
        caller: Caller::default(),
    })
}

fn check(body: &Value) -> Result<(), Refusal> {
    if let Some(name) = unknown_member(body, MEMBERS) {
        return Err(Refusal::new(400, Cause::Parameter(name.to_owned())));
    }
    for (name, is_right, kind) in [
        ("model", body["model"].is_string(), "string"),
        ("max_tokens", body["max_tokens"].is_u64(), "integer"),
        ("messages", body["messages"].is_array(), "list"),
    ] {
        required(body, name, is_right, kind)?;
    }
    check_thinking(body)?;
    check_tools(body)?;
    check_breakpoints(body)?;
    turns::check(body)
}

fn required(body: &Value, name: &str, is_right: bool, kind: &str) -> Result<(), Refusal> {
    match body.get(name) {
        None => Err(Refusal::bad_request(format!("{name}: Field required"))),
        Some(_) if is_right => Ok(()),
        Some(_) => Err(Refusal::bad_request(format!("{name}: Input should be a valid {kind}"))),
    }
}

/// Budgets fit into the limit, and what thinking forbids is not asked for.
fn check_thinking(body: &Value) -> Result<(), Refusal> {
    let thinking = &body["thinking"];
    if !matches!(thinking["type"].as_str(), Some("enabled" | "adaptive")) {
        return Ok(());
    }
    let budget = thinking["budget_tokens"].as_u64();
    let wrong = match thinking["type"].as_str() {
        Some("enabled") if budget.is_none() => "thinking.enabled.budget_tokens: Field required",
        Some("enabled") if budget < Some(LEAST_BUDGET) => {
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
        }
        _ if budget >= body["max_tokens"].as_u64() => {
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our \
             documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
        }
        _ if body["temperature"].as_f64().is_some_and(|t| t != 1.0) => {
            "`temperature` may only be set to 1 when thinking is enabled."
        }
        _ if body.get("top_k").is_some() => "`top_k` must be unset when thinking is enabled.",
        _ if matches!(body["tool_choice"]["type"].as_str(), Some("any" | "tool")) => {
            "Thinking may not be enabled when tool_choice forces tool use."
        }
        _ => return Ok(()),
    };
    Err(Refusal::bad_request(wrong))
}

fn check_tools(body: &Value) -> Result<(), Refusal> {
    for (i, tool) in list(&body["tools"]).iter().enumerate() {
        // Anthropic's own tools have a type and no schema.
        let own = tool["type"].as_str().is_some_and(|kind| kind != "custom");
        if !tool["name"].is_string() {
            return Err(Refusal::bad_request(format!("tools.{i}.custom.name: Field required")));
        }
        if !own && tool["input_schema"]["type"] != "object" {
            let why = format!("tools.{i}.custom.input_schema.type: Field required");
            return Err(Refusal::bad_request(why));
        }
    }
    Ok(())
}

fn check_breakpoints(body: &Value) -> Result<(), Refusal> {
    match breakpoints(body) {
        0..=MOST_BREAKPOINTS => Ok(()),
        n => Err(Refusal::bad_request(format!(
            "A maximum of 4 blocks with cache_control may be provided. Found {n}."
        ))),
    }
}

fn breakpoints(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(breakpoints).sum(),
        Value::Object(members) => {
            let own = members.get("cache_control").is_some_and(Value::is_object);
            usize::from(own) + members.values().map(breakpoints).sum::<usize>()
        }
        _ => 0,
    }
}

fn system(body: &Value) -> Option<Message> {
    let text = turns::text(body.get("system")?);
    Some(Message { role: "system".to_owned(), text, ..Message::default() })
}

fn offer(tool: &Value) -> ToolOffer {
    ToolOffer {
        name: tool["name"].as_str().unwrap_or_default().to_owned(),
        parameters: tool["input_schema"].clone(),
    }
}
