//! The conversation as `messages`.

use crate::dialect::media::{Kind, kind};
use crate::dialect::returned::{Returned, error_mark, whose};
use llm_switch_types::{Message, Part, Role, ToolCall};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// MESSAGES. What tools returned beside text stands behind their turns, all of
/// which the service wants to see first.
pub(super) fn messages(messages: &[Message]) -> Value {
    let calls = messages.iter().flat_map(|message| &message.tool_calls);
    let names = calls.map(|call| (call.id.as_str(), call.name.as_str())).collect();
    let turns = messages.chunk_by(|one, next| one.role == Role::Tool && next.role == Role::Tool);
    turns.flat_map(|turn| turn.iter().map(message).chain(shown(turn, &names))).collect()
}

fn message(message: &Message) -> Value {
    let mut out = Map::new();
    out.insert("role".into(), json!(message.role));
    out.insert("content".into(), content(message));
    if !message.tool_calls.is_empty() {
        out.insert("tool_calls".into(), message.tool_calls.iter().map(tool_call).collect());
    }
    if let Some(id) = &message.tool_call_id {
        out.insert("tool_call_id".into(), id.as_str().into());
    }
    // What this service handed out with the turn: reasoning, signatures.
    if let Some(Value::Object(opaque)) = &message.opaque {
        out.extend(opaque.clone());
    }
    Value::Object(out)
}

/// A single text stays a string, which every server takes. A turn without
/// text is null and never "", which several servers refuse beside tool calls.
fn content(message: &Message) -> Value {
    match message.parts.as_slice() {
        [] => Value::Null,
        [Part::Text(text)] => error_mark(message, text).into(),
        _ if message.role == Role::Tool => {
            error_mark(message, returned(message).text_before_media()).into()
        }
        parts => parts.iter().map(part).collect(),
    }
}

/// Documents go by their bytes only here.
fn returned(message: &Message) -> Returned<'_> {
    Returned::of(message, |url| kind(url) == Kind::Image || is_document(url))
}

/// The media that the tools of TURN returned, as the user's: in a tool's turn
/// the service takes text only. NAMES are those of the tools, by call.
fn shown(turn: &[Message], names: &HashMap<&str, &str>) -> Option<Value> {
    let tools = turn.iter().filter(|message| message.role == Role::Tool);
    let parts: Vec<Value> = tools.flat_map(|message| shown_by(message, names)).collect();
    (!parts.is_empty()).then(|| json!({"role": "user", "content": parts}))
}

/// What MESSAGE shows, with a word before it of whose it is.
fn shown_by(message: &Message, names: &HashMap<&str, &str>) -> Vec<Value> {
    let media = returned(message).media;
    let id = message.tool_call_id.as_deref().unwrap_or_default();
    let word = json!({"type": "text", "text": whose(names.get(id).copied())});
    let word = (!media.is_empty()).then_some(word);
    word.into_iter().chain(media.into_iter().map(part)).collect()
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Media(url) if is_document(url) => {
            json!({"type": "file", "file": {"filename": "document.pdf", "file_data": url}})
        }
        Part::Media(url) => json!({"type": "image_url", "image_url": {"url": url}}),
    }
}

fn is_document(url: &str) -> bool {
    url.starts_with("data:application/pdf")
}

fn tool_call(call: &ToolCall) -> Value {
    json!({"id": call.id, "type": "function",
           "function": {"name": call.name, "arguments": call.arguments}})
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: &str = "data:image/png;base64,AA";
    const DOCUMENT: &str = "data:application/pdf;base64,BB";

    fn calling(calls: &[(&str, &str)]) -> Message {
        let call = |(id, name): &(&str, &str)| ToolCall {
            id: (*id).into(),
            name: (*name).into(),
            arguments: "{\"x\":1}".into(),
        };
        Message {
            parts: Vec::new(),
            tool_calls: calls.iter().map(call).collect(),
            opaque: Some(json!({"reasoning_content": "hm"})),
            ..Message::text(Role::Assistant, "")
        }
    }

    fn result(id: &str, parts: &[Part]) -> Message {
        Message {
            parts: parts.to_vec(),
            tool_call_id: Some(id.into()),
            ..Message::text(Role::Tool, "")
        }
    }

    fn text(text: &str) -> Part {
        Part::Text(text.into())
    }

    fn media(url: &str) -> Part {
        Part::Media(url.into())
    }

    #[test]
    fn a_tool_turn_goes_back_as_it_came() {
        let failed = Message { is_error: true, ..result("call_1", &[text("no such file")]) };
        assert_eq!(
            messages(&[calling(&[("call_1", "f")]), failed]),
            json!([
            {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "Error: no such file"}])
        );
    }

    #[test]
    fn media_go_as_images_or_files() {
        let message =
            Message { parts: vec![media(IMAGE), media(DOCUMENT)], ..Message::text(Role::User, "") };
        let content = &messages(&[message])[0]["content"];
        assert_eq!(content[0]["image_url"]["url"], IMAGE);
        assert_eq!(content[1]["file"]["file_data"], DOCUMENT);
    }

    #[test]
    fn what_tools_show_stands_behind_all_of_their_turns() {
        let sent = messages(&[
            calling(&[("call_1", "shoot"), ("call_2", "read"), ("call_3", "print")]),
            result("call_1", &[text("Here"), text("it is"), media(IMAGE)]),
            result("call_2", &[text("moon")]),
            result("call_3", &[media(DOCUMENT)]),
            Message::text(Role::Assistant, "I see."),
        ]);
        let word = |text: &str| json!({"type": "text", "text": text});
        let expected = json!([
            {"role": "tool", "tool_call_id": "call_1", "content": "Here\nit is"},
            {"role": "tool", "tool_call_id": "call_2", "content": "moon"},
            {"role": "tool", "tool_call_id": "call_3", "content": "The result follows."},
            {"role": "user", "content": [
                word("This is what the tool shoot returned:"),
                {"type": "image_url", "image_url": {"url": IMAGE}},
                word("This is what the tool print returned:"),
                {"type": "file", "file": {"filename": "document.pdf", "file_data": DOCUMENT}}]},
            {"role": "assistant", "content": "I see."}]);
        assert_eq!(json!(sent.as_array().unwrap()[1..]), expected);
    }

    #[test]
    fn what_the_service_would_refuse_is_told_and_a_failure_is_marked() {
        let drawing = media("data:image/svg+xml;base64,AA");
        let sound = media("data:audio/wav;base64,AA");
        let failed = Message { is_error: true, ..result("call_1", &[drawing, sound]) };
        let sent = messages(&[failed]);
        let said = sent[0]["content"].as_str().unwrap();
        assert!(said.starts_with("Error: [image/svg+xml was left out"), "{said}");
        assert!(said.contains("[audio/wav was left out"), "{said}");
        assert_eq!(sent.as_array().map(Vec::len), Some(1));
    }
}
