//! What happens when the file cannot be written for a while.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{Ledger, Options};
use llm_switch_types::ErrorKind;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// Another program that holds the ledger at PATH until it is dropped.
fn hold(path: &Path) -> Connection {
    let holder = Connection::open(path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    holder
}

fn open_with(options: Options, path: &Path) -> (Ledger, Losses) {
    let losses = Losses::default();
    (Ledger::open_with(options, path, 0, losses.hear()).unwrap(), losses)
}

const LOCKED: &str = "the ledger is locked by another program";

#[test]
fn records_wait_for_a_locked_ledger_and_the_loss_is_told_once() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    let holder = hold(&path);
    let keys: Vec<_> = (0..200).map(|ms| record(&ledger, ms, computed(1))).collect();
    for _ in 0..3 {
        let error = ledger.flush().unwrap_err();
        assert_eq!((error.kind, error.what.as_str()), (ErrorKind::Store, LOCKED));
    }
    assert_eq!(ledger.trouble().unwrap().what, LOCKED);
    drop(holder);
    ledger.flush().unwrap();
    assert_eq!(losses.told(), [LOCKED]);
    assert_eq!(ledger.trouble(), None);
    for key in keys {
        assert!(ledger.request(key).unwrap().unwrap().outcome.is_some());
    }
}

#[test]
fn a_second_lock_is_told_again() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    for _ in 0..2 {
        let holder = hold(&path);
        record(&ledger, 1, computed(1));
        ledger.flush().unwrap_err();
        drop(holder);
        ledger.flush().unwrap();
    }
    assert_eq!(losses.told(), [LOCKED, LOCKED]);
}

#[test]
fn records_wait_for_a_process_that_stands_in_the_gate() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    let gate = std::fs::File::open(path.with_file_name("ledger.db.lock")).unwrap();
    gate.lock().unwrap();
    record(&ledger, 1, computed(1));
    assert_eq!(ledger.flush().unwrap_err().what, LOCKED);
    gate.unlock().unwrap();
    ledger.flush().unwrap();
    assert_eq!(losses.told(), [LOCKED]);
}

#[test]
fn what_does_not_fit_into_memory_is_lost_and_counted() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(Options { backlog: 10, ..impatient() }, &path);
    let holder = hold(&path);
    record(&ledger, 0, computed(1));
    ledger.flush().unwrap_err();
    (0..400).for_each(|ms| _ = ledger.begin_request(request(ms)));
    ledger.flush().unwrap_err();
    drop(holder);
    ledger.flush().unwrap();
    // Whoever waits is woken before the rest is told; closing waits for both.
    ledger.close().unwrap();
    let told = losses.told();
    assert_eq!(told[0], LOCKED);
    let lost: i64 = told[1..].iter().map(|loss| count_in(loss)).sum();
    // Ten can wait, beside what is in the writer's hands, which is one batch.
    assert!((250..=393).contains(&lost), "{told:?}");
    assert_eq!(number(&path, "SELECT count(*) FROM request"), 401 - lost);
}

fn count_in(loss: &str) -> i64 {
    loss.strip_prefix("records lost: ").unwrap().parse().unwrap()
}

#[test]
fn a_ledger_opens_for_reading_while_another_program_holds_it() {
    let (_folder, path) = place();
    let key = record(&open(&path), 1, computed(1));
    let _holder = hold(&path);
    let (ledger, _losses) = open_with(impatient(), &path);
    assert!(ledger.request(key).unwrap().is_some());
}

#[test]
fn closing_a_locked_ledger_ends_and_says_what_is_lost() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    let _holder = hold(&path);
    record(&ledger, 1, computed(1));
    assert_eq!(ledger.close().unwrap_err().what, LOCKED);
    assert_eq!(losses.told(), [LOCKED]);
}

#[test]
fn a_closed_ledger_takes_nothing_and_says_so() {
    let (_folder, path) = place();
    let (ledger, _losses) = open_with(impatient(), &path);
    ledger.close().unwrap();
    record(&ledger, 1, computed(1));
    assert_eq!(ledger.flush().unwrap_err().what, "records lost: 4");
}

#[test]
fn the_last_handle_writes_what_waits() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let clone = ledger.clone();
    drop(ledger);
    (0..1_000).for_each(|ms| _ = record(&clone, ms, computed(1)));
    drop(clone);
    assert_eq!(number(&path, "SELECT count(*) FROM request WHERE outcome = 'done'"), 1_000);
}

#[test]
fn damage_met_while_writing_stops_the_writer() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    record(&ledger, 1, computed(1));
    ledger.flush().unwrap();
    // Through SQLite, as the file is open in this process.
    let vandal = Connection::open(&path).unwrap();
    let damage = "PRAGMA writable_schema = ON;
                  UPDATE sqlite_schema SET rootpage =
                    (SELECT rootpage FROM sqlite_schema WHERE name = 'price')
                   WHERE name = 'spend_hour';
                  PRAGMA schema_version = 4711";
    vandal.execute_batch(damage).unwrap();
    record(&ledger, 2, computed(1));
    assert_eq!(ledger.flush().unwrap_err().what, "the ledger is damaged");
    record(&ledger, 3, computed(1));
    assert_eq!(ledger.flush().unwrap_err().what, "the ledger is damaged");
    assert_eq!(losses.told(), ["the ledger is damaged"]);
    assert_eq!(number(&path, "SELECT count(*) FROM request WHERE outcome IS NOT NULL"), 1);
}

#[test]
fn a_record_that_breaks_a_rule_holds_up_no_other() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    let first = record(&ledger, 1, computed(1));
    ledger.flush().unwrap();
    let rule = "CREATE TRIGGER no_probes BEFORE INSERT ON attempt WHEN NEW.started = 13
                BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(&path).unwrap().execute_batch(rule).unwrap();
    record(&ledger, 13, computed(1));
    let last = record(&ledger, 14, computed(1));
    assert_eq!(ledger.flush().unwrap_err().what, "records lost: 1");
    for key in [first, last] {
        assert_eq!(ledger.request(key).unwrap().unwrap().attempts.len(), 1);
    }
    ledger.close().unwrap();
    assert_eq!(losses.told(), ["records lost: 1"]);
}

#[test]
fn a_long_log_begins_anew_while_it_is_written() {
    let (_folder, path) = place();
    let pause = Duration::from_millis(20);
    let options = Options { wal_limit: 100_000, checkpoint_pause: pause, ..impatient() };
    let (ledger, _losses) = open_with(options, &path);
    let write = |ms| {
        record(&ledger, ms, computed(1));
        ledger.flush().unwrap();
        std::fs::metadata(path.with_file_name("ledger.db-wal")).unwrap().len()
    };
    let longest = (0..2_000).map(write).max().unwrap();
    // All in one it would be 50 MB and more.
    assert!((100_000..20_000_000).contains(&longest), "{longest}");
    assert_eq!(ledger.totals(0, i64::MAX).unwrap().requests, 2_000);
}

#[test]
fn records_wait_until_a_ledger_that_was_moved_is_back() {
    let (_folder, path) = place();
    let (ledger, losses) = open_with(impatient(), &path);
    let away = path.with_file_name("away.db");
    std::fs::rename(&path, &away).unwrap();
    let key = record(&ledger, 1, computed(1));
    assert_eq!(ledger.flush().unwrap_err().what, MOVED);
    std::fs::rename(&away, &path).unwrap();
    ledger.flush().unwrap();
    assert!(ledger.request(key).unwrap().is_some());
    assert_eq!(losses.told(), [MOVED]);
}

const MOVED: &str = "the ledger was moved or removed";

#[test]
fn a_new_ledger_is_not_harmed_by_who_has_the_old_one_open() {
    let (_folder, path) = place();
    let (old, _losses) = open_with(impatient(), &path);
    record(&old, 1, computed(1));
    old.flush().unwrap();
    std::fs::rename(&path, path.with_file_name("away.db")).unwrap();
    let new = open(&path);
    let key = record(&new, 2, computed(1));
    new.flush().unwrap();
    record(&old, 3, computed(1));
    assert_eq!(old.close().unwrap_err().what, MOVED);
    assert!(path.with_file_name("ledger.db-wal").exists(), "the new one's log is gone");
    assert!(new.request(key).unwrap().is_some());
    assert_eq!(new.totals(0, 10).unwrap().requests, 1);
}
