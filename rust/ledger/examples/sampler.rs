//! Watches from outside that no budget is passed: reads the ledger with plain
//! SQL, as fast as it can, and shares no code with what it watches.
//!
//!     sampler FILE
//!
//! It begins when FILE is there and ends with its standard input. Then it says
//! in JSON how much money was spent and held at most at any instant (`most`,
//! and of that `settled` and `held`), how often it looked (`samples`), and
//! what stands in the rows of metered attempts at the end.
#![allow(clippy::print_stdout)] // This is what it is for.

use rusqlite::{Connection, OpenFlags, Result, Row};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{Read, stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// One statement is one transaction: both sums are of the same instant.
const INSTANT: &str =
    "SELECT (SELECT ifnull(sum(cost_pico), 0) FROM attempt WHERE outcome IS NOT NULL),
            (SELECT ifnull(sum(held_pico), 0) FROM attempt WHERE outcome IS NULL)";

const ROWS: &str = "SELECT count(*), ifnull(sum(outcome IS NULL), 0),
            ifnull(sum(cost_pico), 0),
            ifnull(sum(max(0, cost_pico - held_pico)), 0),
            ifnull(sum(outcome <> 'done' AND cost_pico > 0), 0),
            ifnull(sum(outcome = 'crashed'), 0)
       FROM attempt WHERE payer = 'metered'";

/// What is the most that was spent and held.
#[derive(Default)]
struct Most {
    samples: u64,
    settled: i64,
    held: i64,
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: sampler FILE")?;
    let over = until_eof();
    let Some(connection) = open(&path, &over) else { return Err("there was no ledger".into()) };
    let mut most = Most::default();
    while !over.load(Ordering::Relaxed) {
        most.look(&connection)?;
    }
    most.look(&connection)?;
    let Most { samples, settled, held } = most;
    let rows = connection.query_row(ROWS, [], rows)?;
    println!(
        "{}",
        json!({"samples": samples, "most": settled + held, "settled": settled, "held": held,
               "rows": rows})
    );
    Ok(())
}

/// Becomes true when standard input ends.
fn until_eof() -> Arc<AtomicBool> {
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    thread::spawn(move || {
        let _ = stdin().lock().read_to_end(&mut Vec::new());
        told.store(true, Ordering::Relaxed);
    });
    over
}

/// The ledger at PATH, as soon as it has its tables.
fn open(path: &str, over: &AtomicBool) -> Option<Connection> {
    while !over.load(Ordering::Relaxed) {
        if let Ok(connection) = try_open(path) {
            return Some(connection);
        }
        thread::sleep(Duration::from_millis(1));
    }
    try_open(path).ok()
}

fn try_open(path: &str) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.prepare(INSTANT)?;
    Ok(connection)
}

impl Most {
    fn look(&mut self, connection: &Connection) -> Result<()> {
        let mut instant = connection.prepare_cached(INSTANT)?;
        let (settled, held) = instant.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.samples += 1;
        if settled + held > self.settled + self.held {
            (self.settled, self.held) = (settled, held);
        }
        Ok(())
    }
}

fn rows(row: &Row<'_>) -> Result<Value> {
    let number = |at| row.get::<_, i64>(at);
    Ok(json!({
        "attempts": number(0)?, "open": number(1)?, "spent": number(2)?,
        "overshoot": number(3)?, "cut": number(4)?, "crashed": number(5)?,
    }))
}
