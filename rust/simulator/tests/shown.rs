//! What tools show, where each dialect has a place for it, and nowhere else.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod client;

use client::{Client, simulator};
use llm_switch_simulator::Simulator;
use llm_switch_types::Dialect;
use serde_json::{Value, json};

/// Ten bytes of an image.
const DATA: &str = "iVBORw0KGgoAAA==";
const URL: &str = "data:image/png;base64,iVBORw0KGgoAAA==";

fn base64(mime: &str) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": mime, "data": DATA}})
}

fn inline(mime: &str) -> Value {
    json!({"inlineData": {"mimeType": mime, "data": DATA}})
}

/// A conversation in `openai-chat` that goes on with MORE after a call of `f`.
fn chat(more: &[Value]) -> Value {
    let user = json!({"role": "user", "content": "Look!"});
    let call = json!({"role": "assistant", "content": null, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]});
    let messages = [&[user, call], more].concat();
    json!({"messages": messages})
}

/// The same in `anthropic`; MORE is the user's next turn.
fn anthropic(more: Value) -> Value {
    let call = json!([{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}]);
    json!({"messages": [{"role": "user", "content": "Look!"},
        {"role": "assistant", "content": call}, {"role": "user", "content": more}]})
}

fn tool_result(is_error: bool, content: Value) -> Value {
    json!({"type": "tool_result", "tool_use_id": "toolu_1", "is_error": is_error,
        "content": content})
}

/// The same in `gemini`; each of MORE are the parts of a turn of the user's.
fn gemini(more: &[Value]) -> Value {
    let user = |parts: &Value| json!({"role": "user", "parts": parts});
    let call = json!({"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]});
    let begin = [user(&json!([{"text": "Look!"}])), call];
    let more = more.iter().map(user);
    json!({"contents": begin.into_iter().chain(more).collect::<Value>()})
}

fn response(parts: Value) -> Value {
    json!({"functionResponse": {"name": "f", "response": {"output": "Here"}, "parts": parts}})
}

/// The same in `openai-responses`, with the OUTPUT of the call.
fn responses(output: Value) -> Value {
    json!({"input": [{"role": "user", "content": "Look!"},
        {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": output}]})
}

fn ollama() -> Value {
    let call = json!([{"function": {"name": "f", "arguments": {}}}]);
    json!({"messages": [{"role": "user", "content": "Look!"},
        {"role": "assistant", "content": "", "tool_calls": call},
        {"role": "tool", "tool_name": "f", "content": "Here", "images": [DATA]}]})
}

async fn ask(simulator: &Simulator, dialect: Dialect, model: &str, more: &Value) -> (u16, String) {
    let answer = Client::connect(simulator).await.ask_in(dialect, model, more).await;
    let is_ok = answer.status() == 200;
    (answer.status(), if is_ok { answer.text_in(dialect) } else { answer.body() })
}

#[tokio::test]
async fn what_a_tool_shows_is_noted_as_its_own_in_every_dialect_and_ends_the_loop() {
    let text = |text: &str| json!({"type": "text", "text": text});
    let result = json!({"role": "tool", "tool_call_id": "call_1", "content": "Here"});
    let image = json!({"type": "image_url", "image_url": {"url": URL}});
    let shown = json!({"role": "user", "content": [text("From f:"), image]});
    let inside = [json!([response(json!([inline("image/png")]))])];
    let behind = [json!([response(json!([]))]), json!([{"text": "From f:"}, inline("image/png")])];
    let output = json!([{"type": "input_text", "text": "Here"},
        {"type": "input_image", "image_url": URL}]);
    let failed = json!([tool_result(true, json!([text("Here")])), base64("image/png")]);
    let conversations = [
        (Dialect::OpenaiChat, chat(&[result, shown])),
        (Dialect::OpenaiResponses, responses(output)),
        (
            Dialect::Anthropic,
            anthropic(json!([tool_result(false, json!([text("Here"), base64("image/png")]))])),
        ),
        (Dialect::Anthropic, anthropic(failed)),
        (Dialect::Gemini, gemini(&inside)),
        (Dialect::Gemini, gemini(&behind)),
        (Dialect::Ollama, ollama()),
    ];
    for (dialect, conversation) in conversations {
        let simulator = simulator().await;
        let (status, said) = ask(&simulator, dialect, "tools", &conversation).await;
        assert_eq!((status, said.as_str()), (200, "The tools said: \"Here\"."), "{dialect:?}");
        let media = simulator.received().requests.remove(0).media;
        let mime = if dialect == Dialect::Ollama { json!(null) } else { json!("image/png") };
        let expected = json!([{"of_tool": true, "mime": mime, "bytes": 10}]);
        assert_eq!(json!(media), expected, "{dialect:?}");
    }
}

#[tokio::test]
async fn what_the_user_shows_is_not_a_tools() {
    let simulator = simulator().await;
    let image = json!([{"type": "image_url", "image_url": {"url": URL}}]);
    let more = json!({"messages": [{"role": "user", "content": image}]});
    assert_eq!(ask(&simulator, Dialect::OpenaiChat, "hello", &more).await.0, 200);
    assert!(!simulator.received().requests[0].media[0].of_tool);
}

#[tokio::test]
async fn what_has_no_place_in_a_result_is_refused() {
    let image = json!([{"type": "image_url", "image_url": {"url": URL}}]);
    let shown = json!({"role": "tool", "tool_call_id": "call_1", "content": image});
    let sound = json!([{"type": "input_audio", "input_audio": {}}]);
    let beside = [json!([response(json!([])), inline("image/png")])];
    let sung = [json!([response(json!([inline("audio/wav")]))])];
    for (dialect, conversation, why) in [
        (Dialect::OpenaiChat, chat(&[shown]), "only allowed for messages with role 'user'"),
        (Dialect::OpenaiResponses, responses(sound), "input_audio"),
        (
            Dialect::Anthropic,
            anthropic(json!([tool_result(false, json!([base64("image/svg+xml")]))])),
            "image.source.base64.media_type",
        ),
        (
            Dialect::Anthropic,
            anthropic(json!([tool_result(true, json!([base64("image/png")]))])),
            "all content must be type",
        ),
        (Dialect::Gemini, gemini(&beside), "number of function response parts"),
        (Dialect::Gemini, gemini(&sung), "Unsupported MIME type"),
    ] {
        let (status, said) = ask(&simulator().await, dialect, "tools", &conversation).await;
        assert_eq!(status, 400, "{dialect:?}");
        assert!(said.contains(why), "{dialect:?}: {said}");
    }
}
