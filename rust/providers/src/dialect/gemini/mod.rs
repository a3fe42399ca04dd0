//! `gemini`: `POST {base}/models/{model}:streamGenerateContent`.

mod config;
mod contents;
mod decode;
mod encode;
mod family;
mod parts;
mod results;
mod turn;
mod wire;

pub(super) use decode::Content;
pub(super) use encode::encode;
