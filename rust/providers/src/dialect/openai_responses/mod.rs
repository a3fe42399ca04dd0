//! `openai-responses`: `POST {base}/responses`, used without the service's
//! memory: every request holds the whole conversation.

mod decode;
mod encode;
mod input;
mod items;
mod turn;
mod wire;

pub(super) use decode::Response;
pub(super) use encode::encode;
