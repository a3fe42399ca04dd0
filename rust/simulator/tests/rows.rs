//! What named providers say by their own rules.

mod client;

use client::{Answer, Client, ask_in, simulator};
use llm_switch_simulator::error_rows;
use llm_switch_types::Dialect::{Anthropic, Gemini, OpenaiChat};
use serde_json::{Value, json};

async fn row(name: &str) -> Answer {
    ask_in(OpenaiChat, &format!("row:{name}")).await
}

#[tokio::test]
async fn every_rule_can_be_provoked_by_its_name() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    for row in error_rows() {
        let model = format!("row:{}:{}", row.provider, row.rule);
        let answer = client.ask_in(OpenaiChat, &model, &json!({})).await;
        assert_eq!(answer.status(), row.status, "{model}");
        let body = answer.body();
        // What tells the rule apart stands in the body, unless the status does.
        let is_told = hyphened(&body).contains(&hyphened(&row.rule));
        assert!(is_told || row.rule == row.status.to_string(), "{model}: {body}");
        assert!(body.is_empty() || answer.json().is_object(), "{model}: {body}");
        assert!(!body.contains("\"$"), "{model}: {body}");
    }
}

fn hyphened(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

#[tokio::test]
async fn a_row_is_the_same_in_every_dialect() {
    let expected = ask_in(OpenaiChat, "row:anthropic:overloaded_error").await;
    for dialect in [Anthropic, Gemini] {
        let answer = ask_in(dialect, "row:anthropic:overloaded_error").await;
        assert_eq!((answer.status(), answer.body()), (529, expected.body()));
    }
}

#[tokio::test]
async fn each_provider_has_its_envelope() {
    for (name, pointer, value) in [
        ("openai:insufficient_quota", "/error/code", json!("insufficient_quota")),
        (
            "anthropic:enforced_spend_limit_reached",
            "/error/details/error_code",
            json!("enforced_spend_limit_reached"),
        ),
        (
            "gemini:perday",
            "/error/details/0/violations/0/quotaId",
            json!("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
        ),
        ("gemini:perminute", "/error/details/1/retryDelay", json!("34.07s")),
        ("zai:1113", "/error/code", json!("1113")),
        ("minimax:1008", "/base_resp/status_code", json!(1008)),
        ("cloudflare:3036", "/errors/0/code", json!(3036)),
        ("openrouter:402", "/error/code", json!(402)),
        ("openrouter:402", "/error/metadata/error_type", json!("payment_required")),
        ("huggingface:402", "/error", Value::Null),
        ("llamacpp:exceed_context_size_error", "/error/n_ctx", json!(8192)),
    ] {
        let body = row(name).await.json();
        match value {
            Value::Null => assert!(body.pointer(pointer).unwrap().is_string(), "{name}"),
            value => assert_eq!(body.pointer(pointer), Some(&value), "{name}: {body}"),
        }
    }
    assert_eq!(row("minimax:1008").await.status(), 200);
    assert_eq!(row("cerebras:413").await.body(), "");
}

#[tokio::test]
async fn rows_tell_when_to_come_again_each_in_its_way() {
    assert_eq!(row("openai:rate_limit_exceeded").await.header("retry-after-ms"), Some("7660"));
    assert_eq!(row("groq:429").await.header("x-ratelimit-reset-requests"), Some("2m59.56s"));
    let codex = row("chatgpt-codex:usage_limit_reached").await;
    let header: i64 = codex.header("x-codex-primary-reset-at").unwrap().parse().unwrap();
    assert_eq!(codex.json()["error"]["resets_at"], header);
    let zai = row("zai:1308").await.body();
    assert!(zai.contains("reset at 20") && !zai.contains("china"), "{zai}");
    let anthropic = row("anthropic:rate_limit_error").await;
    assert!(anthropic.header("anthropic-ratelimit-requests-reset").unwrap().ends_with('Z'));
}
