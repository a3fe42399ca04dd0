//! The bytes of `ollama`, and what it refuses.

mod client;

use client::{Answer, Client, ask_in, simulator};
use llm_switch_types::Dialect::Ollama;
use serde_json::{Value, json};

async fn ask(model: &str) -> Answer {
    ask_in(Ollama, model).await
}

async fn post(model: &str, more: Value) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_in(Ollama, model, &more).await
}

#[tokio::test]
async fn hello_is_line_for_line_what_ollama_sends() {
    let answer = ask("hello").await;
    let mut lines = answer.lines();
    for line in &mut lines {
        assert!(line.as_object_mut().unwrap().remove("created_at").unwrap().is_string());
    }
    let message = |text: &str| json!({"role": "assistant", "content": text});
    let said = |text: &str| json!({"model": "hello", "message": message(text), "done": false});
    let end = json!({"model": "hello", "message": message(""), "done": true,
        "done_reason": "stop", "total_duration": 5_000_000, "load_duration": 1_000_000,
        "prompt_eval_count": 2, "prompt_eval_duration": 1_000_000, "eval_count": 4,
        "eval_duration": 3_000_000});
    assert_eq!(lines, [said("Hello "), said("from "), said("the "), said("simulator."), end]);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    assert!(answer.chunks.iter().all(|chunk| chunk.ends_with(b"}\n")));
}

#[tokio::test]
async fn lines_are_neither_dressed_nor_commented() {
    let body = ask("crlf:comments:flood:3").await.body();
    assert!(!body.contains('\r') && !body.contains("keep-alive"));
}

#[tokio::test]
async fn thoughts_stand_beside_the_content() {
    let answer = ask("reasoning").await;
    assert_eq!(answer.joined("/message/thinking"), "The user said something. I shall answer it.");
    assert_eq!(ask("reasoning:hidden").await.joined("/message/thinking"), "");
}

#[tokio::test]
async fn usage_leaves_out_what_the_cache_held() {
    let last = ask("usage:1000,800,50,30").await.lines().pop().unwrap();
    assert_eq!((&last["prompt_eval_count"], &last["eval_count"]), (&json!(200), &json!(50)));
    assert_eq!(ask("length").await.lines().pop().unwrap()["done_reason"], "length");
}

#[tokio::test]
async fn it_streams_unless_it_is_told_not_to() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let body = json!({"model": "hello", "messages": []});
    assert!(client.post("/api/chat", &[], &body).await.lines().len() > 1);
    let whole = client.ask_whole(Ollama, "hello", &json!({})).await.json();
    assert_eq!(whole["message"]["content"], "Hello from the simulator.");
    assert_eq!(whole["done"], true);
}

#[tokio::test]
async fn calls_come_whole_and_results_need_no_ids() {
    let schema = json!({"type": "object", "properties": {"city": {"const": "Zürich"}}});
    let function = json!({"name": "weather", "parameters": schema});
    let tools = json!([{"type": "function", "function": function}]);
    let answer = post("tools-reasoning:2", json!({"tools": tools})).await;
    let calls: Vec<Value> =
        answer.lines().iter().filter_map(|l| l["message"].get("tool_calls").cloned()).collect();
    let call = json!([{"function": {"name": "weather", "arguments": {"city": "Zürich"}}}]);
    assert_eq!(calls, [call.clone(), call.clone()]);
    let mut messages = json!([{"role": "user", "content": "x"},
        {"role": "assistant", "content": "", "tool_calls": call},
        {"role": "tool", "tool_name": "weather", "content": "6"}]);
    let thoughtless = post("tools-reasoning:2", json!({"messages": messages})).await;
    assert_eq!(thoughtless.status(), 400);
    messages[1]["thinking"] = json!("The user said something.");
    let answer = post("tools-reasoning:2", json!({"messages": messages})).await;
    assert_eq!(answer.text_in(Ollama), "The tools said: \"6\".");
}

#[tokio::test]
async fn errors_are_one_text_before_the_answer_and_in_it() {
    let answer = ask("midstream").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.lines().pop().unwrap()["error"].is_string());
    let missing = ask("nothing").await;
    assert_eq!(missing.status(), 404);
    assert!(missing.json()["error"].as_str().unwrap().starts_with("model 'nothing' not found"));
    assert!(ask("error:context").await.body().contains("exceeded max context length"));
}

#[tokio::test]
async fn refuses_what_its_decoder_cannot_hold() {
    let parts = json!([{"role": "user", "content": [{"type": "text", "text": "x"}]}]);
    let url = json!([{"role": "user", "content": "x", "images": ["data:image/png;base64,AA"]}]);
    let function = json!({"name": "f", "arguments": "{}"});
    let call = json!([{"role": "assistant", "tool_calls": [{"function": function}]}]);
    for (more, why) in [
        (json!({"model": ""}), "model is required"),
        (json!({"think": "much"}), "invalid think value"),
        (json!({"format": "xml"}), "invalid format"),
        (json!({"messages": [{"role": "developer", "content": "x"}]}), "invalid role"),
        (json!({"messages": parts}), "cannot unmarshal array"),
        (json!({"messages": url}), "illegal base64"),
        (json!({"messages": call}), "cannot unmarshal string"),
    ] {
        let answer = post("hello", more).await;
        assert_eq!(answer.status(), 400);
        assert!(answer.json()["error"].as_str().unwrap().contains(why), "{}", answer.body());
    }
}
