//! Services that change while one looks: keys that go bad and are mended, and
//! allowances that are used up and filled again.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod client;

use client::{Answer, Client};
use llm_switch_simulator::{Received, Simulator, test_key};
use serde_json::{Value, json};
use std::time::Duration;

const PATH: &str = "/v1/chat/completions";

/// A simulator that takes the keys "one" and "two".
async fn simulator() -> Simulator {
    let builder = Simulator::builder().key(test_key("one")).key(test_key("two"));
    builder.start().await.unwrap()
}

/// What MODEL answers who has KEY and says TEXT.
async fn says(simulator: &Simulator, key: &str, model: &str, text: &str) -> Answer {
    let authorization = format!("Bearer {}", test_key(key));
    let body = json!({"model": model, "messages": [{"role": "user", "content": text}]});
    let mut client = Client::connect(simulator).await;
    client.post(PATH, &[("Authorization", &authorization)], &body).await
}

async fn status(simulator: &Simulator, key: &str, model: &str) -> u16 {
    says(simulator, key, model, "Hi there").await.status()
}

#[tokio::test]
async fn each_of_several_keys_will_do_and_is_told_apart() {
    let simulator = simulator().await;
    for (key, expected) in [("one", 200), ("two", 200), ("three", 401)] {
        assert_eq!(status(&simulator, key, "hello").await, expected, "{key}");
    }
    let keys: Vec<_> = simulator.received().requests.iter().map(|it| it.key).collect();
    assert_eq!(keys, [Some(0), Some(1), None]);
}

#[tokio::test]
async fn one_key_goes_bad_and_is_mended() {
    let simulator = simulator().await;
    assert!(simulator.turn(&test_key("one"), "status:401"));
    assert_eq!(status(&simulator, "one", "hello").await, 401);
    assert_eq!(status(&simulator, "two", "hello").await, 200);
    assert!(simulator.mend(&test_key("one")));
    assert_eq!(status(&simulator, "one", "hello").await, 200);
    assert!(!simulator.turn(&test_key("three"), "status:401"), "nobody has it");
}

#[tokio::test]
async fn who_comes_too_often_waits_until_there_is_room() {
    let simulator = simulator().await;
    let model = "most:2:86400:hello";
    for expected in [200, 200, 429] {
        assert_eq!(status(&simulator, "one", model).await, expected);
    }
    let refused = says(&simulator, "one", model, "Hi").await;
    let wait: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((86_000..=86_400).contains(&wait), "{wait}");
    assert_eq!(status(&simulator, "two", model).await, 200, "each key has its own");
    simulator.pass(Duration::from_secs(86_400));
    assert_eq!(status(&simulator, "one", model).await, 200);
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_refused_as_such() {
    let simulator = simulator().await;
    assert_eq!(says(&simulator, "one", "room:3:hello", "one two three").await.status(), 200);
    let refused = says(&simulator, "one", "room:3:hello", "one two three four").await;
    assert_eq!(refused.json()["error"]["code"], "context_length_exceeded");
}

#[tokio::test]
async fn what_was_played_and_how_it_was_refused_is_noted() {
    let simulator = simulator().await;
    simulator.turn(&test_key("two"), "status:429");
    status(&simulator, "one", "words:2").await;
    status(&simulator, "two", "words:2").await;
    let is_over = |it: &Received| it.ended_ms.is_some();
    let log = simulator.received_when(|log| log.requests.iter().all(is_over)).await;
    let noted = |it: &Received| json!([it.script, it.status, it.retry_after]);
    let noted: Vec<Value> = log.requests.iter().map(noted).collect();
    assert_eq!(noted, [json!(["words:2", 200, null]), json!(["status:429", 429, 7])]);
    assert!(log.requests.iter().all(|it| it.at_ms <= it.ended_ms.unwrap()));
}
