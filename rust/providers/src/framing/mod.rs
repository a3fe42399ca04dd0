//! Cutting a byte stream into messages.

mod sse;

pub(crate) use sse::SseReader;
