//! The simulator in the place of a provider of the catalogue.

mod client;

use client::{Client, simulator};
use llm_switch_simulator::{Simulator, test_key};
use llm_switch_types::{Auth, Dialect, Provider};
use serde_json::{Value, json};

fn provider(dialect: Dialect, base_url: &str) -> Provider {
    let auth = Auth::Header("x-key".into());
    Provider { dialect, auth, ..Provider::unknown("x", base_url) }
}

#[tokio::test]
async fn it_is_found_below_its_base_url_and_nowhere_else() {
    for (dialect, base_url, below) in [
        (Dialect::OpenaiChat, "https://x.org", "/chat/completions"),
        (Dialect::OpenaiResponses, "https://x.org/of/{whom}/v4", "/responses"),
        (Dialect::Anthropic, "https://x.org/anthropic", "/v1/messages"),
        (Dialect::Gemini, "https://x.org/other", "/models/hello:generateContent"),
        (Dialect::Ollama, "https://x.org/o", "/api/chat"),
    ] {
        let host = Simulator::builder().host(&provider(dialect, base_url)).start().await.unwrap();
        let mut client = Client::connect(&host).await;
        let base = host.base_url();
        let path = base.strip_prefix(&format!("http://{}", host.address())).unwrap();
        // An empty body is told that it is no request.
        let version = [("anthropic-version", "2023-06-01")];
        let here = client.post(&format!("{path}{below}"), &version, &json!({})).await;
        assert_eq!(here.status(), 400, "{base_url}");
        let elsewhere = client.post(&format!("/else{below}"), &version, &json!({})).await;
        assert_eq!(elsewhere.status(), 404, "{base_url}");
    }
}

#[tokio::test]
async fn it_takes_its_key_in_its_own_header_only() {
    let key = test_key("right");
    let host = provider(Dialect::OpenaiChat, "https://x.org/v1");
    let simulator = Simulator::builder().host(&host).key(&key).start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let path = "/v1/chat/completions";
    assert_eq!(client.post(path, &[("x-key", &key)], &json!({})).await.status(), 400);
    for header in ["api-key", "x-api-key"] {
        assert_eq!(client.post(path, &[(header, &key)], &json!({})).await.status(), 401);
    }
    let bearer = format!("Bearer {key}");
    let refused = client.post(path, &[("authorization", &bearer)], &json!({})).await;
    assert_eq!(refused.status(), 401);
}

#[tokio::test]
async fn what_its_row_refuses_is_refused_by_name() {
    let quirks = serde_json::from_value(json!({"refused-parameters": ["seed"]})).unwrap();
    let host = Provider { quirks, ..Provider::unknown("x", "https://x.org/v1") };
    let simulator = Simulator::builder().host(&host).start().await.unwrap();
    let mut client = Client::connect(&simulator).await;
    let refused = client.ask_with("hello", json!({"seed": 1})).await;
    assert_eq!((refused.status(), &refused.json()["error"]["param"]), (400, &json!("seed")));
    assert_eq!(client.ask_with("hello", json!({})).await.status(), 200);
}

#[tokio::test]
async fn an_image_is_told_alike_in_every_dialect() {
    let simulator = simulator().await;
    let url = "data:image/png;base64,iVBORw0KGgo=";
    let data = "iVBORw0KGgo=";
    let user = |content: Value| json!([{"role": "user", "content": content}]);
    let source = json!({"type": "base64", "media_type": "image/png", "data": data});
    let part = json!({"inlineData": {"mimeType": "image/png", "data": data}});
    for (dialect, more) in [
        (
            Dialect::OpenaiChat,
            json!({"messages": user(json!([{"type": "image_url", "image_url": {"url": url}}]))}),
        ),
        (
            Dialect::OpenaiResponses,
            json!({"input": user(json!([{"type": "input_image", "image_url": url}]))}),
        ),
        (
            Dialect::Anthropic,
            json!({"messages": user(json!([{"type": "image", "source": source}]))}),
        ),
        (Dialect::Gemini, json!({"contents": [{"role": "user", "parts": [part]}]})),
        (
            Dialect::Ollama,
            json!({"messages": [{"role": "user", "content": "x", "images": [data]}]}),
        ),
    ] {
        let mut client = Client::connect(&simulator).await;
        let answer = client.ask_in(dialect, "inspect", &more).await;
        let seen: Value = serde_json::from_str(&answer.text_in(dialect)).unwrap();
        let mime = if dialect == Dialect::Ollama { json!(null) } else { json!("image/png") };
        let media = &seen["messages"][0]["media"];
        assert_eq!(media, &json!([{"mime": mime, "data": data}]), "{dialect:?}");
    }
}
