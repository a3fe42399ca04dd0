//! SQLite's and the system's errors, told to a person.

use llm_switch_types::{Error, ErrorKind};
use rusqlite::ErrorCode;
use std::{io, path::Path};

/// What went wrong with the ledger at PATH according to SQLite.
pub(crate) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Error {
    let (what, advice) = match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => locked_words(),
        Some(ErrorCode::DiskFull) => ("the disk is full".into(), "Free some space"),
        Some(ErrorCode::NotADatabase) => ("this is not an SQLite database".into(), MOVE_IT_AWAY),
        Some(ErrorCode::DatabaseCorrupt) => return damaged(path),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => (
            format!("the ledger cannot be written ({error})"),
            "Check the permissions of the file and its folder",
        ),
        _ => (format!("the ledger failed ({error})"), "Check the disk it lies on"),
    };
    Error::new(ErrorKind::Store, what).at(path.display()).advise(advice)
}

const MOVE_IT_AWAY: &str = "Move the file away and a new one is made; nothing was changed";

/// The ledger at PATH cannot be read any more.
pub(crate) fn damaged(path: &Path) -> Error {
    refused(path, "the ledger is damaged", MOVE_IT_AWAY)
}

/// Another program holds the ledger at PATH.
pub(crate) fn locked(path: &Path) -> Error {
    let (what, advice) = locked_words();
    Error::new(ErrorKind::Store, what).at(path.display()).advise(advice)
}

fn locked_words() -> (String, &'static str) {
    ("the ledger is locked by another program".into(), "Close the program that holds it")
}

/// The system refused to do what is needed at PATH.
pub(crate) fn from_io(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Store, format!("the ledger cannot be kept here ({error})"))
        .at(path.display())
        .advise("Check the permissions of the file and its folder")
}

/// PATH is refused because of WHAT.
pub(crate) fn refused(path: &Path, what: impl Into<String>, advice: &str) -> Error {
    Error::new(ErrorKind::Store, what).at(path.display()).advise(advice)
}

/// COUNT records of the ledger at PATH are gone.
pub(crate) fn lost(path: &Path, count: u64) -> Error {
    Error::new(ErrorKind::Store, format!("records lost: {count}"))
        .at(path.display())
        .advise("What these requests cost is missing in all reports")
}

/// COUNT records had not reached the ledger at PATH when nobody could wait
/// any longer.
pub(crate) fn unwritten(path: &Path, count: u64) -> Error {
    Error::new(ErrorKind::Store, format!("records not written in time: {count}")).at(path.display())
}

/// The file that was open is not at PATH any more.
pub(crate) fn moved(path: &Path) -> Error {
    refused(path, "the ledger was moved or removed", "Put it back, or restart Emacs for a new one")
}

/// Whether waiting cannot help, and writing on could destroy what is left.
pub(crate) fn is_final(error: &rusqlite::Error) -> bool {
    use ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// Whether one statement was turned down, while the transaction stands.
pub(crate) fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
