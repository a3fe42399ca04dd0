//! From bytes to the messages of a dialect, in each of the ways they come.

use crate::classify;
use crate::framing::{NdjsonReader, SseReader};
use llm_switch_types::{Error, ErrorKind, Event, Result};
use memchr::memmem;
use serde_json::Value;

/// Turns the pieces of an answer, as they arrive, into [`Event`]s.
///
/// It is fed bytes cut at any place and never waits for more than it needs.
pub trait Decoder: Send {
    /// Take the next BYTES of the body.
    ///
    /// # Errors
    /// What the service reports in mid-stream, or [`ErrorKind::Protocol`].
    fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<()>;

    /// The body has ended.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] when the answer has not.
    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()>;
}

/// What a dialect understands of an answer: the part that each writes.
pub(super) trait Answer: Send {
    /// Take a message: the data of an event, a line, or a whole body.
    fn message(&mut self, json: &[u8], out: &mut Vec<Event>) -> Result<()>;

    /// The answer came as one body, which is complete as such.
    fn is_whole(&mut self) {}

    /// There are no more messages.
    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()>;
}

/// The error of a stream that ends before its answer does.
pub(super) fn cut_short() -> Error {
    Error::new(ErrorKind::Network, "the answer ended in the middle")
        .advise("Look whether the server still runs, then ask again")
}

/// Give MESSAGE to ANSWER, unless it is MiniMax's envelope around an error,
/// which comes as a success in whatever dialect was asked.
fn take(answer: &mut impl Answer, message: &[u8], out: &mut Vec<Event>) -> Result<()> {
    match enveloped(message) {
        Some(error) => Err(classify::in_stream(&error)),
        None => answer.message(message, out),
    }
}

fn enveloped(message: &[u8]) -> Option<Value> {
    memmem::find(message, b"\"base_resp\"")?;
    let mut json: Value = serde_json::from_slice(message).ok()?;
    let failed = json["base_resp"]["status_code"].as_i64().is_some_and(|code| code != 0);
    failed.then(|| json["base_resp"].take())
}

/// Decodes server-sent events.
pub(super) struct Events<A>(pub(super) A, SseReader);

/// Decodes JSON values, one a line.
pub(super) struct JsonLines<A>(pub(super) A, NdjsonReader);

/// Decodes one JSON body.
pub(super) struct Body<A>(pub(super) A, Vec<u8>);

/// More than any answer.
const MAX_BODY: usize = 64 << 20;

impl<A: Answer> Events<A> {
    pub(super) fn new(answer: A) -> Self {
        Events(answer, SseReader::default())
    }
}

impl<A: Answer> JsonLines<A> {
    pub(super) fn new(answer: A) -> Self {
        JsonLines(answer, NdjsonReader::default())
    }
}

impl<A: Answer> Body<A> {
    pub(super) fn new(answer: A) -> Self {
        Body(answer, Vec::new())
    }
}

impl<A: Answer> Decoder for Events<A> {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<()> {
        self.1.push(bytes, |data| take(&mut self.0, data, out))
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.1.finish(|data| take(&mut self.0, data, out))?;
        self.0.finish(out)
    }
}

impl<A: Answer> Decoder for JsonLines<A> {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<()> {
        self.1.push(bytes, |line| take(&mut self.0, line, out))
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.1.finish(|line| take(&mut self.0, line, out))?;
        self.0.finish(out)
    }
}

impl<A: Answer> Decoder for Body<A> {
    fn push(&mut self, bytes: &[u8], _out: &mut Vec<Event>) -> Result<()> {
        if self.1.len() + bytes.len() > MAX_BODY {
            return Err(Error::new(ErrorKind::Protocol, "the answer is larger than 64 MB"));
        }
        self.1.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let body = std::mem::take(&mut self.1);
        take(&mut self.0, &body, out)?;
        self.0.is_whole();
        self.0.finish(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::decoder;
    use llm_switch_types::Dialect;

    fn end(stream: bool, body: &str) -> Result<()> {
        let mut decoder = decoder(Dialect::OpenaiChat, stream, "seed");
        let mut events = Vec::new();
        decoder.push(body.as_bytes(), &mut events).and_then(|()| decoder.finish(&mut events))
    }

    #[test]
    fn an_error_in_an_envelope_is_one_although_it_comes_as_a_success() {
        let envelope = r#"{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}"#;
        for (stream, body) in
            [(false, envelope.to_owned()), (true, format!("data: {envelope}\n\n"))]
        {
            let error = end(stream, &body).unwrap_err();
            assert_eq!(
                (error.kind, error.said.unwrap().codes.as_str()),
                (ErrorKind::NoFunds, "1008")
            );
        }
    }

    #[test]
    fn an_envelope_around_an_answer_is_opened() {
        let whole = r#"{"choices":[{"message":{"content":"hi"}}],"base_resp":{"status_code":0}}"#;
        assert_eq!(end(false, whole), Ok(()));
    }
}
