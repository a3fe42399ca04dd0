//! The wire protocols: each turns its requests into a
//! [`Prompt`](crate::prompt::Prompt), and the steps of an answer into bytes.
//!
//! They are written from the services' documentation and from recorded
//! streams, never from our own decoders: agreement with ourselves would prove
//! nothing.

pub(crate) mod openai_chat;
