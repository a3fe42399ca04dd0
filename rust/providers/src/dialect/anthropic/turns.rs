//! The conversation: system blocks, and turns that alternate.

use super::{assistant, ids};
use crate::dialect::media::{Kind, kind, left_out};
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
        (Role::Tool, Some(id)) => ("user", returned(id, message)),
        _ => ("user", content(&message.parts)),
    }
}

/// The result of the call with ID. The service takes nothing but text from a
/// tool that failed, so that what it showed stands behind.
fn returned(id: &str, message: &Message) -> Vec<Value> {
    let blocks = message.parts.iter().filter_map(returned_block);
    let stays = |block: &Value| !message.is_error || block["type"] == "text";
    let (content, mut behind): (Vec<Value>, _) = blocks.partition(stays);
    behind.insert(0, tool_result(id, message, content));
    behind
}

/// The block of PART. There is no sound on this wire, and no image of a type
/// that few services take.
fn returned_block(part: &Part) -> Option<Value> {
    match part {
        Part::Media(url) if kind(url) == Kind::Other => text(&left_out(url)),
        part => block(part),
    }
}

fn tool_result(id: &str, message: &Message, content: Vec<Value>) -> Value {
    let mut result = Map::new();
    result.insert("type".into(), "tool_result".into());
    result.insert("tool_use_id".into(), ids::own(id).into());
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
    parts.iter().filter_map(block).collect()
}

fn block(part: &Part) -> Option<Value> {
    match part {
        Part::Text(said) => text(said),
        Part::Media(url) => Some(media(part, url)),
    }
}

/// A block of TEXT, unless it is blank: the service refuses such blocks.
pub(super) fn text(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

fn media(part: &Part, url: &str) -> Value {
    let source = match part.inline() {
        Some((mime, data)) => json!({"type": "base64", "media_type": mime, "data": data}),
        None => json!({"type": "url", "url": url}),
    };
    let is_document = kind(url) == Kind::Document;
    json!({"type": if is_document { "document" } else { "image" }, "source": source})
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

    fn shown(urls: &[&str]) -> Message {
        let media = urls.iter().map(|url| Part::Media((*url).into()));
        let parts = [Part::Text("Here".into())].into_iter().chain(media).collect();
        Message { parts, ..result("call_1", "") }
    }

    #[test]
    fn what_a_tool_shows_stands_in_its_result() {
        let shown = shown(&["data:image/png;base64,AA", "data:application/pdf;base64,BB"]);
        let content = &turns(&[shown])[0]["content"];
        assert_eq!(content.as_array().map(Vec::len), Some(1));
        let expected = json!([
            block("Here"),
            {"type": "image",
             "source": {"type": "base64", "media_type": "image/png", "data": "AA"}},
            {"type": "document",
             "source": {"type": "base64", "media_type": "application/pdf", "data": "BB"}}]);
        assert_eq!(content[0]["content"], expected);
    }

    #[test]
    fn what_a_tool_showed_that_failed_stands_behind_all_results() {
        let failed = Message { is_error: true, ..shown(&["data:image/png;base64,AA"]) };
        let content = turns(&[failed, result("call_2", "ok")])[0]["content"].take();
        let kinds = content.as_array().unwrap().iter().map(|block| block["type"].clone());
        assert_eq!(kinds.collect::<Value>(), json!(["tool_result", "tool_result", "image"]));
        assert_eq!(content[0]["content"], json!([block("Here")]));
    }

    #[test]
    fn what_the_service_would_refuse_from_a_tool_is_told() {
        let heard = shown(&["data:audio/wav;base64,AA"]);
        let content = turns(&[heard])[0]["content"][0]["content"].take();
        assert_eq!(content[1]["type"], "text");
        assert!(content[1]["text"].as_str().unwrap().contains("audio/wav was left out"));
    }
}
