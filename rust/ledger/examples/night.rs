//! Lets time pass for a ledger that nobody has open, as when Emacs was closed
//! over night.
//!
//!     night FILE MILLISECONDS
//!
//! Whatever happened is moved so far into the past, and what is to come so
//! much nearer. That is all that a clock could do to whoever opens the ledger
//! next, and nobody needs a clock that lies. The sums over hours and days are
//! made again from the rows, and those of budgets' windows when they are next
//! asked for.

use rusqlite::{Connection, Result, Transaction, params};
use std::error::Error;
use std::time::Duration;

/// Where a time stands, in Unix milliseconds. A name of a request is a time as
/// well, but one that no row may be older than; it stays.
const TIMES: [(&str, &str); 14] = [
    ("request", "started"),
    ("request", "ended"),
    ("attempt", "started"),
    ("attempt", "ended"),
    ("health", "since"),
    ("health", "until"),
    ("health", "trial"),
    ("health", "changed"),
    ("allowance", "made"),
    ("allowance", "until"),
    ("alert", "told"),
    ("account_window", "resets_at"),
    ("account_window", "seen_at"),
    ("account_balance", "seen_at"),
];

/// The tables of sums, and the milliseconds in a bucket of theirs.
const SUMS: [(&str, i64); 2] = [("spend_hour", 3_600_000), ("spend_day", 86_400_000)];

/// What tells two rows of such a table apart, beside the bucket.
const KEYS: &str = "provider, account, model, route, project, purpose, client, payer, basis";

/// What such a table adds up.
const ADDENDS: [&str; 11] = [
    "requests",
    "unknown_requests",
    "attempts",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "fees_pico",
    "cost_pico",
];

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, time] = arguments.as_slice() else {
        return Err("usage: night FILE MILLISECONDS".into());
    };
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let transaction = connection.transaction()?;
    pass(&transaction, time.parse()?)?;
    Ok(transaction.commit()?)
}

/// Lets TIME, in milliseconds, pass.
fn pass(transaction: &Transaction<'_>, time: i64) -> Result<()> {
    for (table, column) in TIMES {
        let sql = format!("UPDATE {table} SET {column} = {column} - ?1");
        transaction.execute(&sql, params![time])?;
    }
    for (table, width) in SUMS {
        add_up(transaction, table, width)?;
    }
    transaction.execute("DELETE FROM tally", [])?;
    Ok(())
}

/// Makes TABLE, whose buckets are WIDTH wide, from the rows.
fn add_up(transaction: &Transaction<'_>, table: &str, width: i64) -> Result<()> {
    let sums = ADDENDS.map(|name| format!("sum({name})")).join(", ");
    let names = ADDENDS.join(", ");
    transaction.execute(&format!("DELETE FROM {table}"), [])?;
    let sql = format!(
        "INSERT INTO {table} (bucket, {KEYS}, {names})
         SELECT started / ?1, {KEYS}, {sums} FROM spend GROUP BY started / ?1, {KEYS}"
    );
    transaction.execute(&sql, params![width])?;
    Ok(())
}
