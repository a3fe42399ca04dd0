//! Whether the health table tells what the simulators do.

use crate::book::{Book, Mark, Standing};
use crate::burst::{TOLERANCE_MS, Unsure};
use crate::clock::Clock;
use crate::record::Record;
use crate::world::{MODEL, accounts};
use serde_json::Value;

/// An hour, of which the table tells how much was asked.
const HOUR_MS: i64 = 60 * crate::clock::MINUTE_MS;

/// The last-but-one second of an hour is not looked at: the table was made a
/// moment ago.
const EDGE_MS: i64 = 5_000;

/// The health table as it was told just now.
pub struct Health<'a> {
    pub rows: &'a Value,
    pub clock: &'a Clock,
}

impl Health<'_> {
    /// What it says of ACCOUNT. Each is there once for each route, and says
    /// the same.
    fn of(&self, account: &str) -> Option<&Value> {
        let name = format!("{account}/{MODEL}");
        self.rows.as_array()?.iter().find(|row| row["deployment"] == name.as_str())
    }

    /// Settles in BOOK what is UNSURE, where the table says what may be; else
    /// the fault.
    pub fn settle(&self, book: &mut Book, unsure: Unsure) -> Option<String> {
        let Unsure { account, may_be_well, until, mark } = unsure;
        let row = self.of(&account)?;
        let told = row["until"].as_i64().map(|until| self.clock.of(until));
        match told {
            None if may_be_well => book.set(&account, None),
            Some(told) if until.contains(&told) => {
                let strikes = row["strikes"].as_u64().unwrap_or(1) as u32;
                book.set(&account, Some(Mark { until: told, strikes, ..mark }));
            }
            _ => return Some(format!("{account} may not be as the health table has it: {row}")),
        }
        None
    }

    /// Where it does not agree with BOOK and RECORDS.
    pub fn faults(&self, book: &Book, records: &[Record]) -> Vec<String> {
        let wrong = |account: &String| match self.of(account) {
            None => Some(format!("{account} is not in the health table")),
            Some(row) => self.wrong(account, row, book, records),
        };
        accounts().iter().filter_map(wrong).collect()
    }

    fn wrong(&self, account: &str, row: &Value, book: &Book, records: &[Record]) -> Option<String> {
        let standing = book.standing(account, self.clock.now());
        let state = match standing {
            Standing::Well => "healthy",
            Standing::Due => "half-open",
            Standing::Out => book.mark(account)?.state,
        };
        let is_up = standing != Standing::Out;
        let until = row["until"].as_i64().map(|it| self.clock.of(it));
        let due = book.mark(account).map(|it| it.until);
        let is_near = match (until, due) {
            (Some(told), Some(due)) => (told - due).abs() <= TOLERANCE_MS,
            (told, due) => told.is_none() && due.is_none(),
        };
        let agrees = row["state"] == state && row["up"] == is_up && is_near;
        (!agrees || !self.counts_agree(account, row, records))
            .then(|| format!("{account} is {state} until {due:?}, and the health table says {row}"))
    }

    fn counts_agree(&self, account: &str, row: &Value, records: &[Record]) -> bool {
        let of_it = || records.iter().rev().filter(|it| it.account == account);
        let younger = |age: i64| of_it().filter(|it| self.clock.now() - it.at < age).count() as u64;
        let told = row["last-hour"]["requests"].as_u64();
        told.is_some_and(|told| {
            (younger(HOUR_MS - EDGE_MS)..=younger(HOUR_MS + EDGE_MS)).contains(&told)
        })
    }
}
