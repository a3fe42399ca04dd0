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

mod sums;

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
    sums::add_up(transaction)?;
    transaction.execute("DELETE FROM tally", [])?;
    Ok(())
}
