//! The bytes of `anthropic`, and what it refuses.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod client;

use client::{Answer, Client, ask_in, simulator};
use llm_switch_types::Dialect::Anthropic;
use serde_json::{Value, json};

async fn ask(model: &str) -> Answer {
    ask_in(Anthropic, model).await
}

async fn post(model: &str, more: Value) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_in(Anthropic, model, &more).await
}

async fn refused(more: Value) -> String {
    let answer = post("hello", more).await;
    assert_eq!(answer.status(), 400, "{}", answer.body());
    assert_eq!(answer.json()["type"], "error");
    assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
    answer.json()["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn hello_is_event_for_event_what_anthropic_sends() {
    let answer = ask("hello").await;
    let delta = |text: &str| {
        json!({"type": "content_block_delta", "index": 0,
               "delta": {"type": "text_delta", "text": text}})
    };
    let begin = json!({"input_tokens": 2, "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0, "output_tokens": 1, "service_tier": "standard",
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}});
    let end = json!({"input_tokens": 2, "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0, "output_tokens": 4,
        "output_tokens_details": {"thinking_tokens": 0}});
    let expected = [
        json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
            "role": "assistant", "model": "hello", "content": [], "stop_reason": null,
            "stop_sequence": null, "stop_details": null, "usage": begin}}),
        json!({"type": "content_block_start", "index": 0,
               "content_block": {"type": "text", "text": ""}}),
        json!({"type": "ping"}),
        delta("Hello "),
        delta("from "),
        delta("the "),
        delta("simulator."),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "usage": end,
               "delta": {"stop_reason": "end_turn", "stop_sequence": null}}),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(answer.events(), expected);
    assert_eq!(answer.header("request-id"), Some("req_1"));
}

#[tokio::test]
async fn each_event_bears_its_type_as_name() {
    let answer = ask("words:3").await;
    for (chunk, event) in answer.chunks.iter().zip(answer.events()) {
        let name = event["type"].as_str().unwrap();
        assert!(String::from_utf8_lossy(chunk).starts_with(&format!("event: {name}\ndata: {{")));
    }
}

#[tokio::test]
async fn thoughts_are_a_block_that_ends_with_its_signature() {
    let events = ask("reasoning").await.events();
    assert_eq!(events[1]["content_block"]["type"], "thinking");
    let signed = events.iter().position(|e| e["delta"]["type"] == "signature_delta").unwrap();
    assert_eq!(events[signed + 1], json!({"type": "content_block_stop", "index": 0}));
    assert_eq!(events[signed + 2]["index"], 1);
    let hidden = ask("reasoning:hidden").await.events();
    assert_eq!(hidden[1]["content_block"]["type"], "redacted_thinking");
    assert!(hidden[1]["content_block"]["data"].as_str().is_some_and(|data| data.len() > 16));
}

#[tokio::test]
async fn usage_counts_the_cache_apart_from_the_input() {
    let events = ask("usage:1000,500,50,30,100,200").await.events();
    let begin = &events[0]["message"]["usage"];
    assert_eq!(begin["input_tokens"], 200);
    assert_eq!(begin["cache_read_input_tokens"], 500);
    assert_eq!(begin["cache_creation_input_tokens"], 300);
    assert_eq!(begin["cache_creation"]["ephemeral_1h_input_tokens"], 200);
    let end = events.iter().find(|e| e["type"] == "message_delta").unwrap();
    assert_eq!(end["usage"]["output_tokens"], 50);
    assert_eq!(end["usage"]["output_tokens_details"]["thinking_tokens"], 30);
}

#[tokio::test]
async fn the_reason_for_stopping_is_told() {
    for (model, reason) in [("hello", "end_turn"), ("length", "max_tokens"), ("filter", "refusal")]
    {
        assert_eq!(ask(model).await.joined("/delta/stop_reason"), reason);
    }
    assert!(ask("filter").await.body().contains(r#""category":"general_harms""#));
}

#[tokio::test]
async fn errors_come_in_the_stream_and_end_it() {
    for (model, kind) in [("midstream", "api_error"), ("midstream:overloaded", "overloaded_error")]
    {
        let answer = ask(model).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.events().last().unwrap()["error"]["type"], kind);
        assert!(answer.body().contains("event: error\n"));
    }
}

#[tokio::test]
async fn each_status_has_its_type() {
    for (status, kind) in [
        (401, "authentication_error"),
        (402, "billing_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ] {
        let answer = ask(&format!("status:{status}")).await;
        assert_eq!((answer.status(), &answer.json()["error"]["type"]), (status, &json!(kind)));
    }
    assert_eq!(ask("error:quota").await.status(), 400);
    assert!(ask("error:quota").await.body().contains("credit balance is too low"));
}

#[tokio::test]
async fn calls_come_in_pieces_of_json() {
    let schema = json!({"type": "object", "properties": {"city": {"const": "Zürich"}}});
    let tools = json!([{"name": "weather", "input_schema": schema}]);
    let events = post("tools:2", json!({"tools": tools})).await.events();
    let starts: Vec<&Value> = events.iter().filter_map(|e| e.get("content_block")).collect();
    let call = |id: &str| json!({"type": "tool_use", "id": id, "name": "weather", "input": {}});
    assert_eq!(starts, [&call("toolu_1_0"), &call("toolu_1_1")]);
    for index in 0..2 {
        let pieces: Vec<&str> = events
            .iter()
            .filter(|e| e["index"] == index)
            .filter_map(|e| e["delta"]["partial_json"].as_str())
            .collect();
        assert!(pieces.len() > 3);
        assert_eq!(pieces.concat(), r#"{"city":"Zürich"}"#);
    }
}

#[tokio::test]
async fn refuses_what_is_missing_or_unknown() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let body = json!({"model": "hello", "max_tokens": 5,
                      "messages": [{"role": "user", "content": "x"}]});
    let answer = client.post("/v1/messages", &[], &body).await;
    assert!(answer.body().contains("anthropic-version: header is required"));
    let version = [("anthropic-version", "2023-06-01")];
    for name in ["model", "max_tokens", "messages"] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(name);
        let answer = client.post("/v1/messages", &version, &body).await;
        assert_eq!(answer.json()["error"]["message"], format!("{name}: Field required"));
    }
    assert!(refused(json!({"stream_options": {}})).await.starts_with("stream_options: Extra"));
    assert!(refused(json!({"tools": [{"name": "f"}]})).await.contains("input_schema"));
}

#[tokio::test]
async fn refuses_what_thinking_does_not_go_with() {
    let enabled = |budget: u64| json!({"type": "enabled", "budget_tokens": budget});
    assert!(refused(json!({"thinking": enabled(10)})).await.contains("1024"));
    assert!(refused(json!({"thinking": enabled(1024)})).await.contains("`max_tokens` must be"));
    let warm = json!({"thinking": {"type": "adaptive"}, "temperature": 0.5});
    assert!(refused(warm).await.contains("`temperature` may only be set to 1"));
    let forced = json!({"thinking": {"type": "adaptive"}, "tool_choice": {"type": "any"}});
    assert!(refused(forced).await.contains("tool_choice forces tool use"));
}

#[tokio::test]
async fn refuses_turns_out_of_order() {
    let user = json!({"role": "user", "content": "x"});
    let says = json!({"role": "assistant", "content": "y"});
    let calls = json!({"role": "assistant", "content": [
        {"type": "tool_use", "id": "a", "name": "f", "input": {}}]});
    let result =
        |id: &str| json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id}]});
    let late = json!({"role": "user", "content": [{"type": "text", "text": "well"},
        {"type": "tool_result", "tool_use_id": "a"}]});
    let empty = json!({"role": "user", "content": [{"type": "text", "text": ""}]});
    for (messages, why) in [
        (json!([]), "at least one message"),
        (json!([says]), "first message must use"),
        (json!([user, says]), "prefill"),
        (json!([user, calls, user]), "without `tool_result` blocks"),
        (json!([user, calls, late]), "without `tool_result` blocks"),
        (json!([user, result("a")]), "unexpected `tool_use_id`"),
        (json!([user, calls, result("b")]), "without `tool_result` blocks"),
        (json!([empty]), "must be non-empty"),
    ] {
        let seen = refused(json!({"messages": messages})).await;
        assert!(seen.contains(why), "{why}: {seen}");
    }
    let paired = post("hello", json!({"messages": [user, calls, result("a")]})).await;
    assert_eq!(paired.status(), 200);
}

#[tokio::test]
async fn refuses_a_fifth_breakpoint() {
    let block = json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}});
    let with = |n: usize| json!({"system": vec![block.clone(); n]});
    assert_eq!(post("hello", with(4)).await.status(), 200);
    assert!(refused(with(5)).await.contains("A maximum of 4 blocks"));
}

/// The second request of a tool loop, its thoughts changed by `change`.
async fn loops(model: &str, change: impl Fn(&mut Vec<Value>)) -> Answer {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let tools = json!([{"name": "now", "input_schema": {"type": "object"}}]);
    let mut more = json!({"tools": tools});
    let first = client.ask_whole(Anthropic, model, &more).await.json();
    let mut content = first["content"].as_array().unwrap().clone();
    let result = json!([{"type": "tool_result", "tool_use_id": content[1]["id"], "content": "6"}]);
    change(&mut content);
    more["messages"] = json!([{"role": "user", "content": "When?"},
        {"role": "assistant", "content": content}, {"role": "user", "content": result}]);
    client.ask_in(Anthropic, model, &more).await
}

#[tokio::test]
async fn thoughts_that_come_back_as_they_went_are_taken() {
    for model in ["tools-reasoning", "tools-reasoning:hidden"] {
        let answer = loops(model, |_| {}).await;
        assert_eq!(answer.text_in(Anthropic), "The tools said: \"6\".", "{model}");
    }
}

#[tokio::test]
async fn thoughts_that_are_lost_or_changed_are_refused() {
    let remove = |content: &mut Vec<Value>| drop(content.remove(0));
    let swap = |content: &mut Vec<Value>| content.swap(0, 1);
    let retell = |content: &mut Vec<Value>| content[0]["thinking"] = json!("Something else.");
    let resign = |content: &mut Vec<Value>| content[0]["signature"] = json!("Something else.");
    let unseal = |content: &mut Vec<Value>| content[0]["data"] = json!("Something else.");
    for (answer, why) in [
        (loops("tools-reasoning", remove).await, "Expected `thinking`"),
        (loops("tools-reasoning", swap).await, "Expected `thinking`"),
        (loops("tools-reasoning", retell).await, "cannot be modified"),
        (loops("tools-reasoning", resign).await, "Invalid `signature`"),
        (loops("tools-reasoning:hidden", unseal).await, "Invalid `data`"),
    ] {
        assert_eq!(answer.status(), 400);
        assert!(answer.body().contains(why), "{why}: {}", answer.body());
    }
}
