//! Cutting a byte stream into messages.

mod lines;
mod ndjson;
mod sse;

use lines::Lines;
pub(crate) use ndjson::NdjsonReader;
pub(crate) use sse::SseReader;
