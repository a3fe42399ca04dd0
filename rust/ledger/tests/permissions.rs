//! Nobody else may look into the ledger.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// All that lies in FOLDER, at any depth, with its permissions.
fn walk(folder: &Path) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
        found.push((path.display().to_string(), mode));
        if path.is_dir() {
            found.extend(walk(&path));
        }
    }
    found
}

#[test]
fn files_and_folders_are_the_users_alone() {
    let (folder, _) = place();
    let ledger = open(&folder.path().join("share/llm-switch/ledger.db"));
    record(&ledger, 1, computed(1));
    ledger.flush().unwrap();
    let found = walk(folder.path());
    // Two folders and that of the processes; the database, its log and
    // index, the gate, its turnstile, one process.
    assert_eq!(found.len(), 9, "{found:?}");
    for (path, mode) in found {
        let expected = if Path::new(&path).is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, expected, "{path}: {mode:o}");
    }
}

#[test]
fn a_folder_that_is_there_keeps_its_permissions() {
    let (folder, path) = place();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    drop(open(&path));
    assert_eq!(fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o755);
}
