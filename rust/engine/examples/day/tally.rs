//! What is counted, for the table.

use crate::book::{Book, Standing};
use crate::record::{Fate, Record};
use std::collections::BTreeMap;

/// What became of an account in the course of the day.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    pub asked: usize,
    pub answered: usize,
    pub failed: usize,
    /// How often it was asked whether it is well again.
    pub trials: usize,
    /// How often it fell out.
    pub falls: usize,
    /// How often it came back.
    pub returns: usize,
    /// Milliseconds that it was out, of the times that are over.
    pub out_ms: i64,
}

/// What became of the requests.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    pub asked: usize,
    pub answered: usize,
    /// Those that broke off and were gone on with.
    pub continued: usize,
    /// Those that nobody could answer, by the class of the error.
    pub refused: BTreeMap<String, usize>,
}

/// What RECORDS, in the order in which they came, make of each account.
pub fn tallies(records: &[Record]) -> BTreeMap<String, Tally> {
    let (mut book, mut tallies) = (Book::default(), BTreeMap::<String, Tally>::new());
    for record in records {
        let tally = tallies.entry(record.account.clone()).or_default();
        let standing = book.standing(&record.account, record.at);
        let returned = book.note(record);
        let is_ill = book.mark(&record.account).is_some();
        tally.asked += 1;
        tally.answered += usize::from(record.fate == Fate::Answered);
        tally.failed += usize::from(record.fate != Fate::Answered);
        tally.trials += usize::from(standing == Standing::Due);
        tally.falls += usize::from(standing == Standing::Well && is_ill);
        tally.returns += usize::from(returned.is_some());
        tally.out_ms += returned.map_or(0, |mark| record.ended - mark.fell);
    }
    tallies
}
