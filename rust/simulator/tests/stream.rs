//! What each script puts on the wire of a stream.

mod client;

use client::{Client, End, ask, simulator};
use llm_switch_simulator::words_text;
use serde_json::{Value, json};

#[tokio::test]
async fn hello_is_event_for_event_what_openai_sends() {
    let answer = ask("hello").await;
    let created = answer.events()[0]["created"].clone();
    let chunk = |choices: Value, usage: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": created,
               "model": "hello", "choices": choices, "usage": usage})
    };
    let delta = |delta: Value, reason: Value| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason});
        chunk(json!([choice]), Value::Null)
    };
    let usage = json!({
        "prompt_tokens": 2, "completion_tokens": 4, "total_tokens": 6,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    });
    let expected = [
        delta(json!({"role": "assistant", "content": "", "refusal": null}), Value::Null),
        delta(json!({"content": "Hello "}), Value::Null),
        delta(json!({"content": "from "}), Value::Null),
        delta(json!({"content": "the "}), Value::Null),
        delta(json!({"content": "simulator."}), Value::Null),
        delta(json!({}), json!("stop")),
        chunk(json!([]), usage),
    ];
    assert_eq!(answer.events(), expected);
    assert_eq!(answer.header("content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(answer.end, End::Complete);
}

#[tokio::test]
async fn each_event_is_a_data_line_and_a_blank_one_in_its_own_chunk() {
    let answer = ask("hello").await;
    for (chunk, payload) in answer.chunks.iter().zip(answer.payloads()) {
        assert_eq!(*chunk, format!("data: {payload}\n\n").into_bytes());
    }
    assert_eq!(answer.chunks.last().unwrap(), b"data: [DONE]\n\n");
    assert_eq!(answer.chunks.len(), 8);
}

#[tokio::test]
async fn words_come_one_to_a_chunk_and_complete() {
    let answer = ask("words:2000").await;
    // Role, reason, usage and end stand around the words.
    assert_eq!(answer.chunks.len(), 2000 + 4);
    assert_eq!(answer.text(), words_text(2000));
    assert_eq!(answer.usage().unwrap()["completion_tokens"], 2000);
}

#[tokio::test]
async fn words_at_a_rate_are_the_same_words() {
    assert_eq!(ask("words:30@1000").await.text(), words_text(30));
}

#[tokio::test]
async fn echo_says_what_the_user_said_last() {
    let simulator = simulator().await;
    let messages = json!([{"role": "user", "content": "first"},
        {"role": "assistant", "content": "x"}, {"role": "user", "content": "zweitens: é 🦄\n"},
        {"role": "assistant", "content": "y"}]);
    let mut client = Client::connect(&simulator).await;
    let answer = client.ask_with("echo", json!({"messages": messages})).await;
    assert_eq!(answer.text(), "zweitens: é 🦄\n");
}

#[tokio::test]
async fn inspect_tells_all_but_the_key() {
    let simulator = simulator().await;
    let tool = json!({"type": "function", "function": {"name": "look", "parameters": {}}});
    let more = json!({"temperature": 0.25, "tools": [tool]});
    let answer = Client::connect(&simulator).await.ask_with("inspect", more).await;
    let seen: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(seen["messages"], json!([{"role": "user", "text": "Hi there", "media": []}]));
    assert_eq!(seen["parameters"], json!({"temperature": 0.25}));
    assert_eq!(seen["tools"], json!([{"name": "look", "parameters": {}}]));
    assert_eq!(seen["stream"], true);
    assert_eq!(seen["include_usage"], true);
    assert_eq!(seen["headers"], json!(["host", "content-type", "authorization", "content-length"]));
    assert!(!answer.body().contains("sk-test"));
}

#[tokio::test]
async fn thoughts_stand_in_the_field_that_was_asked_for() {
    let fields = ["reasoning_content", "reasoning", "reasoning_text"];
    for field in fields {
        let answer = ask(&format!("reasoning:{field}")).await;
        let told = |name: &str| thoughts(&answer.events(), name);
        for other in fields {
            let expected =
                if other == field { "The user said something. I shall answer it." } else { "" };
            assert_eq!(told(other), expected, "{field}: {other}");
        }
        assert_eq!(answer.text(), "Hello from the simulator.");
        assert_eq!(answer.usage().unwrap()["completion_tokens_details"]["reasoning_tokens"], 8);
        assert_eq!(answer.usage().unwrap()["completion_tokens"], 12);
    }
}

#[tokio::test]
async fn thoughts_stand_in_two_fields_in_details_or_nowhere() {
    let both = ask("reasoning:both").await.events();
    assert!(!thoughts(&both, "reasoning").is_empty());
    assert_eq!(thoughts(&both, "reasoning"), thoughts(&both, "reasoning_content"));
    let details = ask("reasoning:details").await.events();
    let detail = &details[1]["choices"][0]["delta"]["reasoning_details"][0];
    assert_eq!(*detail, json!({"type": "reasoning.text", "text": "The ", "index": 0}));
    let none = ask("reasoning:none").await;
    for field in ["reasoning", "reasoning_content", "reasoning_text", "reasoning_details"] {
        assert!(!none.body().contains(&format!("\"{field}\":")), "{field}");
    }
    assert_eq!(none.usage().unwrap()["completion_tokens_details"]["reasoning_tokens"], 8);
}

fn thoughts(events: &[Value], field: &str) -> String {
    events.iter().filter_map(|e| e["choices"][0]["delta"][field].as_str()).collect()
}

#[tokio::test]
async fn usage_comes_only_when_it_is_asked_for() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let silent = client.ask_with("hello", json!({"stream_options": null})).await;
    assert!(!silent.body().contains("usage"));
    assert!(silent.is_done());
    let never = client.ask("nousage").await;
    assert_eq!(never.usage(), None);
    assert_eq!(never.text(), "Hello from the simulator.");
}

#[tokio::test]
async fn usage_is_what_the_name_says() {
    let usage = ask("usage:1000,800,50,30").await.usage().unwrap();
    assert_eq!(usage["prompt_tokens"], 1000);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 800);
    assert_eq!(usage["completion_tokens"], 50);
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 30);
    assert_eq!(usage["total_tokens"], 1050);
    assert!(ask("cost:0.00123").await.body().contains(r#""cost":0.00123,"#));
}

#[tokio::test]
async fn another_model_can_have_answered() {
    let models: Vec<Value> =
        ask("served:gpt-5:mini").await.events().iter().map(|e| e["model"].clone()).collect();
    assert_eq!(models.len(), 7);
    assert!(models.iter().all(|model| model == "gpt-5:mini"));
}

#[tokio::test]
async fn the_reason_for_stopping_is_told() {
    for (model, reason) in [("hello", "stop"), ("length", "length"), ("filter", "content_filter")] {
        assert_eq!(ask(model).await.finish_reason().as_deref(), Some(reason));
    }
}

#[tokio::test]
async fn surrogate_halves_come_in_two_deltas() {
    let body = ask("surrogate").await.body();
    let high = body.find(r#"{"content":"\ud83e"}"#).unwrap();
    assert!(body.find(r#"{"content":"\udd84"}"#).unwrap() > high);
    let lone = ask("surrogate:lone").await.body();
    assert!(lone.contains(r#"{"content":"\ud83e"}"#) && !lone.contains(r"\udd84"));
}

#[tokio::test]
async fn nulls_stand_beside_the_words() {
    let answer = ask("nulls").await;
    assert_eq!(answer.text(), "w1 w2 ");
    let body = answer.body();
    for null in
        [r#""choices":null"#, r#""delta":null"#, r#""content":null"#, r#""tool_calls":null"#]
    {
        assert_eq!(body.matches(null).count(), 2, "{null}");
    }
}

#[tokio::test]
async fn not_json_stands_between_two_words() {
    let payloads = ask("notjson").await.payloads();
    assert_eq!(payloads[2], "this is not JSON");
    assert!(payloads[1].contains("w1 ") && payloads[3].contains("w2 "));
}

#[tokio::test]
async fn a_line_has_its_megabytes() {
    let answer = ask("line:3").await;
    assert_eq!(answer.text().len(), 3 << 20);
    assert_eq!(answer.payloads().iter().filter(|line| line.len() > 3 << 20).count(), 1);
}

#[tokio::test]
async fn a_flood_has_all_its_deltas() {
    let answer = ask("flood:20000").await;
    assert_eq!(answer.text(), "tick ".repeat(20_000));
    assert!(answer.is_done());
    assert_eq!(answer.usage().unwrap()["completion_tokens"], 20_000);
}

#[tokio::test]
async fn errors_in_the_stream_have_the_shape_of_their_service() {
    for (shape, pointer, value) in [
        ("openai", "/error/type", json!("server_error")),
        ("vllm", "/object", json!("error")),
        ("vllm", "/code", json!(500)),
        ("openrouter", "/error/code", json!(502)),
        ("openrouter", "/choices/0/finish_reason", json!("error")),
        (
            "ollama",
            "/error",
            json!("an error was encountered while running the model: unexpected EOF"),
        ),
    ] {
        let answer = ask(&format!("midstream:{shape}")).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.text(), words_text(3));
        assert_eq!(answer.events().last().unwrap().pointer(pointer), Some(&value), "{shape}");
        assert!(!answer.is_done());
        assert_eq!(answer.end, End::Complete);
    }
}
