//! Makes a ledger of a million requests over 400 days, checks that its rollups
//! agree with its rows, and says how long reports over it take.
//!
//!     cargo run --release -p llm-switch-ledger --example million FILE [REQUESTS] [END]
//!
//! FILE is made, or only measured when it is there. END is when the ledger
//! ends, in Unix milliseconds; now, when it is left out.
#![allow(clippy::print_stdout)] // This is what it is for.

mod measure;
mod rows;
mod services;
#[path = "../sums/mod.rs"]
mod sums;

use llm_switch_ledger::{AttemptEnd, Ledger, NewAttempt, NewRequest, Outcome};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use rusqlite::Connection;
use std::error::Error;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

type Failed = Box<dyn Error>;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const DAYS: i64 = 400;

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = Path::new(arguments.first().ok_or("name a file")?);
    let requests = arguments.get(1).map_or(Ok(1_000_000), |it| it.parse())?;
    let end = match arguments.get(2) {
        Some(end) => end.parse()?,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64,
    };
    if !path.exists() {
        make(path, requests, end)?;
    }
    measure::measure(path)
}

fn make(path: &Path, requests: u64, end: i64) -> Result<(), Failed> {
    let begun = Instant::now();
    Ledger::open(path, 0, |loss| println!("{loss}"))?.close()?;
    let mut connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
    let transaction = connection.transaction()?;
    rows::fill(&transaction, requests, end)?;
    sums::add_up(&transaction)?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    drop(connection);
    record_some(path, end)?;
    check(path)?;
    let megabytes = std::fs::metadata(path)?.len() / 1_000_000;
    println!("{requests} requests, {megabytes} MB, made in {:.0?}", begun.elapsed());
    Ok(())
}

/// A few requests on the usual way, so that the check below would see where
/// the two ways differ.
fn record_some(path: &Path, end: i64) -> Result<(), Failed> {
    let ledger = Ledger::open(path, end, |loss| println!("{loss}"))?;
    for ms in (0..500).map(|number| end - number * 60_000) {
        let request = ledger.begin_request(NewRequest {
            started_ms: ms,
            purpose: Purpose::Chat,
            client: "emacs".into(),
            project: Some("/home/me/src/project-01".into()),
            route: Some("coding-best".into()),
            requested: "coding-best".into(),
        });
        let new = NewAttempt {
            provider: "openai".into(),
            account: "openai-work".into(),
            sent_model: "gpt-5".into(),
            payer: Payer::Metered,
            started_ms: ms,
            sent_bytes: 1_000,
        };
        let attempt = ledger.begin_attempt(request, new);
        let cost = Cost {
            amount: Some(Money::from_pico(4_400_000_000)),
            basis: Basis::Computed,
            price: Some("openai/gpt-5@2026-01-01".into()),
        };
        let end = AttemptEnd {
            ended_ms: ms + 5_000,
            first_token_ms: Some(900),
            served_model: Some("gpt-5-2025-08-07".into()),
            http_status: Some(200),
            outcome: Outcome::Done,
            usage: Usage { input: 194, cache_read: 1_920, output: 388, ..Usage::default() },
            cost,
            computed: None,
        };
        ledger.end_attempt(attempt, end);
        ledger.end_request(request, ms + 5_001, Outcome::Done);
    }
    ledger.flush()?;
    ledger.close()?;
    Ok(())
}

/// The rollups are the rows, neither more nor less.
fn check(path: &Path) -> Result<(), Failed> {
    let connection = Connection::open(path)?;
    for (table, width) in sums::SUMS {
        for (one, other) in [
            (format!("SELECT * FROM {table}"), sums::added_up(width)),
            (sums::added_up(width), format!("SELECT * FROM {table}")),
        ] {
            let sql = format!("SELECT count(*) FROM ({one} EXCEPT {other})");
            let differing: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            if differing > 0 {
                return Err(format!("{table}: {differing} rows differ").into());
            }
        }
        let rows: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        println!("{table}: {rows} rows, and they agree");
    }
    Ok(())
}
