//! The conversation: system blocks, and turns that alternate.

use super::{assistant, ids};
use llm_switch_types::{Message, Part, Role};
use serde_json::{Map, Value, json};

/// The texts of all system turns. Only the newest models take one in the
/// middle of the conversation, but every model takes several in front.
pub(super) fn system(messages: &[Message]) -> Vec<Value> {
    let turns = messages.iter().filter(|message| message.role == Role::System);
    turns.flat_map(|message| content(&message.parts)).collect()
}

/// The turns of MESSAGES. The service wants all results of a turn's tools in
/// the next one, before anything else, so neighbours that speak with the same
/// voice are merged; a turn that says nothing is left out.
pub(super) fn turns(messages: &[Message]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in messages.iter().filter(|message| message.role != Role::System) {
        let (speaker, mut blocks) = turn(message);
        match turns.last_mut() {
            _ if blocks.is_empty() => {}
            Some((last, content)) if *last == speaker => content.append(&mut blocks),
            _ => turns.push((speaker, blocks)),
        }
    }
    let turn = |(speaker, mut content): (&str, Vec<Value>)| {
        content.sort_by_key(|block| block["type"] != "tool_result");
        json!({"role": speaker, "content": content})
    };
    turns.into_iter().map(turn).collect()
}

fn turn(message: &Message) -> (&'static str, Vec<Value>) {
    match (message.role, &message.tool_call_id) {
        (Role::Assistant, _) => ("assistant", assistant::blocks(message)),
        (Role::Tool, Some(id)) => ("user", vec![tool_result(id, message)]),
        _ => ("user", content(&message.parts)),
    }
}

fn tool_result(id: &str, message: &Message) -> Value {
    let mut result = Map::new();
    result.insert("type".into(), "tool_result".into());
    result.insert("tool_use_id".into(), ids::own(id).into());
    let content = content(&message.parts);
    if !content.is_empty() {
        result.insert("content".into(), content.into());
    }
    if message.is_error {
        result.insert("is_error".into(), true.into());
    }
    Value::Object(result)
}

/// The blocks of PARTS.
pub(super) fn content(parts: &[Part]) -> Vec<Value> {
    let block = |part: &Part| match part {
        Part::Text(said) => text(said),
        Part::Media(url) => Some(media(part, url)),
    };
    parts.iter().filter_map(block).collect()
}

/// A block of TEXT, unless it is blank: the service refuses such blocks.
pub(super) fn text(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

fn media(part: &Part, url: &str) -> Value {
    let (is_document, source) = match part.inline() {
        Some((mime, data)) => {
            let source = json!({"type": "base64", "media_type": mime, "data": data});
            (mime == "application/pdf", source)
        }
        None => (is_pdf(url), json!({"type": "url", "url": url})),
    };
    json!({"type": if is_document { "document" } else { "image" }, "source": source})
}

/// Whether the document at URL is a PDF, as far as its name tells.
fn is_pdf(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.to_ascii_lowercase().ends_with(".pdf")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(role: Role, text: &str) -> Message {
        Message::text(role, text)
    }

    fn block(text: &str) -> Value {
        json!({"type": "text", "text": text})
    }

    fn result(id: &str, text: &str) -> Message {
        Message { tool_call_id: Some(id.into()), ..said(Role::Tool, text) }
    }

    #[test]
    fn system_turns_stand_in_front_wherever_they_were() {
        let messages = [
            said(Role::System, "Be brief."),
            said(Role::User, "Hi"),
            said(Role::System, " \n"),
            said(Role::System, "Be kind."),
        ];
        assert_eq!(system(&messages), [block("Be brief."), block("Be kind.")]);
        assert_eq!(turns(&messages), [json!({"role": "user", "content": [block("Hi")]})]);
    }

    #[test]
    fn neighbours_of_one_voice_are_one_turn_and_silence_is_none() {
        let messages = [
            said(Role::User, "a"),
            said(Role::User, ""),
            said(Role::User, "b"),
            said(Role::Assistant, " "),
            said(Role::User, "c"),
            said(Role::Assistant, "d"),
            said(Role::Assistant, "e"),
        ];
        let expected = [
            json!({"role": "user", "content": [block("a"), block("b"), block("c")]}),
            json!({"role": "assistant", "content": [block("d"), block("e")]}),
        ];
        assert_eq!(turns(&messages), expected);
    }

    #[test]
    fn results_of_tools_go_first_into_one_turn_and_tell_whether_they_failed() {
        let failed = Message { is_error: true, ..result("call_2", "no such file") };
        let silent = result("call_toolu_3", "");
        let messages = [said(Role::User, "And?"), result("call_toolu_1", "ok"), failed, silent];
        let expected = json!({"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": [block("ok")]},
            {"type": "tool_result", "tool_use_id": "2", "is_error": true,
             "content": [block("no such file")]},
            {"type": "tool_result", "tool_use_id": "toolu_3"},
            block("And?")]});
        assert_eq!(turns(&messages), [expected]);
    }

    #[test]
    fn media_go_inline_or_by_address_as_images_or_documents() {
        let table = [
            (
                "data:image/png;base64,AA",
                "image",
                json!({"type": "base64", "media_type": "image/png", "data": "AA"}),
            ),
            (
                "data:application/pdf;base64,AA",
                "document",
                json!({"type": "base64", "media_type": "application/pdf", "data": "AA"}),
            ),
            (
                "https://example.org/a.png",
                "image",
                json!({"type": "url", "url": "https://example.org/a.png"}),
            ),
            (
                "https://example.org/a.PDF?page=1",
                "document",
                json!({"type": "url", "url": "https://example.org/a.PDF?page=1"}),
            ),
        ];
        for (url, kind, source) in table {
            let blocks = content(&[Part::Media(url.into())]);
            assert_eq!(blocks, [json!({"type": kind, "source": source})], "{url}");
        }
    }

    #[test]
    fn a_tool_can_show_a_picture() {
        let shown = Message {
            parts: vec![Part::Media("data:image/png;base64,AA".into())],
            ..result("call_1", "")
        };
        assert_eq!(turns(&[shown])[0]["content"][0]["content"][0]["type"], "image");
    }
}
