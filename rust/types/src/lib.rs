//! The words of llm-switch as plain data.
//!
//! Everything that two crates must agree on stands here, one noun per file,
//! and nothing here does I/O. Read top to bottom this list is the vocabulary:
//! a [`Request`] names a [`Deployment`] (an account at a [`Provider`] plus a
//! model) and is made for a [`Purpose`]; an attempt at it yields [`Event`]s,
//! a [`Usage`] and from that a [`Cost`] in [`Money`]; what goes wrong is an
//! [`Error`]. A [`Mode`] says what may be used at all, a [`Route`] who is asked
//! for what, and a [`Budget`] how much may go to whom within which [`Period`].
//! Which tools of MCP servers may be used is said by tool [`Rule`](tool_rule::Rule)s.

mod auth;
mod balance;
mod budget;
mod calendar;
mod cost;
mod credit;
mod data_policy;
mod deployment;
mod dialect;
mod error;
mod error_rule;
mod event;
mod fraction;
mod limits;
mod locality;
mod message;
mod mode;
mod money;
mod origin;
mod own_price;
mod payer;
mod percent;
mod period;
mod plan;
mod provider;
mod purpose;
mod quirks;
mod rates;
mod request;
mod route;
mod said;
mod scope;
mod start;
pub mod tool_rule;
mod usage;

pub use auth::{Auth, Refused, RefusedKey};
pub use balance::{Amount, Balance, BalanceSource, PlanForm, Purse};
pub use budget::{AtLimit, Budget, Limit};
pub use cost::{Basis, Cost};
pub use credit::Credit;
pub use data_policy::{Confidence, DataPolicy, Practice};
pub use deployment::{Deployment, InvalidDeployment};
pub use dialect::Dialect;
pub use error::{Error, ErrorKind, Result};
pub use error_rule::{ErrorRule, Reset};
pub use event::{Event, StopReason};
pub use fraction::Fraction;
pub use limits::{Limits, Window};
pub use locality::Locality;
pub use message::{Message, Part, Role, ToolCall};
pub use mode::{DataRule, Mode, WhenNone};
pub use money::{InvalidMoney, Money};
pub use origin::Origin;
pub use own_price::OwnPrice;
pub use payer::Payer;
pub use percent::Percent;
pub use period::{LONGEST_ROLLING, Period};
pub use plan::{Plan, PlanSpan, PlanWindow, Renewal};
pub use provider::{Endpoint, Provider};
pub use purpose::Purpose;
pub use quirks::{MaxTokensField, Quirks, ThinkingSwitch};
pub use rates::{Rate, Rates};
pub use request::{CacheMark, Effort, Format, Reasoning, Request, Sampling, Tool, ToolChoice};
pub use route::{Route, Strategy};
pub use said::Said;
pub use scope::{Scope, Subject};
pub use usage::Usage;
