//! The words of llm-switch as plain data.
//!
//! Everything that two crates must agree on stands here, one noun per file,
//! and nothing here does I/O. Read top to bottom this list is the vocabulary:
//! a [`Request`] names a [`Deployment`] (an account at a [`Provider`] plus a
//! model) and is made for a [`Purpose`]; an attempt at it yields [`Event`]s,
//! a [`Usage`] and from that a [`Cost`] in [`Money`]; what goes wrong is an
//! [`Error`].

mod auth;
mod balance;
mod cost;
mod data_policy;
mod deployment;
mod dialect;
mod error;
mod error_rule;
mod event;
mod limits;
mod locality;
mod message;
mod money;
mod own_price;
mod payer;
mod percent;
mod provider;
mod purpose;
mod quirks;
mod rates;
mod request;
mod said;
mod usage;

pub use auth::{Auth, Refused, RefusedKey};
pub use balance::{Amount, Balance, BalanceSource, PlanForm, Purse};
pub use cost::{Basis, Cost};
pub use data_policy::{Confidence, DataPolicy, Practice};
pub use deployment::{Deployment, InvalidDeployment};
pub use dialect::Dialect;
pub use error::{Error, ErrorKind, Result};
pub use error_rule::{ErrorRule, Reset};
pub use event::{Event, StopReason};
pub use limits::{Limits, Window};
pub use locality::Locality;
pub use message::{Message, Part, Role, ToolCall};
pub use money::{InvalidMoney, Money};
pub use own_price::OwnPrice;
pub use payer::Payer;
pub use percent::Percent;
pub use provider::{Endpoint, Provider};
pub use purpose::Purpose;
pub use quirks::{MaxTokensField, Quirks, ThinkingSwitch};
pub use rates::{Rate, Rates};
pub use request::{CacheMark, Effort, Format, Reasoning, Request, Sampling, Tool, ToolChoice};
pub use said::Said;
pub use usage::Usage;
