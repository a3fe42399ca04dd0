//! `ollama`: `POST {base}/api/chat`, a JSON value a line.

mod decode;
mod encode;
mod messages;
mod wire;

pub(super) use decode::Chat;
pub(super) use encode::encode;
