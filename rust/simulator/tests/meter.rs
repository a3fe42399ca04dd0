//! What answers are billed at.

mod client;

use client::{Client, simulator};
use llm_switch_simulator::{Outcome, Received, Simulator};
use llm_switch_types::Dialect::{self, Anthropic, Gemini, Ollama, OpenaiChat, OpenaiResponses};
use serde_json::{Value, json};

/// What is billed for the one request that SIMULATOR has answered.
async fn billed(simulator: &Simulator) -> (Outcome, u64, u64) {
    let is_over = |it: &Received| it.outcome != Outcome::Answering;
    let log = simulator.received_when(|log| log.requests.iter().all(is_over)).await;
    let [one] = log.requests.as_slice() else { panic!("{log:?}") };
    (one.outcome, one.prompt_tokens, one.output_tokens)
}

/// The text of `model` in `dialect` with these members, and what is billed.
async fn metered(dialect: Dialect, model: &str, more: Value) -> (String, (Outcome, u64, u64)) {
    let simulator = simulator().await;
    let answer = Client::connect(&simulator).await.ask_in(dialect, model, &more).await;
    (answer.text_in(dialect), billed(&simulator).await)
}

#[tokio::test]
async fn the_output_limit_is_kept_in_every_dialect() {
    let limits = [
        (OpenaiChat, json!({"max_tokens": 16})),
        (OpenaiChat, json!({"max_completion_tokens": 16})),
        (OpenaiResponses, json!({"max_output_tokens": 16})),
        (Anthropic, json!({"max_tokens": 16})),
        (Gemini, json!({"generationConfig": {"maxOutputTokens": 16}})),
        (Ollama, json!({"options": {"num_predict": 16}})),
    ];
    for (dialect, limit) in limits {
        let (text, bill) = metered(dialect, "metered:tokens:40", limit).await;
        assert_eq!((text, bill), ("tok ".repeat(16), (Outcome::Answered, 2, 16)), "{dialect:?}");
    }
}

#[tokio::test]
async fn who_is_stopped_at_the_limit_says_so() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let short = client.ask_with("metered:tokens:9", json!({"max_tokens": 3})).await;
    assert_eq!(short.finish_reason().as_deref(), Some("length"));
    assert_eq!(short.usage().unwrap()["completion_tokens"], 3);
    let whole = client.ask_with("metered:tokens:9", json!({"max_tokens": 9})).await;
    assert_eq!(whole.finish_reason().as_deref(), Some("stop"));
    let unlimited = client.ask("metered:tokens:9").await;
    assert_eq!(unlimited.usage().unwrap()["completion_tokens"], 9);
    let flood = client.ask_with("metered:flood:9", json!({"max_tokens": 3})).await;
    assert_eq!(flood.text(), "tick tick tick ");
}

#[tokio::test]
async fn thoughts_that_nobody_limits_are_billed_all_the_same() {
    let simulator = simulator().await;
    let limit = json!({"max_tokens": 3});
    let answer =
        Client::connect(&simulator).await.ask_with("hidden:50:metered:tokens:9", limit).await;
    let usage = answer.usage().unwrap();
    assert_eq!(usage["completion_tokens"], 53);
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 50);
    assert_eq!(billed(&simulator).await, (Outcome::Answered, 2, 53));
}

#[tokio::test]
async fn what_was_made_before_a_fault_is_billed_and_a_refusal_is_not() {
    let bill = |model: &'static str| async move { metered(OpenaiChat, model, json!({})).await.1 };
    assert_eq!(bill("cut:5").await, (Outcome::Answered, 2, 5));
    assert_eq!(bill("midstream").await, (Outcome::Answered, 2, 3));
    assert_eq!(bill("status:500").await, (Outcome::Answered, 0, 0));
}

#[tokio::test]
async fn who_leaves_pays_for_what_was_made_until_then() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.send(&client::request("stall:5", json!({}))).await;
    let mut client = Some(client);
    simulator.received_when(|log| log.requests.len() == 1).await;
    client.as_mut().unwrap().fill().await.unwrap();
    drop(client.take());
    let (outcome, prompt, output) = billed(&simulator).await;
    assert_eq!((outcome, prompt), (Outcome::ClientLeft, 2));
    assert!(output <= 5, "{output}");
}
