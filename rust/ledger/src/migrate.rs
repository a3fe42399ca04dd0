//! Versions of the ledger.

use crate::place::Place;
use crate::{backup, failure};
use llm_switch_types::Result;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;

/// What leads from each version to the next; the first one starts from
/// nothing. One that has been published is never edited.
const MIGRATIONS: [&str; 7] = [
    include_str!("migrations/0001-requests.sql"),
    include_str!("migrations/0002-account-state.sql"),
    include_str!("migrations/0003-holds.sql"),
    include_str!("migrations/0004-reports.sql"),
    include_str!("migrations/0005-health.sql"),
    include_str!("migrations/0006-tool-calls.sql"),
    include_str!("migrations/0007-votes.sql"),
];

/// Marks the file as ours: "llsw".
const APPLICATION_ID: i64 = 0x6C6C_7377;

/// What a file is, by its own words.
#[derive(Debug)]
pub(crate) enum Version {
    /// A ledger of this version, 0 being an empty file.
    Ledger(usize),
    /// Another program's database.
    Foreign,
}

impl Version {
    /// The version, if this code can work with it. PATH is for the message.
    pub(crate) fn accept(self, path: &Path) -> Result<usize> {
        const KNOWN: usize = MIGRATIONS.len();
        match self {
            Self::Ledger(version) if version <= KNOWN => Ok(version),
            Self::Ledger(version) => Err(failure::refused(
                path,
                format!("the ledger has version {version}, and this llm-switch knows {KNOWN}"),
                "Update llm-switch; nothing was changed",
            )),
            Self::Foreign => Err(failure::refused(
                path,
                "this is another program's database",
                "Name another file; nothing was changed",
            )),
        }
    }
}

/// What CONNECTION is open on.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<Version> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (owner, version) = (number("application_id")?, number("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (owner, usize::try_from(version)) {
        (APPLICATION_ID, Ok(version)) if version > 0 => Version::Ledger(version),
        (0, Ok(0)) if tables == 0 => Version::Ledger(0),
        _ => Version::Foreign,
    })
}

/// Brings the ledger at PLACE from VERSION to the newest one, or leaves it as
/// it was. One that holds something is copied first: where there is no room
/// for the copy, nothing is changed.
///
/// To be called inside the gate.
pub(crate) fn run(connection: &mut Connection, place: &Place, version: usize) -> Result<()> {
    if version == MIGRATIONS.len() {
        return Ok(());
    }
    if version > 0 {
        backup::keep(connection, place, version)?;
    }
    migrate(connection, version).map_err(|error| failure::from_sqlite(&place.database, &error))
}

fn migrate(connection: &mut Connection, version: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for number in version..MIGRATIONS.len() {
        step(&transaction, number)?;
    }
    transaction.commit()
}

fn step(transaction: &Transaction, number: usize) -> rusqlite::Result<()> {
    transaction.execute_batch(MIGRATIONS[number])?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name";
        let mut rows = connection.prepare(sql).unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().map(|row| row.unwrap()).collect()
    }

    fn at_version(version: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        let transaction = connection.transaction().unwrap();
        (0..version).for_each(|number| step(&transaction, number).unwrap());
        transaction.commit().unwrap();
        connection
    }

    #[test]
    fn every_version_leads_to_the_newest() {
        let newest = at_version(MIGRATIONS.len());
        for from in 0..=MIGRATIONS.len() {
            let mut ledger = at_version(from);
            let found = version(&ledger).unwrap().accept(Path::new("x")).unwrap();
            assert_eq!(found, from);
            migrate(&mut ledger, found).unwrap();
            assert_eq!(schema(&ledger), schema(&newest), "from version {from}");
            assert!(matches!(version(&ledger), Ok(Version::Ledger(it)) if it == MIGRATIONS.len()));
        }
    }

    /// An Emacs that has not been restarted goes on with the version that it
    /// knows, and fills these by position.
    #[test]
    fn what_the_first_version_fills_by_position_keeps_its_columns() {
        for table in ["spend", "spend_hour", "spend_day"] {
            let sql = format!("SELECT name FROM pragma_table_info('{table}')");
            let [first, newest] = [1, MIGRATIONS.len()].map(|version| {
                let ledger = at_version(version);
                let mut rows = ledger.prepare(&sql).unwrap();
                let names = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
                names.map(|name| name.unwrap()).collect::<Vec<_>>()
            });
            assert_eq!(first, newest, "{table}");
        }
    }

    #[test]
    fn another_programs_database_is_known_by_its_tables_or_its_mark() {
        for sql in ["CREATE TABLE t (x)", "PRAGMA application_id = 5", "PRAGMA user_version = 1"] {
            let foreign = Connection::open_in_memory().unwrap();
            foreign.execute_batch(sql).unwrap();
            assert!(matches!(version(&foreign), Ok(Version::Foreign)), "{sql}");
        }
    }
}
