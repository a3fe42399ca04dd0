//! What the ledger can be asked: sums by column and over time, and the
//! requests behind them.
//!
//! Everything here reads, on a connection of its own, so the writer never
//! waits for a report. Sums are of what is settled, and exact for any edges:
//! see `totals::pieces`.

mod column;
mod entries;
mod filter;
mod groups;
mod requests;
mod series;
mod served;
mod sums;
mod tools;
mod uses;
mod votes;

pub use column::Column;
pub use entries::Entry;
pub use filter::Filter;
pub use groups::{Group, Measure, Order};
pub use requests::{RequestOrder, RequestQuery};
pub use served::Served;
pub use sums::Sums;
pub use tools::{ToolFilter, ToolUse};
pub use uses::Used;
pub use votes::{VoteFilter, VotedFor, Votes};
