//! A turn that called tools goes back to an anthropic service as it came.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::{decoder, encode};
use llm_switch_types::{Dialect, Event, Message, Part, Provider, Request, Role};
use serde_json::{Value, json};

const STREAM: &[u8] =
    include_bytes!("../../../test/fixtures/streams/anthropic/anthropic-parallel-tools.sse");

/// The turn that STREAM is, as the engine puts it together.
fn turn() -> Message {
    let mut decoder = decoder(Dialect::Anthropic, true, "seed");
    let mut events = Vec::new();
    decoder.push(STREAM, &mut events).unwrap();
    decoder.finish(&mut events).unwrap();
    let mut turn = Message { parts: Vec::new(), ..Message::text(Role::Assistant, "") };
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(more) => text.push_str(&more),
            Event::ToolCall(call) => turn.tool_calls.push(call),
            Event::Opaque(opaque) => turn.opaque = Some(opaque),
            _ => {}
        }
    }
    turn.parts.push(Part::Text(text));
    turn
}

/// The turns that are sent when each call of TURN was answered.
fn sent(turn: Message) -> Value {
    let answer = |id: &str| Message {
        tool_call_id: Some(id.to_owned()),
        ..Message::text(Role::Tool, "round")
    };
    let answers: Vec<_> = turn.tool_calls.iter().map(|call| answer(&call.id)).collect();
    let mut messages = vec![Message::text(Role::User, "Look"), turn];
    messages.extend(answers);
    let provider =
        Provider { dialect: Dialect::Anthropic, ..Provider::unknown("test", "http://127.0.0.1:1") };
    let request = Request { messages, ..Request::default() };
    encode(&provider, "m", &request).body["messages"].take()
}

#[test]
fn every_block_comes_back_in_its_place_and_under_its_own_name() {
    let result = |id: &str| {
        json!({"type": "tool_result", "tool_use_id": id,
        "content": [{"type": "text", "text": "round"}]})
    };
    let expected = json!([
        {"role": "user", "content": [{"type": "text", "text": "Look"}]},
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Two places, two looks.",
             "signature": "EqQBCkYIARgCKkA+sig/one=="},
            {"type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix/LafPsn4a"},
            {"type": "text", "text": "I look, voilà: 🔭"},
            {"type": "tool_use", "id": "toolu_01A", "name": "look", "input": {"thing": "mooné"}},
            {"type": "thinking", "thinking": "", "signature": "EqQB/two"},
            {"type": "tool_use", "id": "toolu_01B", "name": "now", "input": {}}]},
        {"role": "user", "content": [result("toolu_01A"), result("toolu_01B")]}]);
    assert_eq!(sent(turn()), expected);
}

#[test]
fn without_the_opaque_part_text_and_calls_go_back() {
    let mut turn = turn();
    turn.opaque = None;
    let kinds: Vec<_> = sent(turn)[1]["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| block["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["text", "tool_use", "tool_use"]);
}
