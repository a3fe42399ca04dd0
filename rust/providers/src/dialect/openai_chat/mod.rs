//! `openai-chat`: `POST {base}/chat/completions`, the lingua franca.

mod calls;
mod decode;
mod encode;
mod wire;

pub(super) use calls::Calls;
pub(super) use decode::Chat;
pub(super) use encode::{encode, error_mark, tool};
