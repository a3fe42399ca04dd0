//! `openai-chat`: `POST {base}/chat/completions`, the lingua franca.

mod calls;
mod decode;
mod encode;
mod quirks;
mod schema;
mod wire;

pub(super) use decode::Chat;
pub(super) use encode::encode;
