//! Opening the file, and refusing what is not a ledger.

use crate::place::Place;
use crate::{failure, migrate};
use llm_switch_types::Result;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Up to this size a ledger is checked as a whole when it is opened, which
/// takes some tens of milliseconds. In a larger one damage shows when it is
/// met, and writing stops there.
const WHOLE_CHECK_BYTES: i64 = 32 << 20;

/// Opens the ledger at PLACE for its writer, creates it where there is none,
/// and brings it to the newest version. What is not a ledger is left as it is,
/// byte for byte.
///
/// To be called inside the gate.
pub(crate) fn open(place: &Place, patience: Duration) -> Result<Connection> {
    let path = &place.database;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let told = |error| failure::from_sqlite(path, &error);
    let mut connection =
        Connection::open_with_flags(address(path, &place.gate), flags).map_err(told)?;
    connection.busy_timeout(patience).map_err(told)?;
    let version = inspect(&connection, path)?;
    configure(&connection, path)?;
    migrate::run(&mut connection, place, version)?;
    Ok(connection)
}

/// Opens the ledger at PLACE, which is open already, to move its log into the
/// file. That never waits for others.
pub(crate) fn open_checkpointer(place: &Place) -> Result<Connection> {
    let told = |error| failure::from_sqlite(&place.database, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&place.database, flags).map_err(told)?;
    connection.busy_timeout(Duration::ZERO).map_err(told)?;
    Ok(connection)
}

/// Opens the ledger at PLACE to read from it only.
pub(crate) fn open_reader(place: &Place, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&place.database, flags)?;
    connection.busy_timeout(patience)?;
    Ok(connection)
}

/// The version of the ledger at PATH; 0 when it is empty. Changes nothing.
fn inspect(connection: &Connection, path: &Path) -> Result<usize> {
    let told = |error| failure::from_sqlite(path, &error);
    // The last connection to close would move the log of an earlier crash
    // into the file, before we know whose file it is.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(told)?;
    if connection.is_readonly(MAIN_DB).map_err(told)? {
        let advice = "Give yourself the right to write it; nothing was changed";
        return Err(failure::refused(path, "the ledger is read-only", advice));
    }
    let version = migrate::version(connection).map_err(told)?.accept(path)?;
    refuse_damage(connection, path)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(told)?;
    Ok(version)
}

fn refuse_damage(connection: &Connection, path: &Path) -> Result<()> {
    let told = |error| failure::from_sqlite(path, &error);
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let bytes = number("page_count").map_err(told)? * number("page_size").map_err(told)?;
    if bytes > WHOLE_CHECK_BYTES {
        return Ok(());
    }
    let verdict: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(told)?;
    if verdict == "ok" { Ok(()) } else { Err(failure::damaged(path)) }
}

fn configure(connection: &Connection, path: &Path) -> Result<()> {
    let told = |error| failure::from_sqlite(path, &error);
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(told)?;
    if mode != "wal" {
        let advice = "Set the ledger's path to a folder on a disk of this machine";
        return Err(failure::refused(path, "no write-ahead log can be kept here", advice));
    }
    // Else most statements are prepared anew for each row, in case the values
    // would let another plan be chosen: that was two thirds of all work here.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(told)?;
    // A thread of its own does it: see checkpoint.rs.
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(told)?;
    // What must be on the disk at once is brought there outside of the gate:
    // see log.rs.
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(told)
}

/// The database at PATH as a URI that tells SQLite to create it with the
/// permissions of GATE, which are the user's alone: there is no moment at
/// which another user could open it.
#[cfg(unix)]
pub(crate) fn address(path: &Path, gate: &Path) -> PathBuf {
    let [path, gate] = [path, gate].map(escape);
    PathBuf::from(format!("file:{path}?modeof={gate}"))
}

#[cfg(not(unix))]
pub(crate) fn address(path: &Path, _: &Path) -> PathBuf {
    path.to_owned()
}

#[cfg(unix)]
fn escape(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let bytes = path.as_os_str().as_bytes().iter();
    bytes
        .map(|&byte| match byte {
            b'/' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn odd_names_are_opened_under_these_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my 100% ?#é&modeof=x.db");
        let place = Place::prepare(&path).unwrap();
        std::fs::write(&place.gate, "").unwrap();
        open(&place, Duration::ZERO).unwrap();
        assert!(path.is_file());
    }
}
