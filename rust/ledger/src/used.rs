//! Which models have been used.

use rusqlite::{Connection, Result};

/// A model that was called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedModel {
    /// The provider's name.
    pub provider: String,
    /// The model's name as it was sent.
    pub model: String,
    /// How many calls were made.
    pub attempts: u64,
}

/// All models that were ever called, from the daily rollup: it has a row for
/// each model and day, and the attempts themselves may be a million.
pub(crate) fn read(connection: &Connection) -> Result<Vec<UsedModel>> {
    let sql = "SELECT provider.name, model.name, sum(s.attempts)
                 FROM spend_day s
                 JOIN provider ON provider.id = s.provider
                 JOIN model ON model.id = s.model
                GROUP BY s.provider, s.model HAVING sum(s.attempts) > 0
                ORDER BY provider.name, model.name";
    let used = |row: &rusqlite::Row<'_>| {
        Ok(UsedModel { provider: row.get(0)?, model: row.get(1)?, attempts: row.get(2)? })
    };
    connection.prepare_cached(sql)?.query_map([], used)?.collect()
}
