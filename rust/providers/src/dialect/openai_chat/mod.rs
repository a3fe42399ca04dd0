//! `openai-chat`: `POST {base}/chat/completions`, the lingua franca.

mod calls;
mod decode;
mod encode;
mod wire;

pub(super) use decode::{BodyDecoder, StreamDecoder};
pub(super) use encode::encode;
