//! `anthropic`: `POST {base}/v1/messages`, spoken by Anthropic and by others
//! that want its clients.

mod assistant;
mod blocks;
mod cache;
mod decode;
mod encode;
mod ids;
mod thinking;
mod turns;
mod usage;

pub(super) use decode::Message;
pub(super) use encode::encode;
