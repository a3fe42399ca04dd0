//! Who lives: each process keeps a locked file.

use crate::key::TAGS;
use crate::place;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// This process's presence at the ledger. The lock goes with the process,
/// however it ends; a process id would be reused.
///
/// The file stays behind: whoever finds it unlocked removes it. Everything
/// here that creates or removes files is done inside the gate, so that nobody
/// locks a file that another has just removed.
#[derive(Debug)]
pub(crate) struct Process {
    /// Differs from the tags of all other living processes.
    pub(crate) tag: u16,
    _locked: File,
}

impl Process {
    /// Takes the first free tag at or after WISH, which should be random:
    /// then a tag does not come again soon.
    pub(crate) fn enter(folder: &Path, wish: u16) -> io::Result<Process> {
        for tag in (wish..TAGS).chain(0..wish.min(TAGS)) {
            let file = place::lock_file().open(lock_path(folder, tag))?;
            match file.try_lock() {
                Ok(()) => return Ok(Process { tag, _locked: file }),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other("too many processes have it open"))
    }
}

/// Whether the process with TAG lives. One that cannot be asked does.
pub(crate) fn is_alive(folder: &Path, tag: u16) -> bool {
    match OpenOptions::new().read(true).write(true).open(lock_path(folder, tag)) {
        Ok(file) => file.try_lock().is_err(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Removes the files of the dead. What cannot be removed does no harm.
pub(crate) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if tag_of(&path).is_some_and(|tag| !is_alive(folder, tag)) {
            let _ = fs::remove_file(path);
        }
    }
    Ok(())
}

fn lock_path(folder: &Path, tag: u16) -> PathBuf {
    folder.join(format!("{tag:03x}.lock"))
}

fn tag_of(lock: &Path) -> Option<u16> {
    let tag = lock.file_name()?.to_str()?.strip_suffix(".lock")?;
    u16::from_str_radix(tag, 16).ok().filter(|tag| *tag < TAGS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn living_processes_have_different_tags() {
        let folder = tempfile::tempdir().unwrap();
        let enter = |wish| Process::enter(folder.path(), wish).unwrap();
        let living = [enter(TAGS - 1), enter(TAGS - 1), enter(0)];
        assert_eq!(living.map(|process| process.tag), [TAGS - 1, 0, 1]);
    }

    #[test]
    fn only_the_files_of_the_dead_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let enter = |wish| Process::enter(folder.path(), wish).unwrap();
        let (dead, living) = (enter(5), enter(6));
        drop(dead);
        sweep(folder.path()).unwrap();
        assert!(!lock_path(folder.path(), 5).exists());
        assert!(lock_path(folder.path(), 6).exists() && is_alive(folder.path(), living.tag));
        assert!(!is_alive(folder.path(), 5));
    }
}
