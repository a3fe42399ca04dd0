//! Connections that only read.

use crate::database;
use crate::place::Place;
use parking_lot::{Mutex, RwLock};
use rusqlite::{Connection, Result};
use std::time::Duration;

/// How many connections stay open for the next reader. Each has some
/// megabytes of cache.
const KEPT: usize = 3;

/// Statements that stay prepared: a report has one for each kind of piece.
const STATEMENTS: usize = 64;

/// Connections that only read, opened as they are needed: a report over a
/// year does not hold up the sum of today.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    /// Held for reading by each query that is under way.
    under_way: RwLock<()>,
}

impl Readers {
    /// Runs QUERY on the ledger at PLACE.
    pub(crate) fn read<T>(
        &self,
        place: &Place,
        patience: Duration,
        query: impl FnOnce(&Connection) -> Result<T>,
    ) -> Result<T> {
        let _under_way = self.under_way.read();
        let idle = self.idle.lock().pop();
        let connection = idle.map_or_else(|| open(place, patience), Ok)?;
        let answer = query(&connection)?;
        // After a failure it is not used again.
        let mut idle = self.idle.lock();
        if idle.len() < KEPT {
            idle.push(connection);
        }
        Ok(answer)
    }

    /// Waits for the queries that are under way and closes all connections.
    pub(crate) fn close(&self) {
        let _alone = self.under_way.write();
        self.idle.lock().clear();
    }
}

fn open(place: &Place, patience: Duration) -> Result<Connection> {
    let connection = database::open_reader(place, patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
