//! Several processes share one ledger, and some of them die.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{Ledger, Outcome};
use llm_switch_types::{Basis, Money, Payer, Usage};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::thread;

const EACH: i64 = 2_000;

fn record_many(path: &Path) {
    let ledger = open(path);
    for ms in 0..EACH {
        record(&ledger, ms, computed(1));
    }
    ledger.flush().unwrap();
}

#[test]
fn nothing_is_lost_between_two_threads_and_two_processes() {
    if let Some(path) = handed_path() {
        return record_many(&path);
    }
    let (_folder, path) = place();
    let name = "nothing_is_lost_between_two_threads_and_two_processes";
    let children = [(); 2].map(|()| other_process(name, &path).spawn().unwrap());
    thread::scope(|scope| {
        (0..2).for_each(|_| drop(scope.spawn(|| record_many(&path))));
    });
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let totals = open(&path).totals(0, i64::MAX).unwrap();
    assert_eq!(totals.requests, 4 * EACH.cast_unsigned());
    assert_eq!(totals.cost, Money::from_pico(4 * EACH));
    let broken = "SELECT count(*) FROM attempt WHERE outcome IS NOT 'done' OR number <> 1";
    assert_eq!(number(&path, broken), 0);
}

/// Begins what a crash will leave open, says so, and waits to be killed.
fn leave_open(path: &Path) {
    let ledger = open(path);
    for (payer, noted) in LEFT_OPEN {
        let (_, tried) = begin(&ledger, 1_000, payer);
        let usage = Usage { input: 10, output: 2, ..Usage::default() };
        ledger.note(tried, &usage, noted.map(Money::from_pico));
    }
    ledger.begin_request(request(1_000));
    ledger.flush().unwrap();
    std::io::stdout().write_all(b"\nopen\n").unwrap();
    loop {
        thread::park();
    }
}

/// Who pays, and what was noted last.
const LEFT_OPEN: [(Payer, Option<i64>); 4] =
    [(Payer::Metered, Some(77)), (Payer::Metered, None), (Payer::Free, None), (Payer::Plan, None)];

/// The basis and the cost that each of them is settled with.
const SETTLED: [(Basis, Option<i64>); 4] = [
    (Basis::Estimated, Some(77)),
    (Basis::Unknown, None),
    (Basis::Free, Some(0)),
    (Basis::Plan, Some(0)),
];

fn settled(ledger: &Ledger, path: &Path) -> Vec<(Basis, Option<i64>)> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut keys = connection.prepare("SELECT request FROM attempt ORDER BY id").unwrap();
    let keys: Vec<i64> =
        keys.query_map([], |row| row.get(0)).unwrap().map(|key| key.unwrap()).collect();
    let cost_of = |key: i64| {
        let key = serde_json::from_value(key.into()).unwrap();
        let row = ledger.request(key).unwrap().unwrap();
        assert_eq!((row.outcome, row.ended_ms), (Some(Outcome::Crashed), Some(9_000)));
        let attempt = &row.attempts[0];
        assert_eq!((attempt.outcome, attempt.usage.output), (Some(Outcome::Crashed), 2));
        let cost = attempt.cost.clone().unwrap();
        (cost.basis, cost.amount.map(Money::pico))
    };
    keys.into_iter().map(cost_of).collect()
}

#[test]
fn what_a_killed_process_left_open_is_settled_at_the_next_open() {
    if let Some(path) = handed_path() {
        return leave_open(&path);
    }
    let (_folder, path) = place();
    let name = "what_a_killed_process_left_open_is_settled_at_the_next_open";
    let mut child = other_process(name, &path).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    assert!(said.lines().any(|line| line.unwrap() == "open"));

    // While it lives, what it has open is its own.
    let mine = open(&path);
    assert_eq!(mine.totals(0, i64::MAX).unwrap().requests, 0);
    mine.close().unwrap();

    kill(child);
    let ledger = Ledger::open(&path, 9_000, |loss| panic!("{loss}")).unwrap();
    assert_eq!(settled(&ledger, &path), SETTLED);
    let totals = ledger.totals(0, i64::MAX).unwrap();
    assert_eq!((totals.requests, totals.unknown, totals.cost.pico()), (5, 1, 77));
}

#[test]
fn what_a_living_neighbour_has_open_stays_open() {
    let (_folder, path) = place();
    let neighbour = open(&path);
    let (asked, tried) = begin(&neighbour, 1, Payer::Metered);
    neighbour.flush().unwrap();
    let ledger = open(&path);
    assert_eq!(ledger.request(asked).unwrap().unwrap().outcome, None);
    neighbour.end_attempt(tried, end(2, computed(5)));
    neighbour.end_request(asked, 2, Outcome::Done);
    neighbour.flush().unwrap();
    assert_eq!(ledger.request(asked).unwrap().unwrap().outcome, Some(Outcome::Done));
}

#[test]
fn the_dead_leave_no_files() {
    let (folder, path) = place();
    (0..3).for_each(|_| open(&path).close().unwrap());
    let _living = open(&path);
    let locks = std::fs::read_dir(folder.path().join("processes")).unwrap();
    assert_eq!(locks.count(), 1);
}

#[test]
fn closing_cleans_up_the_write_ahead_log() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let key = record(&ledger, 1, computed(5));
    ledger.flush().unwrap();
    assert!(ledger.request(key).unwrap().is_some());
    ledger.close().unwrap();
    assert!(!path.with_file_name("ledger.db-wal").exists());
}
