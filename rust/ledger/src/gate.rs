//! The gate between the writers of several processes.

use crate::{failure, place};
use llm_switch_types::Result;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// One writer at a time passes. SQLite would serialise them too, but its
/// waiters sleep in ever longer steps (a 99th percentile of half a second was
/// measured); behind the gate they do not meet.
#[derive(Debug)]
pub(crate) struct Gate {
    file: File,
    /// What the gate guards, for messages.
    database: PathBuf,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'a>(&'a File);

const FIRST_NAP: Duration = Duration::from_micros(50);
const LONGEST_NAP: Duration = Duration::from_millis(1);

impl Gate {
    pub(crate) fn open(lock: &Path, database: &Path) -> Result<Gate> {
        let file =
            place::lock_file().open(lock).map_err(|error| failure::from_io(lock, &error))?;
        Ok(Gate { file, database: database.to_owned() })
    }

    /// Waits for the gate, but no longer than PATIENCE: whoever stands in it
    /// may have been stopped. So it asks again and again, since a blocking
    /// `flock` cannot be told to give up.
    pub(crate) fn enter(&self, patience: Duration) -> Result<Pass<'_>> {
        let deadline = Instant::now() + patience;
        let mut nap = FIRST_NAP;
        loop {
            match self.file.try_lock() {
                Ok(()) => return Ok(Pass(&self.file)),
                Err(TryLockError::Error(error)) => {
                    return Err(failure::from_io(&self.database, &error));
                }
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(failure::locked(&self.database));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(nap),
            }
            nap = (nap * 2).min(LONGEST_NAP);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        // It fails for a closed descriptor only, and this one is open.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_passes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Gate::open(&folder.path().join("gate"), folder.path()).unwrap();
        let (one, other) = (open(), open());
        let pass = one.enter(Duration::ZERO).unwrap();
        assert!(other.enter(Duration::from_millis(5)).is_err());
        drop(pass);
        assert!(other.enter(Duration::ZERO).is_ok());
    }
}
