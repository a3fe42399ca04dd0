//! The words of llm-switch as plain data.
//!
//! Everything that two crates must agree on stands here, one noun per file,
//! and nothing here does I/O. Read top to bottom this list is the vocabulary:
//! a [`Request`] names a [`Deployment`] (an account at a [`Provider`] plus a
//! model) and is made for a [`Purpose`]; an attempt at it yields [`Event`]s,
//! a [`Usage`] and from that a [`Cost`] in [`Money`]; what goes wrong is an
//! [`Error`].

mod cost;
mod deployment;
mod error;
mod event;
mod message;
mod money;
mod own_price;
mod percent;
mod provider;
mod purpose;
mod rates;
mod request;
mod usage;

pub use cost::{Basis, Cost};
pub use deployment::{Deployment, InvalidDeployment};
pub use error::{Error, ErrorKind, Result};
pub use event::{Event, StopReason};
pub use message::{Message, Part, Role, ToolCall};
pub use money::{InvalidMoney, Money};
pub use own_price::OwnPrice;
pub use percent::Percent;
pub use provider::{Auth, Dialect, Locality, MaxTokensField, Payer, Provider};
pub use purpose::Purpose;
pub use rates::{Rate, Rates};
pub use request::{CacheMark, Effort, Format, Reasoning, Request, Sampling, Tool, ToolChoice};
pub use usage::Usage;
