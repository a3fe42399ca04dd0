//! The wire protocols: one folder each, with a pure encoder and decoder.

mod openai_chat;

use llm_switch_types::{Dialect, Event, Provider, Request, Result};
use serde_json::Value;

/// Turns the pieces of an answer, as they arrive, into [`Event`]s.
///
/// It is fed bytes cut at any place and never waits for more than it needs.
pub trait Decoder: Send {
    /// Take the next BYTES of the body.
    ///
    /// # Errors
    /// What the service reports in mid-stream, or
    /// [`llm_switch_types::ErrorKind::Protocol`].
    fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<()>;

    /// The body has ended.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Network`] when the answer has not.
    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()>;
}

/// The path below the base URL and the body of REQUEST for MODEL at PROVIDER.
pub fn encode(provider: &Provider, model: &str, request: &Request) -> (&'static str, Value) {
    match provider.dialect {
        Dialect::OpenaiChat => openai_chat::encode(provider, model, request),
    }
}

/// A decoder of what DIALECT answers, as a stream of events or as one body.
/// SEED makes the names of tool calls that the service leaves without one.
pub fn decoder(dialect: Dialect, stream: bool, seed: &str) -> Box<dyn Decoder> {
    match (dialect, stream) {
        (Dialect::OpenaiChat, true) => Box::new(openai_chat::StreamDecoder::new(seed)),
        (Dialect::OpenaiChat, false) => Box::new(openai_chat::BodyDecoder::new(seed)),
    }
}
