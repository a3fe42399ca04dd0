//! Who is out, as the manual has it: worked out from what the simulators say,
//! and from nothing that the engine says.

use crate::clock::MINUTE_MS;
use crate::record::{Fate, Record};
use std::collections::BTreeMap;

/// Who failed, and what follows.
#[derive(Clone, Debug)]
pub struct Mark {
    /// As the health table calls it.
    pub state: &'static str,
    /// When it first failed.
    pub fell: i64,
    /// When it failed last.
    pub since: i64,
    /// Until when it is left alone.
    pub until: i64,
    /// The service has named that time itself.
    pub is_told: bool,
    /// How often it failed in a row.
    pub strikes: u32,
}

/// All that failed and have not answered since. Times are milliseconds of the
/// day.
#[derive(Default)]
pub struct Book(BTreeMap<String, Mark>);

/// How it is with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Well,
    /// It is left alone.
    Out,
    /// Its time is due: one request tries it.
    Due,
}

/// "5 seconds, doubled up to 5 minutes".
const STUMBLE: (i64, i64) = (5_000, 5 * MINUTE_MS);
/// "A minute, doubled up to an hour".
const ABSENCE: (i64, i64) = (MINUTE_MS, 60 * MINUTE_MS);
/// "15 minutes, doubled up to 6 hours".
const REPAIR: (i64, i64) = (15 * MINUTE_MS, 360 * MINUTE_MS);

/// What follows from FATE: the state, and the pauses where the service names
/// none. `None` where it says nothing of who failed.
fn rule(fate: Fate) -> Option<(&'static str, (i64, i64))> {
    match fate {
        Fate::Answered | Fate::Refused("context-length") => None,
        Fate::Unwanted => Some(("cooling", ABSENCE)),
        Fate::Refused("auth") => Some(("dead-key", REPAIR)),
        Fate::Refused("no-funds") => Some(("no-funds", REPAIR)),
        Fate::Refused("quota") => Some(("quota", REPAIR)),
        Fate::Broken | Fate::Refused(_) => Some(("cooling", STUMBLE)),
    }
}

/// How long who failed as RECORD says is left alone after STRIKES failures
/// before it, in milliseconds.
pub fn pause(record: &Record, strikes: u32) -> i64 {
    let told = record.wait.map(|seconds| i64::from(seconds) * 1_000);
    let ours =
        rule(record.fate).map(|(_, (first, longest))| (first << strikes.min(20)).min(longest));
    told.or(ours).unwrap_or(0)
}

impl Book {
    /// How it is with ACCOUNT at NOW.
    pub fn standing(&self, account: &str, now: i64) -> Standing {
        match self.0.get(account) {
            None => Standing::Well,
            Some(mark) if mark.until > now => Standing::Out,
            Some(_) => Standing::Due,
        }
    }

    /// What is known of ACCOUNT, if it failed.
    pub fn mark(&self, account: &str) -> Option<&Mark> {
        self.0.get(account)
    }

    /// Takes note of RECORD. Who answers is well again; the mark it had is
    /// given back.
    pub fn note(&mut self, record: &Record) -> Option<Mark> {
        let Some((state, _)) = rule(record.fate) else {
            // Who was asked before it failed says nothing new.
            let is_news = self.0.get(&record.account).is_some_and(|it| it.since <= record.at);
            let answered = record.fate == Fate::Answered && is_news;
            return answered.then(|| self.0.remove(&record.account)).flatten();
        };
        let before = self.0.get(&record.account);
        // Those that fail at once are one failure.
        let strikes = before.map_or(0, |it| it.strikes - u32::from(record.at < it.since));
        let fell = before.map_or(record.ended, |it| it.fell);
        let until = record.ended + pause(record, strikes);
        let (since, is_told) = (record.ended, record.wait.is_some());
        let mark = Mark { state, fell, since, until, is_told, strikes: strikes + 1 };
        self.0.insert(record.account.clone(), mark);
        None
    }

    /// ACCOUNT has MARK, or is well.
    pub fn set(&mut self, account: &str, mark: Option<Mark>) {
        match mark {
            Some(mark) => drop(self.0.insert(account.to_owned(), mark)),
            None => drop(self.0.remove(account)),
        }
    }

    /// How long to wait at NOW so that nobody's time is due just then, which
    /// two clocks would see differently, in milliseconds.
    pub fn lull(&self, now: i64) -> i64 {
        const BEFORE: i64 = 700;
        const AFTER: i64 = 300;
        let mut at = now;
        while let Some(mark) =
            self.0.values().find(|it| (at - AFTER..at + BEFORE).contains(&it.until))
        {
            at = mark.until + AFTER + 1;
        }
        at - now
    }
}
