//! Which models were served under which names.

use crate::Ledger;
use rusqlite::Row;
use serde::Serialize;
use std::ops::Range;

/// A model that a service served under another name than it was asked for.
/// Whether it is another model is the caller's to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Served {
    /// The name that was sent.
    pub sent: String,
    /// The name that came back.
    pub served: String,
    /// How many attempts.
    pub attempts: u64,
}

impl Ledger {
    /// The pairs of different names among the attempts that began in SPAN
    /// (Unix milliseconds, UTC), by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn served(&self, span: Range<i64>) -> llm_switch_types::Result<Vec<Served>> {
        // The condition on the names is that of the index: see the migration.
        let sql = "SELECT sent.name, served.name, pairs.attempts
                     FROM (SELECT sent, served, count(*) AS attempts FROM attempt
                            WHERE started >= ?1 AND started < ?2 AND served <> sent
                            GROUP BY sent, served) pairs
                     JOIN model sent ON sent.id = pairs.sent
                     JOIN model served ON served.id = pairs.served
                    ORDER BY 1, 2";
        let read = |row: &Row| {
            Ok(Served { sent: row.get(0)?, served: row.get(1)?, attempts: row.get(2)? })
        };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map([span.start, span.end], read)?.collect()
        })
    }
}
