//! The bytes of `gemini`, and what it refuses.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod client;

use client::{Answer, Client, ask_in, simulator};
use llm_switch_types::Dialect::Gemini;
use serde_json::{Value, json};

async fn ask(model: &str) -> Answer {
    ask_in(Gemini, model).await
}

async fn post(model: &str, more: Value) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_in(Gemini, model, &more).await
}

async fn refused(more: Value) -> String {
    let answer = post("hello", more).await;
    assert_eq!(answer.status(), 400, "{}", answer.body());
    assert_eq!(answer.json()["error"]["status"], "INVALID_ARGUMENT");
    answer.json()["error"]["message"].as_str().unwrap().to_owned()
}

/// The parts of all chunks.
fn parts(answer: &Answer) -> Vec<Value> {
    let events = answer.events().into_iter();
    let parts = events.filter_map(|e| e["candidates"][0]["content"]["parts"].as_array().cloned());
    parts.flatten().collect()
}

#[tokio::test]
async fn hello_is_event_for_event_what_google_sends() {
    let answer = ask("hello").await;
    let chunk = |candidate: Value, usage: Value| {
        json!({"candidates": [candidate], "modelVersion": "hello", "responseId": "resp1",
               "usageMetadata": usage})
    };
    let said = |text: &str| {
        let content = json!({"role": "model", "parts": [{"text": text}]});
        let usage = json!({"promptTokenCount": 2, "totalTokenCount": 2});
        chunk(json!({"index": 0, "content": content}), usage)
    };
    let end = json!({"index": 0, "content": {"role": "model"}, "finishReason": "STOP"});
    let usage = json!({"promptTokenCount": 2, "candidatesTokenCount": 4, "totalTokenCount": 6});
    let expected =
        [said("Hello "), said("from "), said("the "), said("simulator."), chunk(end, usage)];
    assert_eq!(answer.events(), expected);
    assert!(!answer.body().contains("event:") && !answer.body().contains("[DONE]"));
}

#[tokio::test]
async fn thoughts_are_parts_and_their_signature_stands_on_another() {
    let answer = ask("reasoning").await;
    let parts = parts(&answer);
    assert_eq!(parts[0], json!({"text": "The ", "thought": true}));
    let signed: Vec<&Value> =
        parts.iter().filter(|p| p.get("thoughtSignature").is_some()).collect();
    assert_eq!((signed.len(), &signed[0]["text"]), (1, &json!("")));
    let usage = &answer.events().pop().unwrap()["usageMetadata"];
    assert_eq!(
        (&usage["candidatesTokenCount"], &usage["thoughtsTokenCount"]),
        (&json!(4), &json!(8))
    );
}

#[tokio::test]
async fn usage_counts_the_cache_with_the_prompt_and_thoughts_apart() {
    let usage = ask("usage:1000,800,50,30").await.events().pop().unwrap()["usageMetadata"].clone();
    let expected = json!({"promptTokenCount": 1000, "cachedContentTokenCount": 800,
        "candidatesTokenCount": 20, "thoughtsTokenCount": 30, "totalTokenCount": 1050});
    assert_eq!(usage, expected);
}

#[tokio::test]
async fn the_reason_for_stopping_is_told() {
    for (model, reason) in [("hello", "STOP"), ("length", "MAX_TOKENS"), ("filter", "SAFETY")] {
        assert_eq!(ask(model).await.joined("/candidates/0/finishReason"), reason);
    }
}

#[tokio::test]
async fn errors_in_the_stream_are_bare_or_in_an_array() {
    let overloaded = ask("midstream:overloaded").await.events().pop().unwrap();
    assert_eq!(overloaded["error"]["status"], "UNAVAILABLE");
    let internal = ask("midstream").await.events().pop().unwrap();
    assert_eq!(internal[0]["error"]["status"], "INTERNAL");
}

#[tokio::test]
async fn who_comes_too_often_is_told_so_in_details() {
    let error = ask("status:429:ms").await.json()["error"].clone();
    assert_eq!(error["status"], "RESOURCE_EXHAUSTED");
    let quota = error["details"][0]["violations"][0]["quotaId"].as_str().unwrap();
    assert!(quota.contains("PerMinute"));
    assert_eq!(error["details"][1]["retryDelay"], "0.250s");
}

fn weather() -> Value {
    let schema = json!({"type": "object", "properties": {"city": {"const": "Zürich"}}});
    json!([{"functionDeclarations": [{"name": "weather", "parametersJsonSchema": schema}]}])
}

#[tokio::test]
async fn calls_come_whole_with_an_id_or_without() {
    let call = |id: Value| {
        let mut call = json!({"name": "weather", "args": {"city": "Zürich"}});
        if id.is_string() {
            call["id"] = id;
        }
        json!({"functionCall": call})
    };
    let with = post("tools:2", json!({"tools": weather()})).await;
    assert_eq!(parts(&with), [call(json!("call_1_0")), call(json!("call_1_1"))]);
    let without = post("tools-noid:1", json!({"tools": weather()})).await;
    assert_eq!(parts(&without), [call(Value::Null)]);
}

#[tokio::test]
async fn refuses_names_that_google_does_not_know() {
    let json_schema = json!({"type": "object", "properties": {"a": {"const": 1}}});
    let tools = json!([{"functionDeclarations": [{"name": "f", "parameters": json_schema}]}]);
    for (more, name) in [
        (json!({"messages": []}), "\"messages\""),
        (json!({"generationConfig": {"max_tokens": 5}}), "\"maxTokens\" at 'generationConfig'"),
        (json!({"generationConfig": {"thinkingConfig": {"effort": 1}}}), "\"effort\""),
        (json!({"tools": tools}), "\"const\""),
    ] {
        let why = refused(more).await;
        assert!(why.contains(name), "{why}");
    }
    let snake = json!({"generation_config": {"max_output_tokens": 5}});
    assert_eq!(post("hello", snake).await.status(), 200);
}

#[tokio::test]
async fn refuses_turns_out_of_order() {
    let user = json!({"role": "user", "parts": [{"text": "x"}]});
    let call = json!({"functionCall": {"name": "f", "args": {}}});
    let calls = json!({"role": "model", "parts": [call]});
    let two = json!({"role": "model", "parts": [call, call]});
    let part = |name: &str, response: Value| json!({"functionResponse": {"name": name, "response": response}});
    let result =
        |name: &str| json!({"role": "user", "parts": [part(name, json!({"output": "1"}))]});
    let text = json!({"role": "user", "parts": [part("f", json!("1"))]});
    for (contents, why) in [
        (json!([]), "contents is not specified"),
        (json!([{"role": "assistant", "parts": [{"text": "x"}]}]), "valid role"),
        (json!([{"role": "user", "parts": []}]), "parts must not be empty"),
        (json!([{"role": "user", "parts": [{"thought": true}]}]), "required oneof field"),
        (json!([user, calls]), "number of function response parts"),
        (json!([user, calls, user]), "number of function response parts"),
        (json!([user, two, result("f")]), "number of function response parts"),
        (json!([user, result("f")]), "immediately after a function call turn"),
        (json!([calls, result("f")]), "function call turn comes immediately after"),
        (json!([user, calls, result("g")]), "does not match"),
        (json!([user, calls, text]), "Struct"),
    ] {
        let seen = refused(json!({"contents": contents})).await;
        assert!(seen.contains(why), "{why}: {seen}");
    }
    let paired = post("hello", json!({"contents": [user, calls, result("f")]})).await;
    assert_eq!(paired.status(), 200);
}

#[tokio::test]
async fn a_stream_is_asked_for_as_events() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let body = json!({"contents": [{"parts": [{"text": "x"}]}]});
    let path = "/v1beta/models/hello:streamGenerateContent";
    assert_eq!(client.post(path, &[], &body).await.status(), 400);
}

/// The second request of a tool loop, its parts changed by `change`.
async fn loops(model: &str, change: impl Fn(&mut Vec<Value>)) -> Answer {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let mut more = json!({"tools": weather()});
    let mut parts = parts(&client.ask_in(Gemini, model, &more).await);
    let result = json!({"functionResponse": {"name": "weather", "response": {"output": "6"}}});
    let calls = parts.iter().filter(|part| part.get("functionCall").is_some()).count();
    change(&mut parts);
    more["contents"] = json!([{"role": "user", "parts": [{"text": "When?"}]},
        {"role": "model", "parts": parts}, {"role": "user", "parts": vec![result; calls]}]);
    client.ask_in(Gemini, model, &more).await
}

#[tokio::test]
async fn signatures_that_come_back_where_they_stood_are_taken() {
    for model in ["tools-reasoning:2", "tools-reasoning:hidden:2"] {
        let answer = loops(model, |_| {}).await;
        assert_eq!(answer.text_in(Gemini), "The tools said: \"6\", \"6\".", "{model}");
    }
}

#[tokio::test]
async fn signatures_that_are_lost_moved_or_changed_are_refused() {
    let seal = "thoughtSignature";
    let lose = |parts: &mut Vec<Value>| {
        for part in parts {
            part.as_object_mut().unwrap().remove(seal);
        }
    };
    let swap = |parts: &mut Vec<Value>| {
        let n = parts.len();
        parts.swap(n - 1, n - 2);
    };
    let alter = |parts: &mut Vec<Value>| {
        for part in parts.iter_mut().filter(|part| part.get(seal).is_some()) {
            part[seal] = json!("AAAA");
        }
    };
    let lost = "missing a thought_signature";
    for (answer, why) in [
        (loops("tools-reasoning:2", lose).await, lost),
        (loops("tools-reasoning:2", swap).await, lost),
        (loops("tools-reasoning:2", alter).await, "Corrupted thought signature"),
    ] {
        assert_eq!(answer.status(), 400);
        assert!(answer.body().contains(why), "{why}: {}", answer.body());
    }
}
