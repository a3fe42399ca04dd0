//! Calls of tools, their results, and the reasoning that goes back with them.

use crate::ask::{Answer, ask_well};
use crate::world::World;
use llm_switch_catalog::Capability;
use llm_switch_simulator::{Tag, absent, evidence};
use llm_switch_types::{Dialect, Provider};
use serde_json::{Value, json};

/// A tool whose schema holds what some services refuse or demand.
fn tools() -> Value {
    json!([{"type": "function", "function": {
        "name": "look", "description": "Look at a thing", "parameters": {
            "type": "object", "required": ["thing"], "properties": {
                "thing": {"enum": ["moon"]},
                "ways": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
                "far": {"type": "boolean"}}}}}])
}

/// What ROW's host is asked first. Some take no form of the answer beside
/// tools, and only the OpenAI family has one that asks for any JSON.
fn question(row: &Provider, stream: bool) -> Value {
    let mut question = json!({"stream": stream, "tools": tools(),
        "messages": [{"role": "user", "content": "Look!"}]});
    if row.dialect == Dialect::OpenaiChat {
        question["response_format"] = json!({"type": "json_object"});
    }
    question
}

/// QUESTION with the turn that ANSWER is, and a result for each of its calls.
fn with_results(mut question: Value, answer: &Answer) -> Value {
    let call = |call: &llm_switch_types::ToolCall| {
        json!({"id": call.id, "type": "function",
            "function": {"name": call.name, "arguments": call.arguments}})
    };
    let turn = json!({"role": "assistant", "content": answer.known["message"]["content"],
        "tool_calls": answer.calls.iter().map(call).collect::<Vec<_>>(),
        "llm_switch": answer.known["message"]["opaque"]});
    let results = answer
        .calls
        .iter()
        .map(|call| json!({"role": "tool", "tool_call_id": call.id, "content": "I see the moon"}));
    let messages = question["messages"].as_array_mut().unwrap();
    messages.push(turn);
    messages.extend(results);
    question
}

/// Two parallel calls by MODEL, and the answer to their results; gives the
/// turn that called.
fn loops(world: &World, row: &Provider, model: &str, stream: bool) -> Answer {
    let place = format!("{} {model}", row.name);
    let question = question(row, stream);
    let turn = ask_well(world, row, model, question.clone());
    assert_eq!(turn.calls.len(), 2, "{place}: {turn:?}");
    assert_eq!(turn.known["stop-reason"], "tool-calls", "{place}");
    for call in &turn.calls {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
        assert_eq!((call.name.as_str(), &arguments["thing"]), ("look", &json!("moon")), "{place}");
    }
    let end = ask_well(world, row, model, with_results(question, &turn));
    let quotes = end.text.matches("I see the moon").count();
    assert_eq!(quotes, 2, "{place}: {}", end.text);
    turn
}

#[test]
fn every_row_calls_tools_and_uses_their_results() {
    let world = World::new();
    for row in world.rows() {
        for stream in [true, false] {
            loops(&world, &row, "tools:2", stream);
        }
        evidence(&row.name, "tools", Tag::Simulated);
    }
}

/// The script refuses results that come without the thoughts before them, or
/// with others than its own.
#[test]
fn every_row_gets_its_reasoning_back() {
    let world = World::new();
    for row in world.rows() {
        match world.lacks(&row, Capability::Reasoning, "reasons") {
            Some(reason) => absent(&row.name, "reason", &reason),
            None => {
                let model = format!("tools-reasoning:{}:2", field(&row));
                for stream in [true, false] {
                    let turn = loops(&world, &row, &model, stream);
                    // OpenRouter tells its thoughts in another field as well.
                    let is_told = turn.reasoning.matches("I shall answer it").count() == 1;
                    assert!(is_told || field(&row) == "details", "{}: {turn:?}", row.name);
                }
                evidence(&row.name, "reason", Tag::Simulated);
            }
        }
    }
}

/// Where ROW's thoughts stand in `openai-chat`, as far as its documents tell;
/// the most usual place where they do not.
fn field(row: &Provider) -> &'static str {
    match row.name.as_str() {
        "openrouter" => "details",
        "groq" | "cerebras" | "vllm" => "reasoning",
        "chutes" => "both",
        _ => "reasoning_content",
    }
}
