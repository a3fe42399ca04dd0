//! A user who says yes, and their browser.

use llm_switch_mcp::{Answer, Asked, Question};
use llm_switch_net::{Client, Reach, Timeouts};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Answer all QUESTIONS, one after the other.
pub async fn answer(mut questions: mpsc::Receiver<Question>) {
    while let Some(question) = questions.recv().await {
        let answer = match &question.asked {
            // What is left out gets the default of the schema.
            Asked::Form { .. } => Answer::Accept(json!({})),
            Asked::Url { .. } => Answer::Accept(Value::Null),
            Asked::Roots => Answer::Accept(json!([])),
            Asked::Sampling { .. } => Answer::Accept(json!({
                "role": "assistant", "model": "conformance",
                "content": {"type": "text", "text": "Yes"},
            })),
            Asked::Login { url, .. } => log_in(url).await,
        };
        // The server may not want to know any more.
        let _ = question.reply.send(answer);
    }
}

/// Where the page at URL sends a user who says yes.
async fn log_in(url: &str) -> Answer {
    let client = Client::new(Reach::Loopback, Timeouts::default()).without_redirects();
    let Ok(request) = http::Request::get(url).body(Vec::new()) else { return Answer::Cancel };
    let Ok(page) = client.exchange(request).await else { return Answer::Cancel };
    let location = page.headers().get("location").and_then(|it| it.to_str().ok());
    match location {
        Some(location) => Answer::Accept(json!({"url": location})),
        None => Answer::Cancel,
    }
}
