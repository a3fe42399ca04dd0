//! The conversation: whose turn it is, which results belong to which calls,
//! and whether signatures come back on the parts that they came on.

use crate::{dialect::list, prompt::Message, refusal::Refusal, seal};
use serde_json::{Value, json};

/// What a part can be; it is exactly one of these.
const DATA: &[&str] = &[
    "text",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
];

/// What Google refuses although it is well formed.
pub(super) fn check(body: &Value) -> Result<(), Refusal> {
    let contents = list(&body["contents"]);
    if contents.is_empty() {
        return refuse("* GenerateContentRequest.contents: contents is not specified\n");
    }
    for (i, content) in contents.iter().enumerate() {
        check_content(i, content)?;
        check_turn(contents.get(i.wrapping_sub(1)), content)?;
    }
    match contents.last() {
        Some(last) if last["role"] == "model" && has(last, "functionCall") => refuse(MUST_ANSWER),
        _ => Ok(()),
    }
}

const MUST_FOLLOW: &str = "Please ensure that function call turn comes immediately after a user \
                           turn or after a function response turn.";
const MUST_ANSWER: &str = "Please ensure that the number of function response parts is equal to \
                           the number of function call parts of the function call turn.";
const MUST_BE_CALLED: &str = "Please ensure that function response turn comes immediately after a \
                              function call turn.";

fn refuse(why: impl Into<String>) -> Result<(), Refusal> {
    Err(Refusal::bad_request(why))
}

fn check_content(i: usize, content: &Value) -> Result<(), Refusal> {
    if content["role"].as_str().is_some_and(|role| !matches!(role, "user" | "model" | "function")) {
        return refuse("Please use a valid role: user, model.");
    }
    let parts = list(&content["parts"]);
    if parts.is_empty() {
        return refuse(format!(
            "* GenerateContentRequest.contents[{i}].parts: contents.parts must not be empty.\n"
        ));
    }
    let mut parts = parts.iter().enumerate();
    parts.try_for_each(|(j, part)| check_part(&format!("contents[{i}].parts[{j}]"), part))
}

fn check_part(place: &str, part: &Value) -> Result<(), Refusal> {
    if DATA.iter().filter(|name| part.get(**name).is_some()).count() != 1 {
        return refuse(format!(
            "* GenerateContentRequest.{place}.data: required oneof field 'data' must have one \
             initialized field\n"
        ));
    }
    let response = part["functionResponse"].get("response");
    if part.get("functionResponse").is_some() && !response.is_some_and(Value::is_object) {
        return refuse(format!(
            "Invalid value at '{place}.function_response.response' \
             (type.googleapis.com/google.protobuf.Struct)"
        ));
    }
    let arguments = part["functionCall"].get("args");
    if arguments.is_some_and(|arguments| !arguments.is_object()) {
        return refuse(format!(
            "Invalid value at '{place}.function_call.args' \
             (type.googleapis.com/google.protobuf.Struct)"
        ));
    }
    check_shown(place, &part["functionResponse"]["parts"])?;
    match part["thoughtSignature"].as_str().is_some_and(|seal| !seal::is_genuine(seal)) {
        true => refuse("Corrupted thought signature."),
        false => Ok(()),
    }
}

/// What a function shows inside of its response.
fn check_shown(place: &str, parts: &Value) -> Result<(), Refusal> {
    const TYPES: &[&str] =
        &["image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"];
    for part in list(parts) {
        let mime = part["inlineData"]["mimeType"].as_str().unwrap_or_default();
        if !TYPES.contains(&mime) {
            return refuse(format!(
                "Unsupported MIME type in '{place}.function_response.parts': {mime}"
            ));
        }
    }
    Ok(())
}

/// Calls are answered at once and all together, and only calls are answered.
fn check_turn(before: Option<&Value>, content: &Value) -> Result<(), Refusal> {
    let calls = before.map_or(0, |before| count(before, "functionCall"));
    let results = count(content, "functionResponse");
    let after_user = before.is_some_and(|before| before["role"] != "model");
    match (calls, results) {
        (0, 1..) => refuse(MUST_BE_CALLED),
        (calls, results) if calls != results => refuse(MUST_ANSWER),
        // Media beside the responses are counted as if they were some.
        (_, 1..) if shows_beside(content) => refuse(MUST_ANSWER),
        _ if has(content, "functionCall") && !after_user => refuse(MUST_FOLLOW),
        _ => check_names(before, content),
    }
}

/// Each result bears the name of one of the calls.
fn check_names(before: Option<&Value>, content: &Value) -> Result<(), Refusal> {
    let called = before.map_or_else(Vec::new, |before| names(before, "functionCall"));
    match names(content, "functionResponse").iter().find(|name| !called.contains(name)) {
        None => Ok(()),
        Some(name) => refuse(format!(
            "Function response `{name}` does not match any function call of the previous turn."
        )),
    }
}

fn of<'a>(content: &'a Value, kind: &str) -> impl Iterator<Item = &'a Value> {
    list(&content["parts"]).iter().filter_map(move |part| part.get(kind))
}

fn shows_beside(content: &Value) -> bool {
    has(content, "inlineData") || has(content, "fileData")
}

fn count(content: &Value, kind: &str) -> usize {
    of(content, kind).count()
}

fn has(content: &Value, kind: &str) -> bool {
    count(content, kind) > 0
}

fn names(content: &Value, kind: &str) -> Vec<String> {
    of(content, kind).map(|it| it["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The conversation as the scripts want it: each result a message of its own.
pub(super) fn messages(body: &Value) -> Vec<Message> {
    list(&body["contents"]).iter().enumerate().flat_map(neutral).collect()
}

fn neutral((place, content): (usize, &Value)) -> Vec<Message> {
    let calls = names(content, "functionCall");
    let role = if content["role"] == "model" { "assistant" } else { "user" };
    let has_thoughts = is_signed(content);
    let role = role.to_owned();
    let first =
        Message { role, text: text(content), media: media(content), place, calls, has_thoughts };
    let result = |response: &Value| Message {
        role: "tool".to_owned(),
        text: result_text(&response["response"]),
        media: media(response),
        place,
        ..Message::default()
    };
    let only_results = first.text.is_empty() && has(content, "functionResponse");
    let first = Some(first).filter(|_| !only_results);
    first.into_iter().chain(of(content, "functionResponse").map(result)).collect()
}

/// The media among the parts of `content`.
fn media(content: &Value) -> Vec<Value> {
    let told = |part: &Value| match part["fileUri"].as_str() {
        Some(url) => json!({"url": url}),
        None => json!({"mime": part["mimeType"], "data": part["data"]}),
    };
    of(content, "inlineData").chain(of(content, "fileData")).map(told).collect()
}

/// Whether the first of parallel calls bears a signature: it seals them all.
/// Where nothing is called any part can bear it.
fn is_signed(content: &Value) -> bool {
    let signed = |part: &Value| part["thoughtSignature"].is_string();
    let parts = list(&content["parts"]);
    let mut calls = parts.iter().filter(|part| part.get("functionCall").is_some());
    calls.next().map_or_else(|| parts.iter().any(signed), signed)
}

/// A result in words: that of a member which says it is one, or all of it.
fn result_text(response: &Value) -> String {
    let said = ["output", "result", "error"].iter().find_map(|name| response[*name].as_str());
    said.map_or_else(|| response.to_string(), str::to_owned)
}

/// The text of content, without thoughts.
pub(super) fn text(content: &Value) -> String {
    let parts = list(&content["parts"]).iter().filter(|part| part["thought"] != true);
    parts.filter_map(|part| part["text"].as_str()).collect()
}
