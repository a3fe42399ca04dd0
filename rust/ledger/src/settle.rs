//! The end of a request, whoever declares it: its process, or the one that
//! finds it dead.

use crate::{Outcome, RequestKey, rollup};
use rusqlite::{Result, Transaction, params};

/// Settles REQUEST and those of its attempts that are still open. One that is
/// settled stays as it is.
pub(crate) fn request(
    transaction: &Transaction,
    request: RequestKey,
    ended_ms: i64,
    outcome: Outcome,
) -> Result<()> {
    for attempt in open_attempts(transaction, request)? {
        settle_attempt(transaction, attempt, ended_ms, outcome)?;
    }
    let sql = "UPDATE request SET ended = ?2, outcome = ?3 WHERE id = ?1 AND outcome IS NULL";
    let row = params![request.0, ended_ms, outcome.name()];
    match transaction.prepare_cached(sql)?.execute(row)? {
        0 => Ok(()),
        _ => rollup::add(transaction, request.0),
    }
}

fn open_attempts(transaction: &Transaction, request: RequestKey) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM attempt WHERE request = ?1 AND outcome IS NULL";
    let mut attempts = transaction.prepare_cached(sql)?;
    attempts.query_map([request.0], |row| row.get(0))?.collect()
}

/// Nobody told how it ended, so its cost is what was last noted.
fn settle_attempt(
    transaction: &Transaction,
    attempt: i64,
    ended_ms: i64,
    outcome: Outcome,
) -> Result<()> {
    let sql = "UPDATE attempt
                  SET ended = ?2, outcome = ?3,
                      cost_pico = CASE payer WHEN 'metered' THEN cost_pico ELSE 0 END,
                      basis = CASE WHEN payer IN ('free', 'plan') THEN payer
                                   WHEN cost_pico IS NULL THEN 'unknown'
                                   ELSE 'estimated' END
                WHERE id = ?1";
    transaction.prepare_cached(sql)?.execute(params![attempt, ended_ms, outcome.name()])?;
    rollup::add(transaction, attempt)
}
