//! Requests: the JSON that clients send, as strictly as OpenAI reads it.

use crate::{
    dialect,
    prompt::{Caller, Message, Prompt, ToolOffer},
    refusal::Refusal,
    seal,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Where hosts want the thoughts back. An empty text will do for most.
const THOUGHTS: &[&str] = &["reasoning_content", "reasoning", "reasoning_details"];

#[derive(Deserialize)]
struct Body {
    model: String,
    messages: Vec<WireMessage>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    tools: Option<Vec<WireTool>>,
    #[serde(flatten)]
    parameters: Map<String, Value>,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct WireMessage {
    role: Role,
    content: Option<Content>,
    tool_calls: Option<Vec<WireCall>>,
    tool_call_id: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<ContentPart>),
}

#[derive(Deserialize)]
struct ContentPart {
    /// Absent from images, sounds and files.
    text: Option<String>,
    image_url: Option<Image>,
    file: Option<File>,
}

#[derive(Deserialize)]
struct Image {
    url: String,
}

#[derive(Deserialize)]
struct File {
    file_data: Option<String>,
}

#[derive(Deserialize)]
struct WireCall {
    id: String,
    #[serde(default)]
    function: CalledFunction,
}

#[derive(Default, Deserialize)]
struct CalledFunction {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct WireTool {
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    parameters: Value,
}

/// The prompt that a request's body holds, its caller still unknown.
pub(crate) fn read(bytes: &[u8]) -> Result<Prompt, Refusal> {
    let whole: Value = serde_json::from_slice(bytes).map_err(unparsable)?;
    let body = Body::deserialize(&whole).map_err(unparsable)?;
    check(&body)?;
    Ok(Prompt {
        model: body.model,
        stream: body.stream.unwrap_or(false),
        include_usage: body.stream_options.is_some_and(|options| options.include_usage),
        messages: body.messages.into_iter().enumerate().map(message).collect(),
        tools: body.tools.into_iter().flatten().map(offer).collect(),
        parameters: body.parameters,
        body: whole,
        caller: Caller::default(),
    })
}

fn unparsable(error: serde_json::Error) -> Refusal {
    Refusal::bad_request(format!("We could not parse the JSON body of your request: {error}"))
}

/// What OpenAI refuses although it is well formed; the rule about tool calls
/// is the one that clients break.
fn check(body: &Body) -> Result<(), Refusal> {
    if body.messages.is_empty() {
        return Err(Refusal::bad_request("Invalid 'messages': empty array."));
    }
    if body.stream_options.is_some() && body.stream != Some(true) {
        return Err(Refusal::bad_request(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        ));
    }
    check_details(&body.messages)?;
    check_shown(&body.messages)?;
    check_calls(&body.messages)
}

/// What is sealed in `reasoning_details` comes back as it went.
fn check_details(messages: &[WireMessage]) -> Result<(), Refusal> {
    let details = messages.iter().filter_map(|m| m.rest.get("reasoning_details")?.as_array());
    let broken = |detail: &&Value| {
        let seal = detail.get("signature").or(detail.get("data")).and_then(Value::as_str);
        seal.is_some_and(|seal| !seal::is_genuine(seal))
    };
    match details.flatten().find(broken) {
        None => Ok(()),
        Some(_) => Err(Refusal::bad_request("Invalid `signature` in `thinking` block")),
    }
}

/// Only the user shows something.
fn check_shown(messages: &[WireMessage]) -> Result<(), Refusal> {
    let shows =
        |m: &&WireMessage| m.content.as_ref().is_some_and(|content| !media(content).is_empty());
    let mut tools = messages.iter().enumerate().filter(|(_, m)| m.role == Role::Tool);
    match tools.find(|(_, m)| shows(m)) {
        None => Ok(()),
        Some((i, _)) => Err(Refusal::bad_request(format!(
            "Invalid 'messages[{i}]'. Image URLs are only allowed for messages with role 'user', \
             but this message with role 'tool' contains an image URL."
        ))),
    }
}

/// Every call has its result right behind it, and every result its call.
fn check_calls(messages: &[WireMessage]) -> Result<(), Refusal> {
    let mut open: HashSet<&str> = HashSet::new();
    for message in messages {
        if message.role == Role::Tool {
            check_result(message.tool_call_id.as_deref().unwrap_or_default(), &mut open)?;
        } else {
            check_answered(&open)?;
            open.extend(message.tool_calls.iter().flatten().map(|call| call.id.as_str()));
        }
    }
    check_answered(&open)
}

fn check_result(id: &str, open: &mut HashSet<&str>) -> Result<(), Refusal> {
    if open.remove(id) {
        return Ok(());
    }
    Err(Refusal::bad_request(format!(
        "Messages with role 'tool' must be a response to a preceding message with 'tool_calls': \
         {id:?} is none."
    )))
}

fn check_answered(open: &HashSet<&str>) -> Result<(), Refusal> {
    let Some(id) = open.iter().next() else { return Ok(()) };
    Err(Refusal::bad_request(format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to \
         each 'tool_call_id': {id:?} has none."
    )))
}

fn message((place, message): (usize, WireMessage)) -> Message {
    let role = match message.role {
        Role::System => "system",
        Role::Developer => "developer",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let names = message.tool_calls.into_iter().flatten().map(|call| call.function.name);
    Message {
        role: role.to_owned(),
        media: message.content.as_ref().map_or_else(Vec::new, media),
        text: message.content.map_or_else(String::new, text),
        place,
        calls: names.collect(),
        has_thoughts: THOUGHTS.iter().any(|name| message.rest.contains_key(*name)),
    }
}

fn media(content: &Content) -> Vec<Value> {
    let Content::Parts(parts) = content else { return Vec::new() };
    let url = |part: &ContentPart| {
        let file = || part.file.as_ref()?.file_data.as_deref();
        part.image_url.as_ref().map(|image| image.url.as_str()).or_else(file).map(dialect::media)
    };
    parts.iter().filter_map(url).collect()
}

fn text(content: Content) -> String {
    match content {
        Content::Text(text) => text,
        Content::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
    }
}

fn offer(tool: WireTool) -> ToolOffer {
    ToolOffer { name: tool.function.name, parameters: tool.function.parameters }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Cause;
    use serde_json::json;

    fn refused(body: &Value) -> String {
        match read(body.to_string().as_bytes()).err().map(|refusal| refusal.cause) {
            Some(Cause::BadRequest(why)) => why,
            _ => panic!("accepted: {body}"),
        }
    }

    #[test]
    fn text_of_parts_is_joined_and_the_rest_is_parameters() {
        let picture = json!({"type": "image_url", "image_url": {"url": "data:"}});
        let text = |text: &str| json!({"type": "text", "text": text});
        let body = json!({"model": "hello", "temperature": 0.5, "messages": [
            {"role": "user", "content": [text("a"), picture, text("b")]},
            {"role": "assistant", "content": null}]});
        let prompt = read(body.to_string().as_bytes()).ok().unwrap();
        assert_eq!(prompt.last_user_text(), "ab");
        assert_eq!(Value::Object(prompt.parameters), json!({"temperature": 0.5}));
    }

    #[test]
    fn refuses_what_openai_refuses() {
        let user = json!({"role": "user", "content": "x"});
        assert!(refused(&json!({"model": "m", "messages": []})).contains("empty array"));
        assert!(refused(&json!({"model": "m", "messages": [{"role": "robot"}]})).contains("robot"));
        assert!(refused(&json!({"messages": [user]})).contains("model"));
        let options = json!({"model": "m", "messages": [user], "stream_options": {}});
        assert!(refused(&options).contains("stream_options"));
    }

    #[test]
    fn refuses_tool_calls_and_results_that_do_not_pair() {
        let body = |messages: Value| json!({"model": "m", "messages": messages});
        let call = json!({"role": "assistant", "tool_calls": [{"id": "a"}, {"id": "b"}]});
        let result = |id: &str| json!({"role": "tool", "tool_call_id": id, "content": "1"});
        let user = json!({"role": "user", "content": "x"});
        assert!(refused(&body(json!([result("a")]))).contains("preceding"));
        assert!(refused(&body(json!([call, result("a")]))).contains("\"b\" has none"));
        assert!(refused(&body(json!([call, result("a"), user]))).contains("\"b\" has none"));
        let paired = body(json!([call, result("b"), result("a"), user]));
        assert!(read(paired.to_string().as_bytes()).is_ok());
    }
}
