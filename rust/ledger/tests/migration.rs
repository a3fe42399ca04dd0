//! A ledger of an older version becomes one of the newest, and is kept as it
//! was beside it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::Ledger;
use llm_switch_types::ErrorKind;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What the first version made of an empty file, and recorded: one request.
const FIRST: &str = concat!(
    include_str!("../src/migrations/0001-requests.sql"),
    "PRAGMA application_id = 0x6C6C7377; PRAGMA user_version = 1; PRAGMA journal_mode = wal;
     INSERT INTO provider VALUES (1, 'openai');
     INSERT INTO account VALUES (1, 'openai-work');
     INSERT INTO model VALUES (1, 'openai-work/gpt-5'), (2, 'gpt-5');
     INSERT INTO purpose VALUES (1, 'chat');
     INSERT INTO client VALUES (1, 'emacs');
     INSERT INTO request VALUES (4096, 0, 1000, 2000, 1, 1, NULL, NULL, 1, 'done');
     INSERT INTO attempt VALUES (8192, 4096, 1, 1, 1, 2, 2, 'metered', 1000, 300, 1900, 200, 'done',
                                 10, 1, 0, 0, 5, 0, 0, 77, 'reported', NULL);
     INSERT INTO spend_hour SELECT started / 3600000, provider, account, model, route, project,
            purpose, client, payer, basis, sum(requests), sum(unknown_requests), sum(attempts),
            sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output),
            sum(reasoning), sum(fees_pico), sum(cost_pico)
       FROM spend GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;"
);

fn first_version() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = place();
    Connection::open(&path).unwrap().execute_batch(FIRST).unwrap();
    (folder, path)
}

fn backup(path: &Path) -> PathBuf {
    path.with_file_name("ledger.db.v1.bak")
}

#[test]
fn what_was_recorded_before_is_still_told() {
    let (_folder, path) = first_version();
    let ledger = open(&path);
    let key = serde_json::from_value(4096.into()).unwrap();
    let row = serde_json::to_value(ledger.request(key).unwrap().unwrap()).unwrap();
    assert_eq!(row["requested"], "openai-work/gpt-5");
    let attempt = &row["attempts"][0];
    assert_eq!((&attempt["cost"]["amount"], &attempt["usage"]["output"]), (&77.into(), &5.into()));
    assert!(attempt["sent-bytes"].is_null() && attempt["computed"].is_null(), "{attempt}");
    let totals = ledger.totals(0, 3_600_000 * 24 - 1).unwrap();
    assert_eq!((totals.requests, totals.cost.pico()), (1, 77));
    record(&ledger, 5_000, computed(3));
    ledger.flush().unwrap();
    assert_eq!(ledger.totals(0, 3_600_000 * 24 - 1).unwrap().cost.pico(), 80);
}

#[test]
fn it_is_kept_as_it_was_for_the_user_alone() {
    let (_folder, path) = first_version();
    // What a migration that was cut short left.
    fs::write(path.with_file_name("ledger.db.v1.bak.new"), "half").unwrap();
    drop(open(&path));
    let backup = backup(&path);
    assert_eq!(number(&backup, "PRAGMA user_version"), 1);
    assert_eq!(number(&backup, "PRAGMA application_id"), 0x6C6C_7377);
    assert_eq!(number(&backup, "SELECT sum(cost_pico) FROM attempt"), 77);
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!path.with_file_name("ledger.db.v1.bak.new").exists());
}

#[test]
fn a_new_ledger_and_one_of_this_version_need_no_copy() {
    let (folder, path) = place();
    drop(open(&path));
    drop(open(&path));
    let names = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
    assert!(!names.into_iter().any(|name| name.to_string_lossy().contains("bak")));
}

#[test]
fn where_no_copy_can_be_made_nothing_is_changed() {
    let (_folder, path) = first_version();
    fs::create_dir_all(backup(&path).join("in the way")).unwrap();
    let error = Ledger::open_with(impatient(), &path, 0, |_| {}).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Store);
    assert!(error.to_string().contains("v1.bak"), "{error}");
    assert_eq!(number(&path, "PRAGMA user_version"), 1);
}
