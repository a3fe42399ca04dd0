//! What Lisp submits: an OpenAI chat request with an `llm_switch` object.
//!
//! gptel builds such requests anyway, and its hooks, its inspector and its
//! log know their shape. `llm_switch` holds what has no place in it: `{v,
//! purpose, mode?, pins?, client, project?, max-cost?, ask-above?, cache?, reasoning-budget?, show-reasoning?,
//! retries?, continue: {text, after?, from?}?, strict?, escalate?, from?, facts: {failures?, language?}?}`.

mod ask;
mod wire;

use crate::unfinished::Unfinished;
pub(crate) use ask::{Ask, Classified};
use llm_switch_types::{
    Deployment, Error, ErrorKind, Format, Message, Part, Reasoning, Request, Result, Role,
    Sampling, Tool, ToolCall, ToolChoice,
};
use serde_json::Value;
use std::fmt;
pub(crate) use wire::Facts;
use wire::{Continue, Stop, Wire, WireCall, WireMessage, WireTool, WireToolFunction};

/// Whom a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Deployment(Deployment),
    Route(String),
    /// Nobody: whoever the mode leads to.
    Mode,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(deployment) => deployment.fmt(f),
            Self::Route(name) => name.fmt(f),
            Self::Mode => f.write_str(MODE),
        }
    }
}

impl Asked {
    /// Whom NAME names: a deployment is written with a `/`, a route without.
    fn read(name: Option<&str>) -> Result<Asked> {
        let Some(name) = name else { return Ok(Self::Mode) };
        let name = name.strip_prefix(PREFIX).unwrap_or(name);
        if name == MODE {
            return Ok(Self::Mode);
        }
        if !name.contains('/') && !name.is_empty() {
            return Ok(Self::Route(name.to_owned()));
        }
        let deployment = name.parse().map_err(|e: llm_switch_types::InvalidDeployment| {
            Error::new(ErrorKind::Config, e.to_string())
                .advise("Choose one with M-x llm-switch-backend")
        });
        deployment.map(Self::Deployment)
    }
}

/// gptel knows our models by this prefix.
const PREFIX: &str = "sw/";

/// The model's name that leaves it to the mode.
const MODE: &str = "mode";

/// How often it is asked again where nobody else can answer.
const RETRIES: u32 = 2;
const MOST_RETRIES: u32 = 10;

/// What is asked for to go on with an answer that was cut off. The words tell
/// models not to begin again; none of them knows a field for it.
const GO_ON: &str = "Your answer was cut off. Continue exactly where it stops. \
    Repeat nothing, and say nothing about the interruption.";

/// Read what Lisp submitted.
///
/// # Errors
/// [`ErrorKind::Module`] when Lisp and module do not match,
/// [`ErrorKind::Config`] when the model names neither a deployment nor a route.
pub(crate) fn read(text: &str) -> Result<Ask> {
    let mut wire: Wire = serde_json::from_str(text).map_err(|e| misread(text, &e))?;
    crate::check_version(wire.llm_switch.v)?;
    let asked = Asked::read(wire.model.as_deref())?;
    Ok(Ask {
        asked,
        mode: wire.llm_switch.mode.take(),
        pins: std::mem::take(&mut wire.llm_switch.pins),
        purpose: wire.llm_switch.purpose,
        client: std::mem::take(&mut wire.llm_switch.client),
        project: wire.llm_switch.project.take(),
        max_cost: wire.llm_switch.max_cost.take(),
        ask_above: wire.llm_switch.ask_above.take(),
        unfinished: Unfinished::default(),
        facts: std::mem::take(&mut wire.llm_switch.facts),
        strict: wire.llm_switch.strict,
        escalate: wire.llm_switch.escalate,
        classified: None,
        quiet: false,
        from: wire
            .llm_switch
            .from
            .take()
            .or_else(|| wire.llm_switch.r#continue.as_mut()?.from.take()),
        retries: wire.llm_switch.retries.unwrap_or(RETRIES).min(MOST_RETRIES),
        request: request(wire),
    })
}

/// Why TEXT was not understood, without repeating what may be a prompt. A
/// request of another version may fail to parse at all.
fn misread(text: &str, error: &serde_json::Error) -> Error {
    let version =
        serde_json::from_str::<Value>(text).ok().and_then(|it| it["llm_switch"]["v"].as_u64());
    crate::check_version(version).err().unwrap_or_else(|| {
        let place = format!("line {} column {}", error.line(), error.column());
        Error::new(ErrorKind::Module, format!("what Lisp submitted is not understood at {place}"))
    })
}

fn request(wire: Wire) -> Request {
    Request {
        sampling: sampling(&wire),
        reasoning: Reasoning {
            effort: wire.reasoning_effort,
            budget: wire.llm_switch.reasoning_budget,
            show: wire.llm_switch.show_reasoning,
        },
        messages: messages(wire.messages, wire.llm_switch.r#continue),
        tools: wire.tools.into_iter().flatten().map(tool).collect(),
        tool_choice: wire.tool_choice.as_ref().and_then(tool_choice),
        parallel_tool_calls: wire.parallel_tool_calls,
        max_output_tokens: wire.max_completion_tokens.or(wire.max_tokens),
        format: wire.response_format.as_ref().and_then(format),
        cache: wire.llm_switch.cache,
        stream: wire.stream.unwrap_or(false),
        extra: wire.extra,
    }
}

/// MESSAGES, and where an answer is to be gone on with, its text so far. The
/// turns of tools that the rest of it calls stand behind that.
fn messages(messages: Vec<WireMessage>, so_far: Option<Continue>) -> Vec<Message> {
    let mut messages: Vec<Message> = messages.into_iter().map(message).collect();
    if let Some(Continue { text, after, .. }) = so_far {
        let place = after.map_or(messages.len(), |it| it.min(messages.len()));
        let so_far = [Message::text(Role::Assistant, text), Message::text(Role::User, GO_ON)];
        messages.splice(place..place, so_far);
    }
    messages
}

fn sampling(wire: &Wire) -> Sampling {
    let stop = match &wire.stop {
        None => Vec::new(),
        Some(Stop::One(text)) => vec![text.clone()],
        Some(Stop::Several(texts)) => texts.clone(),
    };
    Sampling {
        temperature: wire.temperature,
        top_p: wire.top_p,
        top_k: wire.top_k,
        seed: wire.seed,
        stop,
    }
}

fn tool_choice(wire: &Value) -> Option<ToolChoice> {
    match wire.as_str() {
        Some("auto") => Some(ToolChoice::Auto),
        Some("none") => Some(ToolChoice::None),
        Some(_) => Some(ToolChoice::Required),
        None => Some(ToolChoice::Tool(wire["function"]["name"].as_str()?.to_owned())),
    }
}

fn format(wire: &Value) -> Option<Format> {
    let schema = &wire["json_schema"];
    match wire["type"].as_str()? {
        "json_object" => Some(Format::Json),
        "json_schema" => Some(Format::Schema {
            name: schema["name"].as_str().unwrap_or("answer").to_owned(),
            schema: schema["schema"].clone(),
            strict: schema["strict"].as_bool().unwrap_or(false),
        }),
        _ => None,
    }
}

fn message(wire: WireMessage) -> Message {
    Message {
        role: wire.role,
        parts: parts(wire.content),
        tool_calls: wire.tool_calls.into_iter().flatten().map(tool_call).collect(),
        tool_call_id: wire.tool_call_id,
        is_error: wire.is_error.unwrap_or(false),
        opaque: wire.llm_switch.and_then(|json| serde_json::from_str(&json).ok()),
    }
}

fn parts(content: Option<Value>) -> Vec<Part> {
    match content {
        Some(Value::String(text)) => vec![Part::Text(text)],
        Some(Value::Array(parts)) => parts.iter().filter_map(part).collect(),
        _ => Vec::new(),
    }
}

fn part(part: &Value) -> Option<Part> {
    let text = part["text"].as_str().map(|text| Part::Text(text.to_owned()));
    text.or_else(|| Some(Part::Media(part["image_url"]["url"].as_str()?.to_owned())))
}

fn tool_call(wire: WireCall) -> ToolCall {
    ToolCall { id: wire.id, name: wire.function.name, arguments: wire.function.arguments }
}

fn tool(wire: WireTool) -> Tool {
    let WireToolFunction { name, description, parameters } = wire.function;
    let parameters =
        parameters.unwrap_or_else(|| serde_json::json!({"type": "object", "properties": {}}));
    Tool { name, description, parameters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Purpose;
    use serde_json::json;

    fn asked(mut request: Value) -> Ask {
        if request["llm_switch"].is_null() {
            request["llm_switch"] = json!({"v": 1, "purpose": "chat"});
        }
        read(&request.to_string()).unwrap()
    }

    #[test]
    fn reads_what_gptel_sends() {
        let ask = asked(json!({
            "model": "sw/ollama/qwen3:8b", "stream": true, "stream_options": {"include_usage": true},
            "temperature": 0.5, "max_tokens": 100, "min_p": 0.1,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "What?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}]}));
        assert_eq!(ask.asked.to_string(), "ollama/qwen3:8b");
        assert_eq!((ask.client.as_str(), ask.purpose), ("emacs", Purpose::Chat));
        assert_eq!((ask.request.stream, ask.request.max_output_tokens), (true, Some(100)));
        assert_eq!(ask.request.messages[1].parts.len(), 2);
        assert_eq!(Value::Object(ask.request.extra), json!({"min_p": 0.1}));
    }

    #[test]
    fn what_a_dialect_must_know_is_read_and_not_passed_on_as_it_is() {
        let ask = asked(json!({"model": "a/b", "messages": [], "stop": "END", "top_p": 0.5,
            "reasoning_effort": "high", "tool_choice": {"type": "function", "function": {"name": "f"}},
            "response_format": {"type": "json_schema", "json_schema": {
                "name": "n", "schema": {"type": "object"}, "strict": true}},
            "llm_switch": {"v": 1, "purpose": "chat", "cache": ["system", "tool"], "reasoning-budget": 99}}));
        let request = ask.request;
        assert_eq!(request.sampling.stop, ["END"]);
        assert_eq!(request.reasoning.effort.map(|it| it.name()), Some("high"));
        assert_eq!(request.reasoning.budget, Some(99));
        assert_eq!(request.tool_choice, Some(ToolChoice::Tool("f".into())));
        assert!(matches!(request.format, Some(Format::Schema { strict: true, .. })));
        assert_eq!(request.cache.len(), 2);
        assert!(request.extra.is_empty(), "{:?}", request.extra);
    }

    #[test]
    fn a_tool_turn_keeps_ids_errors_and_the_opaque_part() {
        let ask = asked(json!({"model": "a/b", "messages": [
            {"role": "assistant", "content": null, "llm_switch": "{\"account\":\"a\"}",
             "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "boom", "is_error": true}]}));
        let [assistant, tool] = ask.request.messages.as_slice() else { panic!() };
        assert_eq!(assistant.opaque, Some(json!({"account": "a"})));
        assert_eq!(assistant.tool_calls[0].id, "call_1");
        assert_eq!((tool.is_error, tool.tool_call_id.as_deref()), (true, Some("call_1")));
    }

    #[test]
    fn another_version_is_told_before_anything_else() {
        for text in [r#"{"llm_switch":{"v":2,"new":1}}"#, r#"{"model":"a/b"}"#] {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains("Restart Emacs"), "{error}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_repeated() {
        let text = r#"{"model":"a/b","messages":"my secret prompt","llm_switch":{"v":1,"purpose":"chat"}}"#;
        let error = read(text).unwrap_err();
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn a_name_without_account_is_a_route() {
        let ask = asked(json!({"model": "sw/coding-best", "messages": []}));
        assert_eq!(ask.asked, Asked::Route("coding-best".into()));
    }

    #[test]
    fn no_model_leaves_it_to_the_mode() {
        for request in [json!({"messages": []}), json!({"model": "sw/mode", "messages": []})] {
            assert_eq!(asked(request).asked, Asked::Mode);
        }
        let ask = asked(json!({"messages": [], "llm_switch": {
            "v": 1, "purpose": "chat", "mode": "free", "pins": ["local"]}}));
        assert_eq!((ask.mode.as_deref(), ask.pins), (Some("free"), vec!["local".to_owned()]));
        assert!(asked(json!({"messages": []})).pins.is_empty());
    }

    #[test]
    fn an_answer_that_was_cut_off_is_sent_along_to_be_gone_on_with() {
        let ask = asked(json!({"model": "a/b", "messages": [{"role": "user", "content": "Count"}],
            "llm_switch": {"v": 1, "purpose": "chat", "continue": {"text": "one two"}}}));
        let roles: Vec<Role> = ask.request.messages.iter().map(|it| it.role).collect();
        assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
        assert_eq!(ask.request.messages[1].parts, [Part::Text("one two".into())]);
    }

    #[test]
    fn tools_that_the_rest_of_an_answer_calls_stand_behind_what_was_cut_off() {
        let ask = asked(json!({"model": "a/b", "messages": [{"role": "user", "content": "Count"},
                {"role": "assistant", "content": "three"}],
            "llm_switch": {"v": 1, "purpose": "tool-turn", "continue": {"text": "one two", "after": 1}}}));
        let last = ask.request.messages.last().unwrap();
        assert_eq!(ask.request.messages.len(), 4);
        assert_eq!(last.parts, [Part::Text("three".into())]);
        assert_eq!(ask.request.messages[1].parts, [Part::Text("one two".into())]);
    }

    #[test]
    fn a_model_that_is_no_deployment_is_the_users_to_correct() {
        let text = r#"{"model":"/gpt-5","messages":[],"llm_switch":{"v":1,"purpose":"chat"}}"#;
        assert_eq!(read(text).unwrap_err().kind, ErrorKind::Config);
    }
}
