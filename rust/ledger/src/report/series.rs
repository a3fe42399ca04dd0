//! Sums over time.

use super::{Column, Filter, Group, groups};
use crate::Ledger;

impl Ledger {
    /// The groups of [`Ledger::groups`] between each two of EDGES, which
    /// ascend: one list less than there are edges. Edges are the caller's
    /// because a day of the user's has 23 to 25 hours.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn series(
        &self,
        edges: &[i64],
        columns: &[Column],
        filter: &Filter,
    ) -> llm_switch_types::Result<Vec<Vec<Group>>> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let spans = edges.windows(2).map(|pair| pair[0]..pair[1]);
            spans.map(|span| groups::read(&transaction, span, columns, filter)).collect()
        })
    }

    /// When the first request of all was made, in Unix milliseconds (UTC).
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn first_ms(&self) -> llm_switch_types::Result<Option<i64>> {
        let sql = "SELECT min(started) FROM request";
        self.read(|connection| connection.query_row(sql, [], |row| row.get(0)))
    }
}
