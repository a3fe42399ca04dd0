//! What is counted, for the table.

use crate::book::{Book, Standing};
use crate::life::End;
use crate::record::{Fate, Record};
use crate::world::{accounts, upstream};
use llm_switch_engine::Body;
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
    /// Those among them that came between the mending of somebody and the
    /// trial that finds that out.
    pub early: usize,
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

impl Requests {
    /// Counts how END ended; whether it is to be gone on with.
    pub fn count(&mut self, end: &End) -> bool {
        let is_new = end.ask.so_far.is_none();
        self.asked += usize::from(is_new);
        match &end.body {
            Body::Error(error) if error["can-continue"] == true => return true,
            Body::Error(error) => {
                let kind = error["kind"].as_str().unwrap_or_default().to_owned();
                *self.refused.entry(kind).or_default() += 1;
            }
            _ if is_new => self.answered += 1,
            _ => self.continued += 1,
        }
        false
    }
}

/// Who should have failed and come back, and by TALLIES did not.
pub fn untried(tallies: &BTreeMap<String, Tally>) -> Vec<String> {
    let falls = |account: &&String| {
        upstream(account).is_some_and(|it| {
            let is_first = it.accounts().first() == Some(account);
            it.plays.starts_with("most:") || is_first && !it.troubles.is_empty()
        })
    };
    let wrong =
        |account: &&String| tallies.get(*account).is_none_or(|it| it.falls == 0 || it.returns == 0);
    let accounts = accounts();
    let untried = accounts.iter().filter(falls).filter(wrong);
    untried.map(|it| format!("{it} did not fall out and come back")).collect()
}
