//! The conversation as `messages`.

use crate::dialect::json::object;
use crate::dialect::media::{Kind, kind};
use crate::dialect::returned::{Returned, error_mark};
use llm_switch_types::{Message, Part, Role, ToolCall};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// MESSAGES, with the name of its tool at each result.
pub(super) fn messages(messages: &[Message]) -> Value {
    let calls = messages.iter().flat_map(|message| &message.tool_calls);
    let names = calls.map(|call| (call.id.as_str(), call.name.as_str())).collect();
    messages.iter().map(|it| message(it, &names)).collect()
}

fn message(message: &Message, names: &HashMap<&str, &str>) -> Value {
    let mut out = Map::new();
    out.insert("role".into(), json!(message.role));
    let (content, media) =
        if message.role == Role::Tool { returned(message) } else { said(message) };
    out.insert("content".into(), error_mark(message, &content).into());
    let images: Vec<&str> = media.into_iter().filter_map(Part::inline).map(|it| it.1).collect();
    if !images.is_empty() {
        out.insert("images".into(), json!(images));
    }
    if !message.tool_calls.is_empty() {
        out.insert("tool_calls".into(), message.tool_calls.iter().map(call).collect());
    }
    // Models that think between calls lose the thread without it.
    let thinking = message.opaque.as_ref().and_then(|opaque| opaque.get("thinking"));
    out.extend(thinking.map(|text| ("thinking".to_owned(), text.clone())));
    if let (Role::Tool, Some(id)) = (message.role, message.tool_call_id.as_deref()) {
        out.insert("tool_call_id".into(), id.into());
        out.extend(names.get(id).map(|name| ("tool_name".to_owned(), (*name).into())));
    }
    Value::Object(out)
}

/// The texts of MESSAGE, a line apart, and its media. This wire takes no
/// addresses, so the model is at least told them.
fn said(message: &Message) -> (String, Vec<&Part>) {
    let texts = message.parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Media(url) => part.inline().is_none().then_some(url),
    });
    (texts.collect::<Vec<_>>().join("\n"), message.parts.iter().collect())
}

/// The same of a tool's turn, without what the server would take for a broken
/// image.
fn returned(message: &Message) -> (String, Vec<&Part>) {
    let is_image = |url: &str| url.starts_with("data:") && kind(url) == Kind::Image;
    let Returned { text, media } = Returned::of(message, is_image);
    (text, media)
}

/// The server keeps no conversation, so an id has only to be the same at the
/// call and at its result, and goes back as we handed it out.
fn call(call: &ToolCall) -> Value {
    json!({"id": call.id,
        "function": {"name": call.name, "arguments": object(&call.arguments, "arguments")}})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_turn_stays_in_its_place() {
        let turns = [
            Message::text(Role::System, "One."),
            Message::text(Role::User, "Hi"),
            Message::text(Role::System, "Two."),
        ];
        let expected = json!([
            {"role": "system", "content": "One."},
            {"role": "user", "content": "Hi"},
            {"role": "system", "content": "Two."}]);
        assert_eq!(messages(&turns), expected);
    }

    #[test]
    fn inline_media_go_as_images_and_addresses_as_text() {
        let turn = Message {
            parts: vec![
                Part::Text("What?".into()),
                Part::Media("data:image/png;base64,AA".into()),
                Part::Media("https://a.example/b.png".into()),
            ],
            ..Message::text(Role::User, "")
        };
        let expected = json!([{"role": "user", "content": "What?\nhttps://a.example/b.png",
            "images": ["AA"]}]);
        assert_eq!(messages(&[turn]), expected);
    }

    #[test]
    fn what_a_tool_shows_are_images_of_its_turn_and_the_rest_is_told() {
        let media = |url: &str| Part::Media(url.into());
        let shown = Message {
            parts: vec![media("data:image/png;base64,AA"), media("data:application/pdf;base64,BB")],
            tool_call_id: Some("call_a".into()),
            is_error: true,
            ..Message::text(Role::Tool, "")
        };
        let sent = messages(&[shown])[0].take();
        assert_eq!((&sent["role"], &sent["images"]), (&json!("tool"), &json!(["AA"])));
        let said = sent["content"].as_str().unwrap();
        assert!(said.starts_with("Error: [application/pdf was left out"), "{said}");
    }

    #[test]
    fn a_tool_turn_goes_back_with_what_was_thought_and_the_tools_names() {
        let call = |id: &str, name: &str| ToolCall {
            id: id.into(),
            name: name.into(),
            arguments: "{\"x\":1}".into(),
        };
        let assistant = Message {
            parts: Vec::new(),
            tool_calls: vec![call("call_a", "look"), call("call_b", "read")],
            opaque: Some(json!({"thinking": "hm", "role": "system"})),
            ..Message::text(Role::Assistant, "")
        };
        let result = |id: &str, text| Message {
            tool_call_id: Some(id.into()),
            ..Message::text(Role::Tool, text)
        };
        let failed = Message { is_error: true, ..result("call_b", "no such file") };
        let expected = json!([
            {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [
                {"id": "call_a", "function": {"name": "look", "arguments": {"x": 1}}},
                {"id": "call_b", "function": {"name": "read", "arguments": {"x": 1}}}]},
            {"role": "tool", "tool_call_id": "call_a", "tool_name": "look", "content": "moon"},
            {"role": "tool", "tool_call_id": "call_b", "tool_name": "read",
             "content": "Error: no such file"}]);
        assert_eq!(messages(&[assistant, result("call_a", "moon"), failed]), expected);
    }
}
