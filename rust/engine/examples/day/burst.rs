//! What must have become of requests that were asked at once.
//!
//! Who was well may have been asked by each of them. Who was out must not have
//! been asked, and who was due by one of them, until that had an answer.

use crate::book::{Book, Mark, Standing, pause};
use crate::life::End;
use crate::record::{Fate, Record};
use llm_switch_engine::Body;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Who failed and was asked by others at the same time: which of these the
/// engine heard of first nobody else can know.
#[derive(Debug)]
pub struct Unsure {
    pub account: String,
    /// It may be well again.
    pub may_be_well: bool,
    /// Else it must be out until then.
    pub until: RangeInclusive<i64>,
    /// As it is if the failures came in the order in which they were sent.
    pub mark: Mark,
}

/// How far two clocks may disagree, in milliseconds.
pub const TOLERANCE_MS: i64 = 1_500;

/// What is wrong with RECORDS, which are of who was asked for ENDS, which
/// were asked at BEGAN; takes note of them in BOOK.
pub fn faults(
    book: &mut Book,
    began: i64,
    records: &[Record],
    ends: &[End],
) -> (Vec<String>, Vec<Unsure>) {
    let mut faults: Vec<String> = ends.iter().filter_map(unanswered).collect();
    let accounts: BTreeSet<&str> = records.iter().map(|it| it.account.as_str()).collect();
    let mut unsure = Vec::new();
    for account in accounts {
        let of_it: Vec<&Record> = records.iter().filter(|it| it.account == account).collect();
        let most = match book.standing(account, began) {
            Standing::Well => ends.len(),
            Standing::Due => 1 + after_an_answer(&of_it),
            Standing::Out => 0,
        };
        if of_it.len() > most {
            let count = of_it.len();
            faults.push(format!("{account} was asked {count} times at once, not {most} at most"));
        }
        unsure.extend(note(book, account, &of_it));
    }
    (faults, unsure)
}

/// How many of RECORDS came after the first of them was answered.
fn after_an_answer(records: &[&Record]) -> usize {
    let Some(first) = records.first().filter(|it| it.fate == Fate::Answered) else { return 0 };
    records[1..].iter().filter(|it| it.at >= first.ended).count()
}

fn unanswered(end: &End) -> Option<String> {
    match &end.body {
        Body::Done(_) => None,
        Body::Error(error) if error["can-continue"] == true => None,
        body => Some(format!("somebody could answer, and it ended as {body:?}")),
    }
}

/// Takes note of RECORDS of ACCOUNT in BOOK, and of what is not sure then.
fn note(book: &mut Book, account: &str, records: &[&Record]) -> Option<Unsure> {
    let strikes = book.mark(account).map_or(0, |it| it.strikes);
    let mut in_order = records.to_vec();
    in_order.sort_by_key(|it| it.ended);
    for record in &in_order {
        book.note(record);
    }
    let failed: Vec<&&Record> = in_order.iter().filter(|it| pause(it, 0) > 0).collect();
    if failed.is_empty() || records.len() == 1 {
        return None;
    }
    let (last, count) = (failed.last()?, failed.len() as u32);
    let until = |record: &Record, strikes| record.ended + pause(record, strikes);
    let first = failed.iter().map(|it| until(it, strikes)).min()?;
    let latest = failed.iter().map(|it| until(it, strikes + count)).max()?;
    let mut lone = Book::default();
    lone.note(last);
    let mark = book.mark(account).or(lone.mark(account))?.clone();
    Some(Unsure {
        account: account.to_owned(),
        may_be_well: in_order.iter().any(|it| it.fate == Fate::Answered),
        until: first - TOLERANCE_MS..=latest + TOLERANCE_MS,
        mark,
    })
}
