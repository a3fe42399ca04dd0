//! What holds in every dialect alike.

mod client;

use client::{Client, End, ask_in, simulator};
use llm_switch_simulator::{SCRIPTS, Simulator, test_key, words_text};
use llm_switch_types::Dialect;
use serde_json::{Value, json};

#[tokio::test]
async fn the_same_script_says_the_same_text() {
    for dialect in Dialect::ALL {
        for (model, text) in [
            ("hello", "Hello from the simulator.".to_owned()),
            ("words:25", words_text(25)),
            ("bytes:words:10", words_text(10)),
            ("drip:1:words:2", words_text(2)),
            ("crlf:comments:words:10", words_text(10)),
            ("flood:300", "tick ".repeat(300)),
            ("echo", "Hi there".to_owned()),
            ("reasoning", "Hello from the simulator.".to_owned()),
            ("nulls", words_text(2)),
            ("notjson", words_text(2)),
            ("limits:slow:1:hello", "Hello from the simulator.".to_owned()),
        ] {
            let answer = ask_in(dialect, model).await;
            assert_eq!(answer.status(), 200, "{dialect:?} {model}");
            assert_eq!(answer.text_in(dialect), text, "{dialect:?} {model}");
            assert_eq!(answer.end, End::Complete);
        }
    }
}

#[tokio::test]
async fn faults_end_a_stream_without_its_mark_of_success() {
    for dialect in Dialect::ALL {
        for (model, end) in
            [("cut", End::Complete), ("truncate", End::Closed), ("reset", End::Reset)]
        {
            let answer = ask_in(dialect, model).await;
            assert_eq!((answer.text_in(dialect), answer.end), (words_text(3), end));
            for mark in MARKS {
                assert!(!answer.body().contains(mark), "{dialect:?} {model}: {mark}");
            }
        }
        let complete = ask_in(dialect, "hello").await.body();
        assert!(MARKS.iter().any(|mark| complete.contains(mark)), "{dialect:?}");
    }
}

/// What says in one of the dialects that an answer is complete.
const MARKS: [&str; 5] = [
    "[DONE]",
    "\"type\":\"message_stop\"",
    "\"type\":\"response.completed\"",
    "\"finishReason\":\"STOP\"",
    "\"done\":true",
];

#[tokio::test]
async fn a_whole_answer_is_one_json_text_or_half_of_one() {
    let simulator = simulator().await;
    for dialect in Dialect::ALL {
        let mut client = Client::connect(&simulator).await;
        for model in ["hello", "reasoning:details", "tools", "usage:9,1,3,2", "nulls"] {
            let answer = client.ask_whole(dialect, model, &json!({})).await;
            assert_eq!(answer.header("content-type"), Some("application/json"));
            assert!(answer.json().is_object(), "{dialect:?} {model}");
        }
        let surrogate = client.ask_whole(dialect, "surrogate", &json!({})).await;
        assert!(surrogate.body().contains(r"A unicorn: \ud83e\udd84 and no more."), "{dialect:?}");
        assert_eq!(client.ask_whole(dialect, "midstream", &json!({})).await.status(), 500);
        let cut = client.ask_whole(dialect, "cut", &json!({})).await;
        assert!(serde_json::from_str::<Value>(&cut.body()).is_err());
    }
}

#[tokio::test]
async fn halves_of_a_surrogate_pair_come_apart() {
    for dialect in Dialect::ALL {
        let body = ask_in(dialect, "surrogate").await.body();
        let high = body.find(r#""\ud83e""#).unwrap();
        assert!(body.find(r#""\udd84""#).unwrap() > high, "{dialect:?}");
    }
}

#[tokio::test]
async fn each_dialect_has_its_header_for_the_key() {
    let key = test_key("k-right");
    let simulator = Simulator::builder().key(&key).start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let bearer = format!("Bearer {key}");
    let in_query = format!("/v1beta/models/hello:generateContent?key={key}");
    for (path, header, value) in [
        ("/v1/chat/completions", "authorization", &*bearer),
        ("/v1/responses", "authorization", &*bearer),
        ("/v1/responses", "api-key", &*key),
        ("/v1/messages", "x-api-key", &*key),
        ("/v1/messages", "authorization", &*bearer),
        ("/v1beta/models/hello:generateContent", "x-goog-api-key", &*key),
        (&*in_query, "x-none", ""),
        ("/api/chat", "authorization", &*bearer),
    ] {
        // Who has the right key is told that this is no request.
        assert_eq!(client.post(path, &[(header, value)], &json!({})).await.status(), 400, "{path}");
    }
    let mut refused =
        async |path, header| client.post(path, &[(header, "k-wrong")], &json!({})).await;
    assert_eq!(refused("/v1/messages", "x-goog-api-key").await.status(), 401);
    let google = refused("/v1beta/models/hello:generateContent", "x-goog-api-key").await;
    assert_eq!(google.status(), 400);
    assert_eq!(google.json()["error"]["details"][0]["reason"], "API_KEY_INVALID");
    let anthropic = refused("/v1/messages", "x-api-key").await;
    assert_eq!(anthropic.json()["error"]["type"], "authentication_error");
}

#[tokio::test]
async fn a_parameter_is_refused_by_its_name_until_it_is_left_out() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    for (dialect, path, body) in [
        (Dialect::OpenaiChat, "temperature", json!({"temperature": 0.5})),
        (Dialect::OpenaiResponses, "reasoning.effort", json!({"reasoning": {"effort": "low"}})),
        (Dialect::Anthropic, "temperature", json!({"temperature": 0.5})),
        (Dialect::Gemini, "generationConfig.topK", json!({"generationConfig": {"topK": 4}})),
        (Dialect::Ollama, "think", json!({"think": true})),
    ] {
        let model = format!("refuses:nothing,{path}");
        let refused = client.ask_in(dialect, &model, &body).await;
        let name = path.rsplit('.').next().unwrap();
        assert_eq!(refused.status(), 400, "{dialect:?}");
        assert!(refused.body().contains(name), "{dialect:?}: {}", refused.body());
        let without = client.ask_in(dialect, &model, &json!({})).await;
        assert_eq!(without.text_in(dialect), "Hello from the simulator.");
    }
}

#[tokio::test]
async fn limits_are_told_where_the_service_tells_them() {
    for (dialect, header, value) in [
        (Dialect::OpenaiChat, "x-ratelimit-reset-tokens", Some("6m0s")),
        (Dialect::OpenaiResponses, "x-ratelimit-remaining-requests", Some("4999")),
        (Dialect::Anthropic, "anthropic-ratelimit-input-tokens-remaining", Some("399000")),
        (Dialect::Gemini, "x-ratelimit-reset-tokens", None),
    ] {
        assert_eq!(ask_in(dialect, "limits").await.header(header), value, "{dialect:?}");
        assert_eq!(ask_in(dialect, "limits:status:429").await.header(header), value);
        assert_eq!(ask_in(dialect, "hello").await.header(header), None);
    }
}

#[tokio::test]
async fn models_are_the_table_of_scripts_everywhere() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let examples: Vec<&str> = SCRIPTS.iter().map(|script| script.example).collect();
    let names = |list: &Value, member: &str| -> Vec<String> {
        let names = list.as_array().unwrap().iter().map(|m| m[member].as_str().unwrap());
        names.map(|name| name.trim_start_matches("models/").to_owned()).collect()
    };
    let gemini = client.get("/v1beta/models").await.json();
    assert_eq!(names(&gemini["models"], "name"), examples);
    let ollama = client.get("/api/tags").await.json();
    assert_eq!(names(&ollama["models"], "model"), examples);
    client.send("GET /v1/models HTTP/1.1\r\nanthropic-version: 2023-06-01\r\n\r\n").await;
    let anthropic = client.answer().await.json();
    assert_eq!(names(&anthropic["data"], "id"), examples);
    assert_eq!(anthropic["has_more"], false);
}

#[tokio::test]
async fn servers_tell_the_window_of_a_model() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let props = client.get("/props").await.json();
    assert_eq!(props["default_generation_settings"]["n_ctx"], 8192);
    let model = client.get("/v1beta/models/hello").await.json();
    assert_eq!(model["inputTokenLimit"], 1_048_576);
    let show = client.post("/api/show", &[], &json!({"model": "hello"})).await.json();
    assert_eq!(show["model_info"]["simulator.context_length"], 8192);
    assert_eq!(client.post("/api/show", &[], &json!({"model": "none"})).await.status(), 404);
}

#[tokio::test]
async fn the_journal_knows_the_model_in_every_dialect() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    for dialect in Dialect::ALL {
        client.ask_in(dialect, "words:2", &json!({})).await;
    }
    for request in simulator.received().requests {
        assert_eq!(request.model.as_deref(), Some("words:2"), "{}", request.target);
        assert_eq!((request.stream, request.messages), (true, 1), "{}", request.target);
    }
}
