//! Tool calls on the wire, and the loop that they are part of.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod client;

use client::{Answer, Client, ask, simulator};
use serde_json::{Value, json};

/// What the tool `weather` is called with, by its schema.
const WEATHER: &str = r#"{"city":"Zürich","days":7}"#;

fn offers() -> Value {
    let weather = json!({"type": "object", "properties": {
        "city": {"type": "string", "enum": ["Zürich", "Bern"]}, "days": {"type": "integer"}}});
    json!([
        {"type": "function", "function": {"name": "weather", "parameters": weather}},
        {"type": "function", "function": {"name": "now"}},
    ])
}

async fn call(model: &str) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_with(model, json!({"tools": offers()})).await
}

/// The pieces of calls, in their order.
fn pieces(answer: &Answer) -> Vec<Value> {
    let piece = |event: &Value| event.pointer("/choices/0/delta/tool_calls/0").cloned();
    answer.events().iter().filter_map(piece).collect()
}

fn arguments<'a>(pieces: impl IntoIterator<Item = &'a Value>) -> String {
    pieces.into_iter().filter_map(|piece| piece["function"]["arguments"].as_str()).collect()
}

#[tokio::test]
async fn parallel_calls_come_in_pieces_under_their_index() {
    let answer = call("tools:3").await;
    let pieces = pieces(&answer);
    let of = |index| pieces.iter().filter(move |piece| piece["index"] == index);
    for (index, name, expected) in
        [(0, "weather", WEATHER), (1, "now", "{}"), (2, "weather", WEATHER)]
    {
        let first = of(index).next().unwrap();
        assert_eq!(first["function"], json!({"name": name, "arguments": ""}));
        assert_eq!(first["id"], format!("call_1_{index}"));
        assert_eq!(first["type"], "function");
        assert!(of(index).skip(1).all(|piece| piece.get("id").is_none()));
        assert_eq!(arguments(of(index)), expected);
    }
    assert!(of(0).count() > 4);
    assert_eq!(answer.finish_reason().as_deref(), Some("tool_calls"));
    assert!(answer.usage().is_some() && answer.is_done());
}

#[tokio::test]
async fn a_whole_call_is_one_delta() {
    let pieces = pieces(&call("tools-whole").await);
    let expected = json!([{"index": 0, "id": "call_1_0", "type": "function",
                           "function": {"name": "weather", "arguments": WEATHER}}]);
    assert_eq!(json!(pieces), expected);
}

#[tokio::test]
async fn index_or_id_can_be_missing() {
    let without = |pieces: &[Value], name: &str| pieces.iter().all(|p| p.get(name).is_none());
    let no_index = pieces(&call("tools-noindex:2").await);
    assert!(without(&no_index, "index") && !without(&no_index, "id"));
    assert_eq!(arguments(&no_index), format!("{WEATHER}{{}}"));
    let no_id = pieces(&call("tools-noid").await);
    assert!(without(&no_id, "id") && !without(&no_id, "index"));
}

#[tokio::test]
async fn results_are_quoted_and_end_the_loop() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let more = json!({"tools": offers(), "messages": [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "a"}, {"id": "b"}]},
        {"role": "tool", "tool_call_id": "a", "content": "22 °C"},
        {"role": "tool", "tool_call_id": "b", "content": "dry"}]});
    let answer = client.ask_with("tools:2", more).await;
    assert_eq!(answer.text(), "The tools said: \"22 °C\", \"dry\".");
    assert_eq!(answer.finish_reason().as_deref(), Some("stop"));
}

#[tokio::test]
async fn a_result_without_its_call_is_refused() {
    let simulator = simulator().await;
    let more = json!({"messages": [{"role": "tool", "tool_call_id": "a", "content": "1"}]});
    let answer = Client::connect(&simulator).await.ask_with("tools", more).await;
    assert_eq!(answer.status(), 400);
}

#[tokio::test]
async fn calls_in_one_piece_have_no_index() {
    let simulator = simulator().await;
    let more = json!({"tools": offers(), "stream": false});
    let answer = Client::connect(&simulator).await.ask_with("tools:2", more).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    assert_eq!(
        choice["message"]["tool_calls"][0],
        json!({"id": "call_1_0", "type": "function",
        "function": {"name": "weather", "arguments": WEATHER}})
    );
    assert_eq!(choice["message"]["tool_calls"][1]["function"]["name"], "now");
}

/// The second request of a tool loop after thoughts, `name` taken from the
/// message and `value` put there.
async fn thinks_and_loops(model: &str, name: &str, value: Value) -> Answer {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let more = json!({"tools": offers(), "stream": false});
    let first = client.ask_with(model, more).await.json();
    let mut message = first["choices"][0]["message"].clone();
    let id = message["tool_calls"][0]["id"].clone();
    assert!(!message[name].is_null(), "{message}");
    match value {
        Value::Null => drop(message.as_object_mut().unwrap().remove(name)),
        value => message[name] = value,
    }
    let messages = json!([{"role": "user", "content": "Weather?"}, message,
        {"role": "tool", "tool_call_id": id, "content": "dry"}]);
    client.ask_with(model, json!({"tools": offers(), "messages": messages})).await
}

#[tokio::test]
async fn thoughts_have_to_come_back_with_the_calls() {
    let plain = "reasoning_content";
    let kept = thinks_and_loops("tools-reasoning", plain, json!("")).await;
    assert_eq!(kept.text(), "The tools said: \"dry\".");
    let lost = thinks_and_loops("tools-reasoning", plain, Value::Null).await;
    assert_eq!(lost.status(), 400);
    assert!(
        lost.body()
            .contains("`reasoning_content` field in the assistant message at message index 1")
    );
}

#[tokio::test]
async fn details_have_to_come_back_as_they_went() {
    for model in ["tools-reasoning:details:1", "tools-reasoning:hidden"] {
        let lost = thinks_and_loops(model, "reasoning_details", Value::Null).await;
        assert_eq!(lost.status(), 400, "{model}");
        let changed = json!([{"type": "reasoning.text", "signature": "none"}]);
        let changed = thinks_and_loops(model, "reasoning_details", changed).await;
        assert!(changed.body().contains("Invalid `signature`"), "{model}");
    }
}

#[tokio::test]
async fn hidden_thoughts_are_one_detail_with_a_seal() {
    let events = ask("reasoning:hidden").await.events();
    let detail = &events[1]["choices"][0]["delta"]["reasoning_details"][0];
    assert_eq!(detail["type"], "reasoning.encrypted");
    assert!(detail["data"].is_string());
}
