//! What the simulator says of one request that came to it.

use crate::clock::Clock;
use crate::world::{STRICT, Upstream};
use llm_switch_simulator::Received;

/// A request that came to an upstream. Times are milliseconds of the day.
#[derive(Clone, Debug)]
pub struct Record {
    /// The account whose key came.
    pub account: String,
    pub at: i64,
    pub ended: i64,
    pub status: u16,
    /// Seconds after which it was invited to come again.
    pub wait: Option<u32>,
    pub fate: Fate,
    /// The model that was said to answer is another than was asked.
    pub is_other: bool,
    /// Tokens that are billed.
    pub tokens: (u64, u64),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It was answered.
    Answered,
    /// It was answered by another model than was asked, and the route is
    /// strict.
    Unwanted,
    /// The answer broke off.
    Broken,
    /// It was refused; the class of errors that this is.
    Refused(&'static str),
}

/// Beginnings of scripts whose answers break off.
const BREAKING: [&str; 4] = ["cut", "reset", "truncate", "midstream"];

/// Who is asked to wait longer, in seconds, has a used-up allowance.
const LONGEST_PAUSE: u32 = 300;

impl Record {
    /// What RECEIVED says, which came to UPSTREAM.
    pub fn of(upstream: &Upstream, received: &Received, clock: &Clock) -> Record {
        let account = received.key.and_then(|number| upstream.accounts().get(number).cloned());
        let script = received.script.as_deref().unwrap_or_default();
        let is_other = received.status == 200 && script.starts_with("served:");
        Record {
            account: account.unwrap_or_else(|| format!("{} (a wrong key)", upstream.name)),
            at: clock.of(received.at_ms),
            ended: clock.of(received.ended_ms.unwrap_or(received.at_ms)),
            status: received.status,
            wait: received.retry_after,
            fate: fate(received, script, is_other && upstream.group == STRICT),
            is_other,
            tokens: (received.prompt_tokens, received.output_tokens),
        }
    }
}

/// What RECEIVED came to, to which SCRIPT was played.
fn fate(received: &Received, script: &str, is_unwanted: bool) -> Fate {
    let breaks = BREAKING.iter().any(|it| script.starts_with(it));
    Fate::Refused(match received.status {
        200 if breaks => return Fate::Broken,
        200 if is_unwanted => return Fate::Unwanted,
        200 => return Fate::Answered,
        _ if script.ends_with("error:quota") => "no-funds",
        400 => "context-length",
        401 => "auth",
        402 => "no-funds",
        429 if received.retry_after > Some(LONGEST_PAUSE) => "quota",
        429 => "rate-limited",
        503 | 529 => "overloaded",
        _ => "server",
    })
}
