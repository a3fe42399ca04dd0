//! Items of input: the conversation, and whether thoughts come back as they
//! went.

use super::request::{invalid, missing};
use crate::{
    dialect::{self, list},
    prompt::Message,
    refusal::{Cause, Refusal},
    seal,
};
use serde_json::Value;

/// What a result can consist of where it is no text.
const SHOWN: &[&str] = &["input_text", "input_image", "input_file"];

/// The longest id of a call, in bytes.
const LONGEST_ID: usize = 64;

/// What OpenAI refuses although it is well formed.
pub(super) fn check(body: &Value) -> Result<(), Refusal> {
    if body["input"].is_string() {
        return Ok(());
    }
    let items = list(&body["input"]);
    for (i, item) in items.iter().enumerate() {
        check_item(&format!("input[{i}]"), item, body)?;
    }
    check_thoughts_lead_on(items)?;
    check_calls(items)
}

fn check_item(place: &str, item: &Value, body: &Value) -> Result<(), Refusal> {
    match kind(item) {
        "message" => check_message(place, item),
        "reasoning" => check_reasoning(place, item, body),
        "function_call" => {
            check_id(place, item, "fc")?;
            check_strings(place, item, &["call_id", "name", "arguments"])
        }
        "function_call_output" if item.get("output").is_none() => {
            Err(missing(format!("{place}.output")))
        }
        "function_call_output" => {
            check_parts(&format!("{place}.output"), &item["output"], SHOWN)?;
            check_strings(place, item, &["call_id"])
        }
        "item_reference" | "custom_tool_call" | "custom_tool_call_output" | "compaction" => Ok(()),
        other => Err(invalid(
            format!(
                "Invalid value: '{other}'. Supported values are: 'function_call', \
                 'function_call_output', 'item_reference', 'message', and 'reasoning'."
            ),
            "invalid_value",
            format!("{place}.type"),
        )),
    }
}

/// The item's type; who leaves it out means a message.
fn kind(item: &Value) -> &str {
    item["type"].as_str().unwrap_or("message")
}

fn check_strings(place: &str, item: &Value, names: &[&str]) -> Result<(), Refusal> {
    for name in names {
        if !item[*name].is_string() {
            return Err(missing(format!("{place}.{name}")));
        }
    }
    match item["call_id"].as_str().map(str::len).filter(|length| *length > LONGEST_ID) {
        None => Ok(()),
        Some(length) => Err(invalid(
            format!(
                "Invalid '{place}.call_id': string too long. Expected a string with maximum \
                 length 64, but got a string with length {length} instead."
            ),
            "string_above_max_length",
            format!("{place}.call_id"),
        )),
    }
}

/// An item that has an id has one of its own kind.
fn check_id(place: &str, item: &Value, prefix: &str) -> Result<(), Refusal> {
    match item["id"].as_str().filter(|id| !id.starts_with(prefix)) {
        None => Ok(()),
        Some(id) => Err(invalid(
            format!("Invalid '{place}.id': '{id}'. Expected an ID that begins with '{prefix}'."),
            "invalid_value",
            format!("{place}.id"),
        )),
    }
}

fn check_message(place: &str, item: &Value) -> Result<(), Refusal> {
    let role = item["role"].as_str().ok_or_else(|| missing(format!("{place}.role")))?;
    let known: &[&str] = match role {
        "assistant" => &["output_text", "refusal"],
        "user" | "system" | "developer" => {
            &["input_text", "input_image", "input_file", "input_audio"]
        }
        _ => {
            let why = format!(
                "Invalid value: '{role}'. Supported values are: 'assistant', 'system', \
                 'developer', and 'user'."
            );
            return Err(invalid(why, "invalid_value", format!("{place}.role")));
        }
    };
    check_id(place, item, "msg")?;
    let content = item.get("content").ok_or_else(|| missing(format!("{place}.content")))?;
    check_parts(&format!("{place}.content"), content, known)
}

/// Each part of `content` is of a `known` type.
fn check_parts(place: &str, content: &Value, known: &[&str]) -> Result<(), Refusal> {
    let wrong = |(_, part): &(usize, &Value)| {
        part["type"].as_str().is_none_or(|kind| !known.contains(&kind))
    };
    match list(content).iter().enumerate().find(wrong) {
        None => Ok(()),
        Some((j, part)) => Err(invalid(
            format!(
                "Invalid value: '{}'. Supported values are: '{}'.",
                part["type"].as_str().unwrap_or_default(),
                known.join("', '")
            ),
            "invalid_value",
            format!("{place}[{j}].type"),
        )),
    }
}

/// Thoughts come back under their id with what was encrypted for it, unless
/// the service stored them itself.
fn check_reasoning(place: &str, item: &Value, body: &Value) -> Result<(), Refusal> {
    let id = item["id"].as_str().ok_or_else(|| missing(format!("{place}.id")))?;
    check_id(place, item, "rs")?;
    if !item["summary"].is_array() {
        return Err(missing(format!("{place}.summary")));
    }
    match item["encrypted_content"].as_str() {
        Some(seal) if seal::fits(seal, id) => Ok(()),
        Some(_) => Err(invalid(
            "The encrypted content could not be verified. Reason: Encrypted content could not be \
             decrypted or parsed.",
            "invalid_encrypted_content",
            "input",
        )),
        None if body["store"] == false => {
            let why = format!(
                "Item with id '{id}' not found. Items are not persisted when `store` is set to \
                 false. Try again with `store` set to true, or remove this item from your input."
            );
            Err(Refusal::new(404, Cause::BadRequest(why)))
        }
        None => Ok(()),
    }
}

/// Thoughts stand before what they led to.
fn check_thoughts_lead_on(items: &[Value]) -> Result<(), Refusal> {
    for (i, item) in items.iter().enumerate().filter(|(_, item)| kind(item) == "reasoning") {
        let led_to = items.get(i + 1).is_some_and(|next| {
            matches!(kind(next), "reasoning" | "function_call" | "custom_tool_call")
                || next["role"] == "assistant"
        });
        if !led_to {
            let id = item["id"].as_str().unwrap_or_default();
            return Err(Refusal::bad_request(format!(
                "Item '{id}' of type 'reasoning' was provided without its required following item."
            )));
        }
    }
    Ok(())
}

/// Every result has its call before it, and every call a result behind it.
fn check_calls(items: &[Value]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    let mut known: Vec<&str> = Vec::new();
    for item in items {
        let id = item["call_id"].as_str().unwrap_or_default();
        match kind(item) {
            "function_call" => {
                open.push(id);
                known.push(id);
            }
            "function_call_output" if !known.contains(&id) => {
                return Err(Refusal::bad_request(format!(
                    "No tool call found for function call output with call_id {id}."
                )));
            }
            "function_call_output" => open.retain(|open| *open != id),
            _ => {}
        }
    }
    match open.first() {
        None => Ok(()),
        Some(id) => {
            Err(Refusal::bad_request(format!("No tool output found for function call {id}.")))
        }
    }
}

/// The conversation as the scripts want it.
pub(super) fn messages(body: &Value) -> Vec<Message> {
    if let Some(text) = body["input"].as_str() {
        let text = text.to_owned();
        return vec![Message { role: "user".to_owned(), text, ..Message::default() }];
    }
    let items = list(&body["input"]);
    items.iter().enumerate().filter_map(|(i, item)| message(i, item, items)).collect()
}

fn message(place: usize, item: &Value, items: &[Value]) -> Option<Message> {
    let of = |role: &str, content: &Value| Message {
        role: role.to_owned(),
        text: text(content),
        media: media(content),
        place,
        ..Message::default()
    };
    match kind(item) {
        "function_call" => {
            let calls = vec![item["name"].as_str().unwrap_or_default().to_owned()];
            let has_thoughts = has_thoughts(item, &items[..place]);
            Some(Message { calls, has_thoughts, ..of("assistant", &Value::Null) })
        }
        "function_call_output" => Some(of("tool", &item["output"])),
        "message" => {
            let has_thoughts = answer(&item["id"]).is_some() && has_thoughts(item, &items[..place]);
            let said = of(item["role"].as_str().unwrap_or_default(), &item["content"]);
            Some(Message { has_thoughts, ..said })
        }
        _ => None,
    }
}

/// Whether the thoughts of the answer that `item` is of stand before it; of
/// somebody else's calls nothing is known, so nothing is missing.
fn has_thoughts(item: &Value, before: &[Value]) -> bool {
    let ids = [&item["call_id"], &item["id"]];
    let Some(answer) = ids.into_iter().find_map(answer) else { return true };
    before.iter().any(|item| kind(item) == "reasoning" && self::answer(&item["id"]) == Some(answer))
}

/// The number of the answer that an id of ours belongs to: 3 in `call_3_0`.
fn answer(id: &Value) -> Option<u64> {
    id.as_str()?.split('_').nth(1)?.parse().ok()
}

fn media(content: &Value) -> Vec<Value> {
    let url = |part: &Value| {
        let names = ["image_url", "file_data", "file_url"];
        names.iter().find_map(|name| part[*name].as_str()).map(dialect::media)
    };
    list(content).iter().filter_map(url).collect()
}

fn text(content: &Value) -> String {
    match content.as_str() {
        Some(text) => text.to_owned(),
        None => list(content).iter().filter_map(|part| part["text"].as_str()).collect(),
    }
}
