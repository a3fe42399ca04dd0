//! What is not a ledger, or not ours to write, is left as it is.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::Ledger;
use llm_switch_types::{Error, ErrorKind};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

fn refusal(path: &Path) -> Error {
    let error = Ledger::open_with(impatient(), path, 0, |_| {}).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Store);
    assert!(error.advice.is_some(), "{error}");
    error
}

/// Refuses PATH with WORDS, and neither it nor a log beside it changes.
fn refuses_untouched(path: &Path, words: &str) {
    let log = path.with_file_name("ledger.db-wal");
    let bytes = || (fs::read(path).unwrap(), fs::read(&log).unwrap_or_default());
    let before = bytes();
    let error = refusal(path);
    assert!(error.to_string().contains(words), "{error}");
    assert!(before == bytes(), "{words}: changed");
}

/// A closed ledger of some pages.
fn used_ledger() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = place();
    let ledger = open(&path);
    (0..500).for_each(|ms| _ = record(&ledger, ms, computed(1)));
    ledger.close().unwrap();
    (folder, path)
}

#[test]
fn refuses_a_file_that_is_no_database() {
    let (_folder, path) = place();
    fs::write(&path, "#+title: my notes\n".repeat(500)).unwrap();
    refuses_untouched(&path, "not an SQLite database");
}

#[test]
fn refuses_a_damaged_page_wherever_it_is() {
    let (_folder, path) = used_ledger();
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 20);
    let mut refused = 0;
    for page in 1..pages {
        let mut damaged = whole.clone();
        damaged[page * 4096..][..4096].fill(0xA5);
        fs::write(&path, &damaged).unwrap();
        refuses_untouched(&path, "damaged");
        refused += 1;
    }
    assert_eq!(refused, pages - 1);
}

#[test]
fn refuses_a_file_that_was_cut() {
    let (_folder, path) = used_ledger();
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refuses_untouched(&path, "damaged");
}

#[test]
fn refuses_a_newer_version_with_its_log() {
    let (folder, path) = used_ledger();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 7_000).unwrap();
    // As a crash leaves it: the change is in the log only.
    let copies = folder.path().join("copies");
    fs::create_dir(&copies).unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        fs::copy(folder.path().join(name), copies.join(name)).unwrap();
    }
    refuses_untouched(&copies.join("ledger.db"), "version 7000");
}

#[test]
fn refuses_another_programs_database() {
    let (_folder, path) = place();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmark (url)").unwrap();
    refuses_untouched(&path, "another program's database");
}

#[test]
fn refuses_a_folder_in_place_of_the_file() {
    let (folder, _) = place();
    assert!(refusal(folder.path()).to_string().contains("this is a folder"));
}

#[test]
fn refuses_a_file_in_place_of_the_folder() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    refusal(&path.join("ledger.db"));
}

#[test]
fn an_empty_file_becomes_a_ledger() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    let ledger = open(&path);
    record(&ledger, 1, computed(1));
    ledger.flush().unwrap();
}

#[test]
fn a_ledger_is_marked_as_one() {
    let (_folder, path) = used_ledger();
    assert_eq!(number(&path, "PRAGMA application_id"), 0x6C6C_7377);
    assert_eq!(number(&path, "PRAGMA user_version"), 2);
}

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Root may write anything, so as root this runs the test NAME again as a
/// user who may not, in FOLDER. True in the process that should go on.
fn is_plain_user(name: &str, folder: &Path) -> bool {
    const NOBODY: u32 = 65_534;
    if fs::metadata(folder).unwrap().uid() != 0 {
        return true;
    }
    permit(folder, 0o777);
    // Nobody may not look into the folder that the test was built in.
    let program = folder.join("test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    permit(&program, 0o755);
    let own = folder.join("nobody");
    fs::create_dir(&own).unwrap();
    std::os::unix::fs::chown(&own, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut child = std::process::Command::new(program);
    let told = other_process(name, &own);
    child.args(told.get_args()).envs(told.get_envs().filter_map(|(k, v)| Some((k, v?))));
    assert!(child.uid(NOBODY).gid(NOBODY).status().unwrap().success());
    false
}

#[test]
fn refuses_a_folder_that_may_not_be_written() {
    let (_folder, path) = place();
    let folder = handed_path().unwrap_or_else(|| path.parent().unwrap().to_owned());
    if is_plain_user("refuses_a_folder_that_may_not_be_written", &folder) {
        let locked = folder.join("locked");
        fs::create_dir(&locked).unwrap();
        permit(&locked, 0o500);
        for path in [locked.join("ledger.db"), locked.join("deeper/ledger.db")] {
            let error = refusal(&path).to_string();
            assert!(error.contains("Permission denied"), "{error}");
        }
        assert_eq!(fs::read_dir(&locked).unwrap().count(), 0);
    }
}

#[test]
fn refuses_a_file_that_may_not_be_written() {
    let (_folder, path) = place();
    let folder = handed_path().unwrap_or_else(|| path.parent().unwrap().to_owned());
    if is_plain_user("refuses_a_file_that_may_not_be_written", &folder) {
        let path = folder.join("ledger.db");
        let ledger = open(&path);
        record(&ledger, 1, computed(1));
        ledger.close().unwrap();
        permit(&path, 0o400);
        refuses_untouched(&path, "read-only");
    }
}
