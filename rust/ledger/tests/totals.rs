//! Sums agree with the rows.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{AttemptEnd, Ledger, NewAttempt, NewRequest, Outcome, Totals};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::path::Path;

const HOUR: u64 = 3_600_000;
const DAYS: u64 = 5;

fn random_cost(dice: &mut Dice) -> Cost {
    let amount = Money::from_pico(dice.below(1_000_000_000).cast_signed());
    match Basis::ALL[dice.below(6) as usize] {
        Basis::Unknown => Cost::UNKNOWN,
        Basis::Free => Cost::FREE,
        basis => Cost { amount: Some(amount), basis, price: None },
    }
}

fn random_attempt(dice: &mut Dice, started_ms: i64) -> (NewAttempt, AttemptEnd) {
    let new = NewAttempt {
        provider: format!("provider-{}", dice.below(3)),
        account: format!("account-{}", dice.below(4)),
        sent_model: format!("model-{}", dice.below(5)),
        payer: [Payer::Free, Payer::Metered, Payer::Plan][dice.below(3) as usize],
        started_ms,
        sent_bytes: dice.below(9_000),
    };
    let usage = Usage {
        input: dice.below(9_000),
        cache_read: dice.below(9_000),
        cache_write_5m: dice.below(9_000),
        cache_write_1h: dice.below(9_000),
        output: dice.below(9_000),
        reasoning: dice.below(90),
        fees: Money::from_pico(dice.below(1_000).cast_signed()),
        ..Usage::default()
    };
    (new, AttemptEnd { usage, ..end(started_ms + 5, random_cost(dice)) })
}

/// Some attempts and some requests stay open, and some of the latter end
/// nevertheless.
fn record_random_request(ledger: &Ledger, dice: &mut Dice) {
    let started_ms = dice.below(DAYS * 24 * HOUR).cast_signed();
    let project = dice.below(3);
    let asked = ledger.begin_request(NewRequest {
        purpose: [Purpose::Chat, Purpose::Org][dice.below(2) as usize],
        project: (project > 0).then(|| format!("project-{project}")),
        route: None,
        ..request(started_ms)
    });
    for later in 0..dice.below(4).cast_signed() {
        let (new, end) = random_attempt(dice, started_ms + later * 1_000);
        let tried = ledger.begin_attempt(asked, new);
        ledger.note(tried, &end.usage, end.cost.amount);
        if dice.below(10) > 0 {
            ledger.end_attempt(tried, end);
        }
    }
    if dice.below(10) > 0 {
        ledger.end_request(asked, started_ms + 5_000, Outcome::Done);
    }
}

fn random_ledger(path: &Path, seed: u64) -> Ledger {
    let ledger = open(path);
    let mut dice = Dice(seed);
    (0..300).for_each(|_| record_random_request(&ledger, &mut dice));
    ledger.flush().unwrap();
    ledger
}

fn word(value: ValueRef) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

/// Rows of numbers and texts, as text.
fn table(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let cells =
        |row: &rusqlite::Row| (0..columns).map(|column| row.get_ref(column).map(word)).collect();
    let rows = statement.query_map([], |row| cells(row)).unwrap();
    rows.map(|row: rusqlite::Result<Vec<String>>| row.unwrap().join(" ")).collect()
}

/// The sums straight from the tables of rows, without the ledger's own view.
fn counted(connection: &Connection, from: i64, to: i64) -> Totals {
    let number =
        |sql: &str| -> i64 { connection.query_row(sql, [from, to], |row| row.get(0)).unwrap() };
    let requests = "FROM request r WHERE outcome IS NOT NULL AND started >= ?1 AND started < ?2";
    let attempts = "FROM attempt WHERE outcome IS NOT NULL AND started >= ?1 AND started < ?2";
    let sum = |what: &str| number(&format!("SELECT ifnull(sum({what}), 0) {attempts}"));
    let unknown = "EXISTS (SELECT 1 FROM attempt WHERE request = r.id AND cost_pico IS NULL)";
    Totals {
        requests: number(&format!("SELECT count(*) {requests}")).cast_unsigned(),
        cost: Money::from_pico(sum("cost_pico")),
        unknown: number(&format!("SELECT count(*) {requests} AND {unknown}")).cast_unsigned(),
        input: sum("input + cache_read + cache_write_5m + cache_write_1h").cast_unsigned(),
        output: sum("output").cast_unsigned(),
    }
}

#[test]
fn rollups_equal_the_sum_of_the_rows() {
    let dimensions = "provider, account, model, route, project, purpose, client, payer, basis";
    let counters = ["requests", "unknown_requests", "attempts", "input", "cache_read"]
        .into_iter()
        .chain(["cache_write_5m", "cache_write_1h", "output", "reasoning"])
        .chain(["fees_pico", "cost_pico"])
        .map(|counter| format!("sum({counter})"))
        .collect::<Vec<_>>()
        .join(", ");
    for seed in 0..4 {
        let (_folder, path) = place();
        let _ledger = random_ledger(&path, seed);
        let connection = Connection::open(&path).unwrap();
        for (rollup, span) in [("spend_hour", HOUR), ("spend_day", 24 * HOUR)] {
            let rows = table(
                &connection,
                &format!(
                    "SELECT started / {span} AS bucket, {dimensions}, {counters} FROM spend
                     GROUP BY bucket, {dimensions} ORDER BY bucket, {dimensions}"
                ),
            );
            let order = format!("SELECT * FROM {rollup} ORDER BY bucket, {dimensions}");
            assert_eq!(table(&connection, &order), rows, "{rollup}, seed {seed}");
            assert!(!rows.is_empty());
        }
    }
}

#[test]
fn totals_are_exact_whatever_the_edges() {
    for seed in 4..7 {
        let (_folder, path) = place();
        let ledger = random_ledger(&path, seed);
        let connection = Connection::open(&path).unwrap();
        let mut dice = Dice(seed + 100);
        let mut edge = || dice.below((DAYS + 1) * 24 * HOUR).cast_signed();
        let whole = (0, i64::MAX);
        for (from, to) in (0..60).map(|_| (edge(), edge())).chain([whole]) {
            let expected = counted(&connection, from, to);
            assert_eq!(ledger.totals(from, to).unwrap(), expected, "{from}..{to}, seed {seed}");
        }
        assert!(ledger.totals(0, i64::MAX).unwrap().unknown > 0);
    }
}

#[test]
fn an_unknown_cost_is_counted_beside_the_known_sum() {
    let (_folder, path) = place();
    let ledger = open(&path);
    record(&ledger, 1, computed(40));
    record(&ledger, 2, Cost::UNKNOWN);
    record(&ledger, 3, Cost::FREE);
    ledger.flush().unwrap();
    for to in [10, HOUR.cast_signed(), i64::MAX] {
        let totals = ledger.totals(0, to).unwrap();
        assert_eq!((totals.requests, totals.cost.pico(), totals.unknown), (3, 40, 1));
    }
}

#[test]
fn an_open_request_is_not_summed() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let (_, tried) = begin(&ledger, 1, Payer::Metered);
    ledger.note(tried, &Usage { output: 5, ..Usage::default() }, Some(Money::from_pico(5)));
    ledger.flush().unwrap();
    assert_eq!(ledger.totals(0, i64::MAX).unwrap(), Totals::default());
}

#[test]
fn edges_are_looked_up_by_time() {
    let (_folder, path) = place();
    drop(random_ledger(&path, 1));
    let plan =
        "EXPLAIN QUERY PLAN SELECT sum(requests) FROM spend WHERE started >= 1 AND started < 9";
    let plan = table(&Connection::open(&path).unwrap(), plan).join("\n");
    assert!(plan.contains("attempt_started") && plan.contains("request_started"), "{plan}");
}
