//! Another try, where nobody else could answer.
//!
//! Then a request waits for who is back soon: as long as the service asks, else
//! a moment; a few times, and a few seconds in all. Who waits is let in although
//! its time may not be due: the alternative is to fail.

use crate::book::{Book, Mark};
use crate::life::Ask;
use crate::record::Record;
use crate::replay::candidates;

/// How often a request is tried again.
const MOST: usize = 2;

/// The first pause where the service names none, in milliseconds.
const PAUSE_MS: i64 = 400;

/// For whom a request surely waits, in milliseconds: a second less than for
/// whom it may.
const SURE_MS: i64 = 4_000;

/// The tries of a request after the first round.
pub struct Retries {
    began: i64,
    /// Whether nobody has answered in the first round.
    may_be: bool,
    count: usize,
}

impl Retries {
    /// Those of a request that was asked at BEGAN; they MAY_BE where nobody
    /// could answer.
    pub fn of(began: i64, may_be: bool) -> Retries {
        Retries { began, may_be, count: 0 }
    }

    /// What is wrong with asking for RECORD, given BOOK.
    pub fn objection(&mut self, book: &Book, record: &Record) -> Option<String> {
        let account = &record.account;
        self.count += 1;
        if !self.may_be || self.count > MOST {
            return Some(format!("{account} was asked when all was over"));
        }
        let mark = book.mark(account);
        let due = mark.filter(|it| it.state == "cooling").map(|it| self.back(it));
        let is_due = due.is_some_and(|due| due <= record.at);
        (!is_due).then(|| format!("{account} was asked again before it is back: {mark:?}"))
    }

    /// When who has MARK may be tried again: who failed just now for reasons
    /// of the moment sooner than another request would.
    fn back(&self, mark: &Mark) -> i64 {
        let is_fresh = mark.since >= self.began && !mark.is_told;
        if is_fresh { mark.since + PAUSE_MS } else { mark.until }
    }

    /// Who of those that ASK leads to would have been back in time, by BOOK.
    pub fn missing(&self, book: &Book, ask: &Ask) -> Option<String> {
        let is_back = |account: &String| {
            let mark = book.mark(account).filter(|it| it.state == "cooling");
            mark.is_some_and(|it| it.until < self.began + SURE_MS)
        };
        let back = candidates(ask).into_iter().find(is_back).filter(|_| self.count < MOST)?;
        Some(format!("{back} would have been back soon, and nobody waited"))
    }
}
