//! Whether the ledger tells what the simulators do.

use crate::Result;
use crate::clock::{MINUTE_MS, real_ms};
use crate::record::{Fate, Record};
use crate::world::{accounts, upstream};
use llm_switch_ledger::{AttemptRow, Filter, Ledger, Outcome, Totals};
use llm_switch_types::{Basis, ErrorKind};
use std::path::Path;

/// What stands in the ledger at the end of the day.
pub struct Rows {
    /// All attempts.
    rows: Vec<AttemptRow>,
    /// The sums that are kept beside them, since when: of all, and of the last
    /// part of the day.
    totals: [(i64, Totals); 2],
}

/// How long that part is, in milliseconds.
const EVENING_MS: i64 = 12 * 60 * MINUTE_MS;

/// What stands in the ledger at FILE, which nobody has open.
pub fn read(file: &Path) -> Result<Rows> {
    let ledger = Ledger::open(file, real_ms(), |_| ())?;
    let mut rows = Vec::new();
    let now = real_ms();
    let since = |from| ledger.totals(from, now).map(|totals| (from, totals));
    let totals = [since(0)?, since(now - EVENING_MS)?];
    ledger.entries(0..i64::MAX, &Filter::default(), |entry| {
        rows.push(entry.attempt);
        true
    })?;
    ledger.close()?;
    Ok(Rows { rows, totals })
}

/// Where what the ledger has does not agree with RECORDS, and with the number
/// of REQUESTS that were made.
pub fn faults(Rows { rows, totals }: &Rows, records: &[Record], requests: usize) -> Vec<String> {
    let sums = totals.iter().filter_map(|(since, totals)| sum_fault(rows, *since, totals));
    let mut faults: Vec<String> = sums.collect();
    let counted = totals[0].1.requests;
    if counted != requests as u64 {
        faults.push(format!("{requests} requests were made, and the ledger counts {counted}"));
    }
    for account in accounts() {
        let mut rows: Vec<Told> = told(rows, &account);
        let mut records: Vec<Told> =
            records.iter().filter(|it| it.account == account).map(Told::by).collect();
        rows.sort();
        records.sort();
        if rows.len() != records.len() {
            let (rows, came) = (rows.len(), records.len());
            faults.push(format!("{account} was asked {came} times, and has {rows} rows"));
        } else if let Some((row, record)) = rows.iter().zip(&records).find(|(a, b)| a != b) {
            faults.push(format!("{account}: the ledger has {row:?}, the simulator {record:?}"));
        }
    }
    let other = rows.iter().filter(|it| !accounts().contains(&it.account));
    faults.extend(other.map(|it| format!("{} was never asked, and has a row", it.account)));
    faults
}

/// Where TOTALS are not the sums of ROWS that began SINCE then.
fn sum_fault(rows: &[AttemptRow], since: i64, totals: &Totals) -> Option<String> {
    let rows = || rows.iter().filter(|it| it.started_ms >= since);
    let cost = rows().filter_map(|it| it.cost.as_ref()?.amount);
    let cost: i64 = cost.map(|it| it.pico()).sum();
    let output: u64 = rows().map(|it| it.usage.output).sum();
    let agrees = (totals.cost.pico(), totals.output) == (cost, output);
    (!agrees).then(|| format!("{cost} pico-dollars and {output} tokens out, not {totals:?}"))
}

fn told(rows: &[AttemptRow], account: &str) -> Vec<Told> {
    rows.iter().filter(|it| it.account == account).map(Told::of).collect()
}

/// What both can say of an attempt.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    fate: Fate,
    /// The status of what was answered or refused; of what broke off the
    /// ledger has none.
    status: Option<u16>,
    is_other: bool,
    /// Tokens in and out, and pico-dollars, of an answer that came to its end.
    bill: Option<(u64, u64, i64)>,
}

impl Told {
    fn by(record: &Record) -> Told {
        let (input, output) = record.tokens;
        let price = upstream(&record.account).map_or(0, |it| it.price());
        let cost = (input + output) as i64 * price;
        Told {
            fate: record.fate,
            status: has_status(record.fate).then_some(record.status),
            is_other: record.is_other,
            bill: (record.fate == Fate::Answered).then_some((input, output, cost)),
        }
    }

    fn of(row: &AttemptRow) -> Told {
        let fate = match row.outcome {
            Some(Outcome::Done) => Fate::Answered,
            Some(Outcome::Failed(ErrorKind::Refused)) => Fate::Unwanted,
            // Who answers with 200 and fails all the same has broken off.
            Some(Outcome::Failed(_)) if row.http_status.is_none_or(|it| it == 200) => Fate::Broken,
            Some(Outcome::Failed(kind)) => Fate::Refused(kind.name()),
            _ => Fate::Refused("open or crashed"),
        };
        Told {
            fate,
            status: row.http_status.filter(|_| has_status(fate)),
            is_other: row.served_model.as_ref().is_some_and(|it| *it != row.sent_model),
            bill: (fate == Fate::Answered).then(|| bill(row)),
        }
    }
}

fn has_status(fate: Fate) -> bool {
    matches!(fate, Fate::Answered | Fate::Refused(_))
}

/// What ROW was billed at; nothing where that is an estimate, for the
/// simulator has told all.
fn bill(row: &AttemptRow) -> (u64, u64, i64) {
    let known = |basis: Basis| matches!(basis, Basis::Computed | Basis::Free);
    let cost = row.cost.as_ref().filter(|it| known(it.basis)).and_then(|it| it.amount);
    (row.usage.total_input(), row.usage.output, cost.map_or(-1, |it| it.pico()))
}
