//! The ledger as it was before a newer version changed it.

use crate::place::Place;
use crate::{database, failure};
use llm_switch_types::Result;
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};

/// Copies the ledger of VERSION that CONNECTION is open on to a file beside
/// it, such as `ledger.db.v1.bak`, for the user only. Who has to go back to
/// the llm-switch from before moves it to the ledger's place.
///
/// SQLite writes the copy, because a file of the ledger that anybody else
/// opens is a file that may lose commits. It gets its name when it is whole.
///
/// To be called inside the gate.
pub(crate) fn keep(connection: &Connection, place: &Place, version: usize) -> Result<()> {
    let backup = path(&place.database, version);
    let unfinished = backup.with_extension("bak.new");
    // What is left of a copy that was cut short is worth nothing.
    let _ = fs::remove_file(&unfinished);
    let told = |error| failure::from_sqlite(&backup, &error);
    let target = database::address(&unfinished, &place.gate).display().to_string();
    connection.execute("VACUUM INTO ?1", [target]).map_err(told)?;
    fs::rename(&unfinished, &backup).map_err(|error| failure::from_io(&backup, &error))
}

fn path(database: &Path, version: usize) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(format!(".v{version}.bak"));
    PathBuf::from(name)
}
