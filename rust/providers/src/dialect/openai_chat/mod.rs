//! `openai-chat`: `POST {base}/chat/completions`, the lingua franca.

mod calls;
mod decode;
mod encode;
mod messages;
mod quirks;
mod schema;
mod wire;

pub(super) use calls::{Calls, prefixed};
pub(super) use decode::{Chat, reported_cost};
pub(super) use encode::{encode, tool};
