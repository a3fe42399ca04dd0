//! Keys, error statuses, and everything else that is no answer.

mod client;

use client::{Client, ask, simulator};
use llm_switch_simulator::{SCRIPTS, Simulator, test_key};
use serde_json::{Value, json};

#[tokio::test]
async fn each_status_says_what_openai_says() {
    for (status, code) in [
        (401, json!("invalid_api_key")),
        (404, json!("model_not_found")),
        (429, json!("rate_limit_exceeded")),
        (500, Value::Null),
        (503, json!("server_is_overloaded")),
        (529, Value::Null),
    ] {
        let answer = ask(&format!("status:{status}")).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.json()["error"]["code"], code, "{status}");
        assert!(answer.json()["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn who_comes_too_often_is_told_when_to_come_again() {
    let seconds = ask("status:429").await;
    assert_eq!(
        (seconds.header("retry-after"), seconds.header("retry-after-ms")),
        (Some("7"), None)
    );
    assert!(seconds.body().contains("Please try again in 7s."));
    let millis = ask("status:429:ms").await;
    assert_eq!(
        (millis.header("retry-after"), millis.header("retry-after-ms")),
        (None, Some("250"))
    );
    assert_eq!(ask("status:500").await.header("retry-after"), None);
}

#[tokio::test]
async fn an_error_has_the_body_that_was_asked_for() {
    assert_eq!(ask("status:500:empty").await.body(), "");
    assert_eq!(ask("status:500:empty").await.header("content-type"), None);
    assert!(ask("status:502:html").await.body().starts_with("<html>"));
    assert!(ask("status:500:text").await.body().starts_with("The server had an error"));
    let nested = ask("status:429:nested").await.json();
    let raw: Value =
        serde_json::from_str(nested["error"]["metadata"]["raw"].as_str().unwrap()).unwrap();
    assert_eq!(raw["error"]["code"], "rate_limit_exceeded");
}

#[tokio::test]
async fn causes_have_their_codes() {
    for (kind, status, code) in [
        ("quota", 429, "insufficient_quota"),
        ("context", 400, "context_length_exceeded"),
        ("filter", 400, "content_policy_violation"),
    ] {
        let answer = ask(&format!("error:{kind}")).await;
        assert_eq!((answer.status(), &answer.json()["error"]["code"]), (status, &json!(code)));
    }
}

#[tokio::test]
async fn redirects_and_web_pages_are_no_answers() {
    let redirect = ask("redirect:http://192.0.2.1:9/v1").await;
    assert_eq!(redirect.status(), 302);
    assert_eq!(redirect.header("location"), Some("http://192.0.2.1:9/v1"));
    let page = ask("html200").await;
    assert_eq!(
        (page.status(), page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(page.body().starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn an_unknown_script_is_an_unknown_model() {
    let answer = ask("words:many").await;
    assert_eq!(answer.status(), 404);
    assert_eq!(answer.json()["error"]["code"], "model_not_found");
    assert!(answer.body().contains("words:N[@R]"));
}

#[tokio::test]
async fn a_wrong_key_is_refused_everywhere_but_at_health() {
    let simulator = Simulator::builder().key(test_key("sk-right")).start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let wrong = client.ask("hello").await;
    assert_eq!(wrong.status(), 401);
    assert_eq!(wrong.json()["error"]["code"], "invalid_api_key");
    assert!(!wrong.body().contains("sk-"));
    let none = client.get("/v1/models").await;
    assert_eq!((none.status(), &none.json()["error"]["code"]), (401, &Value::Null));
    assert_eq!(client.get("/health").await.json(), json!({"status": "ok"}));
    let keys: Vec<_> = simulator.received().requests.iter().map(|r| r.key_matches).collect();
    assert_eq!(keys, [Some(false); 3]);
}

#[tokio::test]
async fn a_key_that_would_not_be_found_where_it_leaks_is_no_test_key() {
    let refused = Simulator::builder().key("sk-anything").start().await.err().unwrap();
    assert!(!refused.to_string().contains("sk-anything"), "{refused}");
}

#[tokio::test]
async fn the_right_key_is_taken() {
    let simulator = Simulator::builder().key(test_key("sk-test")).start().await.unwrap();
    let answer = Client::connect(&simulator).await.ask("inspect").await;
    let seen: Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!(seen["key_matches"], true);
}

#[tokio::test]
async fn models_are_the_table_of_scripts() {
    let simulator = simulator().await;
    let models = Client::connect(&simulator).await.get("/v1/models").await.json();
    let ids: Vec<&str> =
        models["data"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, SCRIPTS.iter().map(|script| script.example).collect::<Vec<_>>());
    assert!(ids.contains(&"hello"));
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    assert_eq!(client.get("/v1/nothing").await.status(), 404);
    client.send("POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 3\r\n\r\n{x}").await;
    let answer = client.answer().await;
    assert_eq!(
        (answer.status(), &answer.json()["error"]["type"]),
        (400, &json!("invalid_request_error"))
    );
    client.send("nonsense\r\n\r\n").await;
    assert_eq!(client.answer().await.status(), 400);
}
