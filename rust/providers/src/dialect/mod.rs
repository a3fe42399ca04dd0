//! The wire protocols: one folder each, with a pure encoder and decoder.

mod anthropic;
mod arguments;
mod decoder;
mod gemini;
mod json;
mod media;
mod ollama;
mod openai_chat;
mod openai_responses;
mod returned;

pub use arguments::comparable;
pub use decoder::Decoder;

use decoder::{Body, Events, JsonLines};
use llm_switch_types::{Dialect, Provider, Request};
use serde_json::Value;

/// A request in the words of a dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// Where, below the base URL.
    pub path: String,
    /// What.
    pub body: Value,
}

/// The headers that every request in DIALECT bears.
pub(crate) const fn headers(dialect: Dialect) -> &'static [(&'static str, &'static str)] {
    match dialect {
        Dialect::Anthropic => &[("anthropic-version", "2023-06-01")],
        _ => &[],
    }
}

/// REQUEST for MODEL at PROVIDER, in the words of its dialect.
pub fn encode(provider: &Provider, model: &str, request: &Request) -> Encoded {
    match provider.dialect {
        Dialect::OpenaiChat => openai_chat::encode(provider, model, request),
        Dialect::OpenaiResponses => openai_responses::encode(provider, model, request),
        Dialect::Anthropic => anthropic::encode(provider, model, request),
        Dialect::Gemini => gemini::encode(provider, model, request),
        Dialect::Ollama => ollama::encode(provider, model, request),
    }
}

/// A decoder of what DIALECT answers, as a stream or as one body. SEED makes
/// the names of tool calls that the service leaves without one.
pub fn decoder(dialect: Dialect, stream: bool, seed: &str) -> Box<dyn Decoder> {
    match (dialect, stream) {
        (Dialect::OpenaiChat, true) => Box::new(Events::new(openai_chat::Chat::new(seed))),
        (Dialect::OpenaiChat, false) => Box::new(Body::new(openai_chat::Chat::new(seed))),
        (Dialect::OpenaiResponses, true) => {
            Box::new(Events::new(openai_responses::Response::new(seed)))
        }
        (Dialect::OpenaiResponses, false) => {
            Box::new(Body::new(openai_responses::Response::new(seed)))
        }
        (Dialect::Anthropic, true) => Box::new(Events::new(anthropic::Message::new(seed))),
        (Dialect::Anthropic, false) => Box::new(Body::new(anthropic::Message::new(seed))),
        (Dialect::Gemini, true) => Box::new(Events::new(gemini::Content::new(seed))),
        (Dialect::Gemini, false) => Box::new(Body::new(gemini::Content::new(seed))),
        (Dialect::Ollama, true) => Box::new(JsonLines::new(ollama::Chat::new(seed))),
        (Dialect::Ollama, false) => Box::new(Body::new(ollama::Chat::new(seed))),
    }
}
