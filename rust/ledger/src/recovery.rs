//! What dead processes left open.

use crate::place::Place;
use crate::{Outcome, RequestKey, process, settle};
use rusqlite::{Connection, Result, TransactionBehavior};
use std::collections::HashMap;

/// Settles the requests that dead processes left open, as crashed, and
/// removes these processes' files. NOW_MS is when they are found.
///
/// To be called inside the gate. Where nothing was left, nothing is written.
pub(crate) fn run(connection: &mut Connection, place: &Place, now_ms: i64) -> Result<()> {
    let orphans = orphans(connection, place)?;
    if !orphans.is_empty() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for request in orphans {
            settle::request(&transaction, request, now_ms, Outcome::Crashed)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

fn orphans(connection: &Connection, place: &Place) -> Result<Vec<RequestKey>> {
    // Of its own accord SQLite looks through all requests, to have them in order.
    let sql = "SELECT process, id FROM request INDEXED BY request_open
                WHERE outcome IS NULL ORDER BY id";
    let mut open = connection.prepare(sql)?;
    let mut alive: HashMap<u16, bool> = HashMap::new();
    let mut is_alive =
        |tag| *alive.entry(tag).or_insert_with(|| process::is_alive(&place.processes, tag));
    open.query_map([], |row| Ok((row.get(0)?, RequestKey(row.get(1)?))))?
        .filter(|open| !matches!(open, Ok((tag, _)) if is_alive(*tag)))
        .map(|open| open.map(|(_, request)| request))
        .collect()
}
