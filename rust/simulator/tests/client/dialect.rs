//! Asking in a dialect.

use super::{Answer, Client};
use llm_switch_types::Dialect;
use serde_json::{Value, json};

impl Client {
    /// Posts to the endpoint of `dialect` what asks `model` to answer
    /// "Hi there" as a stream, with these members besides or instead.
    pub async fn ask_in(&mut self, dialect: Dialect, model: &str, more: &Value) -> Answer {
        self.post_in(dialect, model, true, more).await
    }

    /// The same, in one piece.
    pub async fn ask_whole(&mut self, dialect: Dialect, model: &str, more: &Value) -> Answer {
        self.post_in(dialect, model, false, more).await
    }

    async fn post_in(
        &mut self,
        dialect: Dialect,
        model: &str,
        stream: bool,
        more: &Value,
    ) -> Answer {
        let hello = json!([{"role": "user", "content": "Hi there"}]);
        let (path, mut body) = match dialect {
            Dialect::OpenaiChat => ("/v1/chat/completions".to_owned(), json!({"messages": hello})),
            Dialect::OpenaiResponses => ("/v1/responses".to_owned(), json!({"input": hello})),
            Dialect::Anthropic => {
                ("/v1/messages".to_owned(), json!({"messages": hello, "max_tokens": 1000}))
            }
            Dialect::Ollama => ("/api/chat".to_owned(), json!({"messages": hello})),
            Dialect::Gemini => {
                let method =
                    if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
                let contents = json!([{"role": "user", "parts": [{"text": "Hi there"}]}]);
                (format!("/v1beta/models/{model}:{method}"), json!({"contents": contents}))
            }
        };
        if dialect != Dialect::Gemini {
            body["model"] = json!(model);
            body["stream"] = json!(stream);
        }
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post(&path, &[("anthropic-version", "2023-06-01")], &body).await
    }
}
