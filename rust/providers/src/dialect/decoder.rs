//! From bytes to the messages of a dialect, in each of the ways they come.

use crate::framing::{NdjsonReader, SseReader};
use llm_switch_types::{Error, ErrorKind, Event, Result};

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
        self.1.push(bytes, |data| self.0.message(data, out))
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.1.finish(|data| self.0.message(data, out))?;
        self.0.finish(out)
    }
}

impl<A: Answer> Decoder for JsonLines<A> {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<()> {
        self.1.push(bytes, |line| self.0.message(line, out))
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.1.finish(|line| self.0.message(line, out))?;
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
        self.0.message(&body, out)?;
        self.0.is_whole();
        self.0.finish(out)
    }
}
