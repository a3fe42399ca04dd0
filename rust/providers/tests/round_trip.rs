//! A turn that calls tools goes back to its service as the service wants it.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::{decoder, encode};
use llm_switch_types::{Dialect, Event, Message, Provider, Request, Role, ToolCall};
use serde_json::{Value, json};
use std::path::Path;

/// The assistant's turn that STREAM, a fixture, means.
fn turn(dialect: Dialect, stream: &str) -> Message {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/fixtures/streams");
    let bytes = std::fs::read(folder.join(dialect.name()).join(stream)).unwrap();
    let (mut decoder, mut events) = (decoder(dialect, true, "seed"), Vec::new());
    decoder.push(&bytes, &mut events).unwrap();
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
    Message { parts: Message::text(Role::Assistant, text).parts, ..turn }
}

/// What is sent to MODEL after TURN, with a result for each of its calls.
fn sent(dialect: Dialect, model: &str, turn: Message) -> Value {
    let result = |call: &ToolCall| Message {
        tool_call_id: Some(call.id.clone()),
        ..Message::text(Role::Tool, format!("of {}", call.name))
    };
    let results: Vec<_> = turn.tool_calls.iter().map(result).collect();
    let messages = std::iter::once(turn).chain(results).collect();
    let request = Request { messages, ..Request::default() };
    encode(&provider(dialect), model, &request).body
}

fn provider(dialect: Dialect) -> Provider {
    Provider { dialect, ..Provider::unknown("test", "http://127.0.0.1:1") }
}

#[test]
fn gemini_gets_its_signatures_and_ids_where_they_were() {
    let turn = turn(Dialect::Gemini, "parallel-tools.sse");
    let expected = json!([
        {"role": "model", "parts": [
            {"text": "Let me look."},
            {"functionCall": {"id": "k3v9", "name": "look", "args": {"thing": "mooné", "far": true}},
             "thoughtSignature": "CrIBAdHtim8="},
            {"functionCall": {"id": "k3w0", "name": "look", "args": {"thing": "sun"}}},
            {"functionCall": {"name": "list"}}]},
        {"role": "user", "parts": [
            {"functionResponse": {"id": "k3v9", "name": "look", "response": {"output": "of look"}}},
            {"functionResponse": {"id": "k3w0", "name": "look", "response": {"output": "of look"}}},
            {"functionResponse": {"name": "list", "response": {"output": "of list"}}}]}]);
    assert_eq!(sent(Dialect::Gemini, "gemini-3.8-flash", turn)["contents"], expected);
}

#[test]
fn gemini_is_told_that_a_turn_is_not_its_own() {
    let turn = Message { opaque: None, ..turn(Dialect::Gemini, "parallel-tools.sse") };
    let parts = &sent(Dialect::Gemini, "gemini-4-argon", turn)["contents"][0]["parts"];
    let signatures: Vec<_> =
        parts.as_array().unwrap().iter().map(|it| it.get("thoughtSignature")).collect();
    assert_eq!(signatures, [None, Some(&json!("skip_thought_signature_validator")), None, None]);
}

#[test]
fn ollama_gets_its_thoughts_and_matching_ids() {
    let turn = turn(Dialect::Ollama, "parallel-tools.ndjson");
    let messages = &sent(Dialect::Ollama, "qwen3:8b", turn)["messages"];
    assert_eq!(messages[0]["thinking"], "I must look twice.");
    assert_eq!(messages[0]["content"], "Let me look.");
    assert_eq!(messages[0]["tool_calls"].as_array().unwrap().len(), 3);
    for (at, name) in ["look", "look", "list"].into_iter().enumerate() {
        let (call, result) = (&messages[0]["tool_calls"][at], &messages[at + 1]);
        assert_eq!((&call["function"]["name"], &result["tool_name"]), (&json!(name), &json!(name)));
        assert_eq!(call["id"], result["tool_call_id"]);
    }
    let thing = &messages[0]["tool_calls"][1]["function"]["arguments"];
    assert_eq!(thing, &json!({"thing": "sun"}));
}

#[test]
fn anthropic_gets_every_block_in_its_place_and_under_its_own_name() {
    let turn = turn(Dialect::Anthropic, "anthropic-parallel-tools.sse");
    let result = |id: &str, name: &str| {
        json!({"type": "tool_result", "tool_use_id": id,
            "content": [{"type": "text", "text": format!("of {name}")}]})
    };
    let expected = json!([
        {"role": "assistant", "content": [
            {"type": "thinking", "thinking": "Two places, two looks.",
             "signature": "EqQBCkYIARgCKkA+sig/one=="},
            {"type": "redacted_thinking", "data": "EmwKAhgBEgy3va3pzix/LafPsn4a"},
            {"type": "text", "text": "I look, voilà: 🔭"},
            {"type": "tool_use", "id": "toolu_01A", "name": "look", "input": {"thing": "mooné"}},
            {"type": "thinking", "thinking": "", "signature": "EqQB/two"},
            {"type": "tool_use", "id": "toolu_01B", "name": "now", "input": {}}]},
        {"role": "user", "content": [result("toolu_01A", "look"), result("toolu_01B", "now")]}]);
    assert_eq!(sent(Dialect::Anthropic, "m", turn)["messages"], expected);
}

#[test]
fn anthropic_gets_text_and_calls_where_the_opaque_part_is_lost() {
    let turn = turn(Dialect::Anthropic, "anthropic-parallel-tools.sse");
    let body = sent(Dialect::Anthropic, "m", Message { opaque: None, ..turn });
    let blocks = body["messages"][0]["content"].as_array().unwrap();
    let kinds: Vec<_> = blocks.iter().map(|block| block["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "tool_use", "tool_use"]);
}
