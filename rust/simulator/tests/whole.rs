//! What each script answers when no stream is asked for.

mod client;

use client::{Answer, Client, End, simulator};
use llm_switch_simulator::words_text;
use serde_json::{Value, json};

async fn ask(model: &str) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_with(model, json!({"stream": false})).await
}

async fn message(model: &str) -> Value {
    ask(model).await.json()["choices"][0]["message"].clone()
}

#[tokio::test]
async fn hello_is_one_json_text() {
    let answer = ask("hello").await;
    let body = answer.json();
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(body["object"], "chat.completion");
    let message =
        json!({"role": "assistant", "content": "Hello from the simulator.", "refusal": null});
    assert_eq!(body["choices"][0]["message"], message);
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["usage"]["total_tokens"], 6);
}

#[tokio::test]
async fn texts_are_those_of_the_stream() {
    assert_eq!(message("words:25").await["content"], words_text(25));
    assert_eq!(message("flood:100").await["content"], "tick ".repeat(100));
    assert_eq!(message("echo").await["content"], "Hi there");
    assert_eq!(message("surrogate").await["content"], "A unicorn: 🦄 and no more.");
    assert_eq!(message("bytes:words:25").await["content"], words_text(25));
    let thoughts = message("reasoning:both").await;
    assert_eq!(thoughts["reasoning"], "The user said something. I shall answer it.");
    assert_eq!(thoughts["reasoning"], thoughts["reasoning_content"]);
}

#[tokio::test]
async fn oddities_are_those_of_the_stream() {
    assert!(ask("nousage").await.json().get("usage").is_none());
    assert_eq!(ask("served:other").await.json()["model"], "other");
    assert_eq!(ask("notjson").await.body(), "this is not JSON");
    assert!(message("nulls").await.as_object().unwrap()["tool_calls"].is_null());
    assert_eq!(ask("length").await.json()["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn an_error_in_the_middle_becomes_a_status() {
    let answer = ask("midstream:vllm").await;
    assert_eq!(answer.status(), 500);
    assert_eq!(answer.json()["object"], "error");
}

#[tokio::test]
async fn faults_come_in_the_middle_of_the_json() {
    for (model, end) in [("cut", End::Complete), ("truncate", End::Closed), ("reset", End::Reset)] {
        let answer = ask(model).await;
        assert_eq!(answer.end, end, "{model}");
        assert!(answer.body().starts_with(r#"{"id":"chatcmpl-1""#));
        assert!(serde_json::from_str::<Value>(&answer.body()).is_err());
    }
}
