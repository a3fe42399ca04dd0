//! The conversation: whose turn it is, which results belong to which calls,
//! and whether thoughts come back as they went.

use crate::{dialect::list, prompt::Message, refusal::Refusal, seal};
use serde_json::{Value, json};

/// What Anthropic refuses although it is well formed.
pub(super) fn check(body: &Value) -> Result<(), Refusal> {
    let messages = list(&body["messages"]);
    if messages.is_empty() {
        return refuse("messages: at least one message is required");
    }
    for (i, message) in messages.iter().enumerate() {
        check_message(i, message)?;
        let before = i.checked_sub(1).and_then(|i| messages.get(i));
        check_results(i, message, before)?;
        check_answered(i, message, messages.get(i + 1))?;
    }
    if messages.last().is_some_and(|last| last["role"] == "assistant") {
        return refuse(
            "This model does not support assistant message prefill. The conversation must end \
             with a user message.",
        );
    }
    Ok(())
}

fn refuse(why: impl Into<String>) -> Result<(), Refusal> {
    Err(Refusal::bad_request(why))
}

fn check_message(i: usize, message: &Value) -> Result<(), Refusal> {
    match message["role"].as_str() {
        Some("user") => {}
        Some("assistant") if i > 0 => {}
        Some("system") if i > 0 => {}
        Some("assistant") => return refuse("messages: first message must use the \"user\" role"),
        _ => {
            return refuse(format!("messages.{i}.role: Input should be 'user' or 'assistant'"));
        }
    }
    let content = &message["content"];
    if content.as_str() == Some("") || content.as_array().is_some_and(Vec::is_empty) {
        return refuse(format!("messages.{i}: all messages must have non-empty content"));
    }
    if !content.is_string() && !content.is_array() {
        return refuse(format!("messages.{i}.content: Field required"));
    }
    let mut blocks = list(content).iter().enumerate();
    blocks.try_for_each(|(j, block)| check_block(&format!("messages.{i}.content.{j}"), block))
}

fn check_block(place: &str, block: &Value) -> Result<(), Refusal> {
    match block["type"].as_str() {
        Some("text") if block["text"].as_str().is_none_or(str::is_empty) => {
            refuse("messages: text content blocks must be non-empty")
        }
        Some("thinking") => check_thinking(place, block),
        Some("redacted_thinking") if !genuine(&block["data"]) => {
            refuse(format!("{place}: Invalid `data` in `redacted_thinking` block"))
        }
        Some("tool_use") if !block["input"].is_object() => {
            refuse(format!("{place}.tool_use.input: Input should be a valid dictionary"))
        }
        Some("tool_use") if !is_id(&block["id"]) => {
            refuse(format!("{place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"))
        }
        Some("image" | "document") if !block["source"].is_object() => {
            refuse(format!("{place}.source: Field required"))
        }
        Some("image") => check_image(place, block),
        Some("tool_result") => check_result(place, block),
        Some("text" | "redacted_thinking" | "tool_use" | "document" | "search_result") => Ok(()),
        _ => refuse(format!(
            "{place}.type: Input tag '{}' found using 'type' does not match any of the expected \
             tags",
            block["type"].as_str().unwrap_or_default()
        )),
    }
}

fn check_image(place: &str, block: &Value) -> Result<(), Refusal> {
    const TYPES: &[&str] = &["image/jpeg", "image/png", "image/gif", "image/webp"];
    match block["source"]["media_type"].as_str().filter(|mime| !TYPES.contains(mime)) {
        None => Ok(()),
        Some(_) => refuse(format!(
            "{place}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', \
             'image/gif' or 'image/webp'"
        )),
    }
}

/// A result may show something, unless it is that of a tool that failed.
fn check_result(place: &str, block: &Value) -> Result<(), Refusal> {
    for (i, inner) in list(&block["content"]).iter().enumerate() {
        if block["is_error"] == true && inner["type"] != "text" {
            return refuse(format!(
                "{place}.tool_result: all content must be type \"text\" if \"is_error\" is true"
            ));
        }
        if matches!(inner["type"].as_str(), Some("tool_use" | "tool_result" | "thinking")) {
            return refuse(format!(
                "{place}.tool_result.content.{i}.type: Input tag is unexpected"
            ));
        }
        check_block(&format!("{place}.tool_result.content.{i}"), inner)?;
    }
    Ok(())
}

fn check_thinking(place: &str, block: &Value) -> Result<(), Refusal> {
    let Some(signature) = block["signature"].as_str() else {
        return refuse(format!("{place}.thinking.signature: Field required"));
    };
    if !seal::is_genuine(signature) {
        return refuse(format!("{place}: Invalid `signature` in `thinking` block"));
    }
    if !seal::fits(signature, block["thinking"].as_str().unwrap_or_default()) {
        return refuse(format!(
            "{place}: `thinking` or `redacted_thinking` blocks in the latest assistant message \
             cannot be modified. These blocks must remain as they were in the original response."
        ));
    }
    Ok(())
}

fn genuine(seal: &Value) -> bool {
    seal.as_str().is_some_and(seal::is_genuine)
}

fn is_id(id: &Value) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    id.as_str().is_some_and(|id| (1..=64).contains(&id.len()) && id.chars().all(allowed))
}

fn is_thoughts(block: &Value) -> bool {
    matches!(block["type"].as_str(), Some("thinking" | "redacted_thinking"))
}

/// Every result has its call in the message before.
fn check_results(i: usize, message: &Value, before: Option<&Value>) -> Result<(), Refusal> {
    let calls = before.map_or_else(Vec::new, |before| ids(before, "tool_use", "id"));
    let results = ids(message, "tool_result", "tool_use_id");
    match results.iter().find(|id| !calls.contains(id)) {
        None => Ok(()),
        Some(id) => refuse(format!(
            "messages.{i}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {id}. \
             Each `tool_result` block must have a corresponding `tool_use` block in the previous \
             message."
        )),
    }
}

/// Every call has its result at the begin of the message behind.
fn check_answered(i: usize, message: &Value, next: Option<&Value>) -> Result<(), Refusal> {
    let blocks = next.map_or(&[][..], |next| list(&next["content"]));
    let first = blocks.iter().take_while(|block| block["type"] == "tool_result");
    let results: Vec<&str> = first.filter_map(|block| block["tool_use_id"].as_str()).collect();
    let calls = ids(message, "tool_use", "id");
    match calls.iter().find(|id| !results.contains(id)) {
        None => Ok(()),
        Some(id) => refuse(format!(
            "messages.{i}: `tool_use` ids were found without `tool_result` blocks immediately \
             after: {id}. Each `tool_use` block must have a corresponding `tool_result` block in \
             the next message."
        )),
    }
}

fn ids<'a>(message: &'a Value, kind: &str, member: &str) -> Vec<&'a str> {
    let blocks = list(&message["content"]).iter().filter(|block| block["type"] == kind);
    blocks.filter_map(|block| block[member].as_str()).collect()
}

/// The conversation as the scripts want it: each result a message of its own.
pub(super) fn messages(body: &Value) -> Vec<Message> {
    list(&body["messages"]).iter().enumerate().flat_map(neutral).collect()
}

fn neutral((place, message): (usize, &Value)) -> Vec<Message> {
    let blocks = list(&message["content"]);
    let of = |kind: &'static str| blocks.iter().filter(move |block| block["type"] == kind);
    let calls = of("tool_use").map(|call| call["name"].as_str().unwrap_or_default().to_owned());
    let first = Message {
        role: message["role"].as_str().unwrap_or_default().to_owned(),
        text: text(&message["content"]),
        media: all_media(blocks),
        place,
        calls: calls.collect(),
        has_thoughts: blocks.first().is_some_and(is_thoughts),
    };
    let result = |block: &Value| Message {
        role: "tool".to_owned(),
        text: text(&block["content"]),
        media: all_media(list(&block["content"])),
        place,
        ..Message::default()
    };
    let results = of("tool_result").map(result);
    match (first.text.is_empty(), first.media.is_empty(), of("tool_result").next()) {
        (true, true, Some(_)) => results.collect(),
        // What a tool showed that failed.
        (_, false, Some(_)) => results.chain([first]).collect(),
        _ => [first].into_iter().chain(results).collect(),
    }
}

fn all_media(blocks: &[Value]) -> Vec<Value> {
    let is_media = |block: &&Value| matches!(block["type"].as_str(), Some("image" | "document"));
    blocks.iter().filter(is_media).map(media).collect()
}

fn media(block: &Value) -> Value {
    let source = &block["source"];
    match source["url"].as_str() {
        Some(url) => json!({"url": url}),
        None => json!({"mime": source["media_type"], "data": source["data"]}),
    }
}

/// The text of content, which is a string or a list of blocks.
pub(super) fn text(content: &Value) -> String {
    match content.as_str() {
        Some(text) => text.to_owned(),
        None => list(content).iter().filter_map(|block| block["text"].as_str()).collect(),
    }
}
