//! The spend ledger: what was asked, what it used and what it cost, in SQLite.
//!
//! Several Emacs processes share one file. Each has one writer thread, fed by
//! a queue, so that recording never makes a caller wait; a file lock is the
//! gate between the processes' write transactions. Prompts and answers are
//! not in it.
//!
//! Nothing in a process may open the ledger's files but SQLite: closing any
//! descriptor of them drops SQLite's POSIX locks, and commits are lost. What
//! this crate asks about the files it asks by `stat` or through SQLite. (The
//! write-ahead log is the exception: it has no locks. See `log`.)
//!
//! ```no_run
//! use llm_switch_ledger::{Ledger, NewRequest, Outcome};
//! use llm_switch_types::Purpose;
//!
//! # fn main() -> llm_switch_types::Result<()> {
//! # let now_ms = 0;
//! let (losses, _heard) = std::sync::mpsc::channel();
//! let on_loss = move |loss| drop(losses.send(loss));
//! let ledger = Ledger::open("ledger.db".as_ref(), now_ms, on_loss)?;
//! let request = ledger.begin_request(NewRequest {
//!     started_ms: now_ms,
//!     purpose: Purpose::Chat,
//!     client: "emacs".into(),
//!     project: None,
//!     route: Some("coding-best".into()),
//!     requested: "coding-best".into(),
//! });
//! ledger.end_request(request, now_ms, Outcome::Done);
//! ledger.flush()
//! # }
//! ```

mod account;
mod admission;
mod attempt;
mod backup;
mod checkpoint;
mod command;
mod database;
mod dimension;
mod failure;
mod gate;
mod health;
mod hold;
mod key;
mod ledger;
mod log;
mod migrate;
mod options;
mod outcome;
mod place;
mod process;
mod queue;
mod readers;
mod reading;
mod recorder;
mod recovery;
mod reply;
mod report;
mod reserve;
mod rollup;
mod row;
mod settle;
mod signals;
mod standings;
mod tally;
mod tool_call;
mod totals;
mod used;
mod vote;
mod writer;

pub use account::{AccountState, Entered, SeenBalance, SeenWindow};
pub use command::{Allowance, AttemptEnd, NewAttempt, NewRequest, Seen};
pub use health::{Health, HealthState, Timing, Traffic};
pub use hold::{Cap, Demand, Denial, Hold, Standing, Verdict};
pub use key::{AttemptKey, RequestKey};
pub use ledger::Ledger;
pub use options::Options;
pub use outcome::Outcome;
pub use report::{
    Column, Entry, Filter, Group, Measure, Order, RequestOrder, RequestQuery, Served, Sums,
    ToolFilter, ToolUse, Used, VoteFilter, VotedFor, Votes,
};
pub use row::{AttemptRow, RequestRow};
pub use tool_call::{RanTool, ToolOutcome};
pub use totals::Totals;
pub use used::UsedModel;
pub use vote::{Vote, VotedAnswer};
