//! Names that stand once in the ledger, and as numbers everywhere else.

use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::HashMap;

/// A table of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dimension {
    Provider,
    Account,
    Model,
    Route,
    Project,
    Purpose,
    Client,
    Price,
    Server,
    Tool,
    Mode,
}

impl Dimension {
    /// The table, and the column that refers to it.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Account => "account",
            Self::Model => "model",
            Self::Route => "route",
            Self::Project => "project",
            Self::Purpose => "purpose",
            Self::Client => "client",
            Self::Price => "price",
            Self::Server => "server",
            Self::Tool => "tool",
            Self::Mode => "mode",
        }
    }

    /// The number of NAME, if it has one.
    pub(crate) fn find(self, connection: &Connection, name: &str) -> Result<Option<i64>> {
        find(connection, self, clip(name))
    }
}

/// Longer names are cut. Some are told by services, and a service's nonsense
/// must not swell the file.
const LONGEST_NAME: usize = 200;

/// The numbers of names, remembered.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Dimension, HashMap<String, i64>>,
}

impl Names {
    /// The number of NAME, which gets one if it has none.
    pub(crate) fn number(
        &mut self,
        connection: &Connection,
        dimension: Dimension,
        name: &str,
    ) -> Result<i64> {
        let name = clip(name);
        let known = self.numbers.entry(dimension).or_default();
        if let Some(number) = known.get(name) {
            return Ok(*number);
        }
        let number = match find(connection, dimension, name)? {
            Some(number) => number,
            None => add(connection, dimension, name)?,
        };
        known.insert(name.to_owned(), number);
        Ok(number)
    }

    /// To be called when a transaction was rolled back: its names are gone.
    pub(crate) fn forget(&mut self) {
        self.numbers.clear();
    }
}

pub(crate) fn clip(name: &str) -> &str {
    name.char_indices().nth(LONGEST_NAME).map_or(name, |(end, _)| &name[..end])
}

fn find(connection: &Connection, dimension: Dimension, name: &str) -> Result<Option<i64>> {
    let sql = format!("SELECT id FROM {} WHERE name = ?1", dimension.table());
    connection.prepare_cached(&sql)?.query_row([name], |row| row.get(0)).optional()
}

fn add(connection: &Connection, dimension: Dimension, name: &str) -> Result<i64> {
    let sql = format!("INSERT INTO {} (name) VALUES (?1)", dimension.table());
    connection.prepare_cached(&sql)?.insert([name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(clip("gpt-5"), "gpt-5");
        assert_eq!(clip(&"é".repeat(500)), "é".repeat(LONGEST_NAME));
    }
}
