//! The write-ahead log, as a file.

use crate::failure;
use crate::place::Place;
use llm_switch_types::Result;
use std::fs::{File, OpenOptions};

/// Makes commits survive a power cut.
///
/// With `synchronous=FULL` SQLite would wait for the disk inside the commit,
/// and everybody else at the gate meanwhile. A commit is what it has appended
/// to the log, so it is as safe when the log is on the disk a moment later, and
/// the disk serves several processes at once.
///
/// SQLite has locks on the database and on the shared memory, but none on the
/// log: closing a descriptor of it takes nobody's lock away.
#[derive(Debug, Default)]
pub(crate) struct Log {
    file: Option<File>,
}

impl Log {
    /// Waits until all that is committed at PLACE is on the disk. To be called
    /// after a commit: there is a log then, and it stays as long as anybody has
    /// the database open.
    pub(crate) fn secure(&mut self, place: &Place) -> Result<()> {
        let told = |error| failure::from_io(&place.wal, &error);
        let file = match &self.file {
            Some(file) => file,
            None => {
                let opened = OpenOptions::new().write(true).open(&place.wal).map_err(told)?;
                self.file.insert(opened)
            }
        };
        file.sync_data().map_err(told)
    }
}
