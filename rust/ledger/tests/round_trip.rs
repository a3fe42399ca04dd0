//! What is recorded is what is read.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{AttemptEnd, AttemptRow, NewAttempt, NewRequest, Outcome, RequestRow};
use llm_switch_types::{Basis, Cost, ErrorKind, Money, Payer, Purpose, Usage};

const USAGE: Usage = Usage {
    input: 1,
    cache_read: 2,
    cache_write_5m: 3,
    cache_write_1h: 4,
    output: 50,
    reasoning: 6,
    fees: Money::from_pico(7),
    audio_input: 8,
    audio_output: 9,
    searches: 10,
};

fn failed_attempt() -> (NewAttempt, AttemptEnd, AttemptRow) {
    let new = NewAttempt {
        provider: "anthropic".into(),
        account: "anthropic".into(),
        sent_model: "claude-sonnet-5".into(),
        payer: Payer::Plan,
        started_ms: 1_010,
        sent_bytes: 0,
    };
    let end = AttemptEnd {
        ended_ms: 1_020,
        first_token_ms: None,
        served_model: None,
        http_status: Some(529),
        outcome: Outcome::Failed(ErrorKind::Overloaded),
        usage: Usage::default(),
        cost: Cost { amount: Some(Money::ZERO), basis: Basis::Plan, price: None },
        computed: None,
    };
    let row = row_of(1, &new, &end);
    (new, end, row)
}

fn good_attempt() -> (NewAttempt, AttemptEnd, AttemptRow) {
    let new = attempt(1_021, Payer::Metered);
    let reported =
        Cost { amount: Some(Money::from_pico(120)), basis: Basis::Reported, price: None };
    let end = AttemptEnd {
        first_token_ms: Some(300),
        usage: USAGE,
        computed: Some(Money::from_pico(123)),
        ..end(2_000, reported)
    };
    let row = row_of(2, &new, &end);
    (new, end, row)
}

fn row_of(number: u32, new: &NewAttempt, end: &AttemptEnd) -> AttemptRow {
    let (new, end) = (new.clone(), end.clone());
    AttemptRow {
        number,
        provider: new.provider,
        account: new.account,
        sent_model: new.sent_model,
        served_model: end.served_model,
        payer: new.payer,
        started_ms: new.started_ms,
        first_token_ms: end.first_token_ms,
        ended_ms: Some(end.ended_ms),
        http_status: end.http_status,
        outcome: Some(end.outcome),
        usage: end.usage,
        cost: Some(end.cost),
        computed: end.computed,
        sent_bytes: Some(new.sent_bytes),
    }
}

#[test]
fn every_column_reads_back() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let key = ledger.begin_request(request(1_000));
    let [first, second] = [failed_attempt(), good_attempt()].map(|(new, end, row)| {
        ledger.end_attempt(ledger.begin_attempt(key, new), end);
        row
    });
    ledger.end_request(key, 2_001, Outcome::Done);
    ledger.flush().unwrap();
    let expected = RequestRow {
        key,
        started_ms: 1_000,
        ended_ms: Some(2_001),
        purpose: Purpose::Chat,
        client: "emacs".into(),
        project: Some("llm-switch".into()),
        route: Some("coding-best".into()),
        requested: "coding-best".into(),
        outcome: Some(Outcome::Done),
        attempts: vec![first, second],
    };
    assert_eq!(ledger.request(key).unwrap(), Some(expected));
}

#[test]
fn every_word_reads_back() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let payers = [Payer::Free, Payer::Metered, Payer::Plan].into_iter().cycle();
    let outcomes = ErrorKind::ALL.into_iter().map(Outcome::Failed).chain([Outcome::Done]);
    let words =
        outcomes.zip(payers).zip(Purpose::ALL.into_iter().cycle()).zip(Basis::ALL.iter().cycle());
    for (((outcome, payer), purpose), basis) in words {
        let asked = ledger.begin_request(NewRequest { purpose, ..request(1) });
        let tried = ledger.begin_attempt(asked, attempt(1, payer));
        let cost = Cost { amount: None, basis: *basis, price: None };
        ledger.end_attempt(tried, AttemptEnd { outcome, ..end(2, cost.clone()) });
        ledger.end_request(asked, 2, outcome);
        ledger.flush().unwrap();
        let row = ledger.request(asked).unwrap().unwrap();
        assert_eq!((row.purpose, row.outcome), (purpose, Some(outcome)));
        assert_eq!((row.attempts[0].payer, &row.attempts[0].cost), (payer, &Some(cost)));
    }
}

#[test]
fn a_request_is_seen_while_it_is_open() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let (asked, tried) = begin(&ledger, 1, Payer::Metered);
    ledger.note(tried, &USAGE, Some(Money::from_pico(9)));
    ledger.flush().unwrap();
    let row = ledger.request(asked).unwrap().unwrap();
    assert_eq!((row.outcome, row.ended_ms), (None, None));
    let attempt = &row.attempts[0];
    assert_eq!((attempt.outcome, &attempt.cost, attempt.usage), (None, &None, USAGE));
}

#[test]
fn nothing_is_found_under_an_unknown_key() {
    let (_folder, path) = place();
    let (_other_folder, other_path) = place();
    let key = open(&other_path).begin_request(request(1));
    assert_eq!(open(&path).request(key).unwrap(), None);
}

#[test]
fn an_unknown_cost_is_null() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let key = record(&ledger, 1, Cost::UNKNOWN);
    ledger.flush().unwrap();
    let row = ledger.request(key).unwrap().unwrap();
    assert_eq!(row.attempts[0].cost, Some(Cost::UNKNOWN));
    assert_eq!(number(&path, "SELECT count(*) FROM attempt WHERE cost_pico IS NULL"), 1);
}

#[test]
fn names_are_stored_once() {
    let (_folder, path) = place();
    for _process in 0..2 {
        let ledger = open(&path);
        (0..3).for_each(|ms| _ = record(&ledger, ms, computed(1)));
        ledger.close().unwrap();
    }
    for table in ["provider", "account", "route", "project", "purpose", "client", "price"] {
        assert_eq!(number(&path, &format!("SELECT count(*) FROM {table}")), 1, "{table}");
    }
    // As asked for, as sent, as served.
    assert_eq!(number(&path, "SELECT count(*) FROM model"), 3);
    assert_eq!(number(&path, "SELECT count(DISTINCT sent) FROM attempt"), 1);
}

#[test]
fn only_the_first_end_counts() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let (asked, tried) = begin(&ledger, 1, Payer::Metered);
    ledger.end_attempt(tried, end(2, computed(100)));
    ledger.end_attempt(tried, end(3, computed(900)));
    ledger.note(tried, &USAGE, None);
    ledger.end_request(asked, 4, Outcome::Done);
    ledger.end_request(asked, 5, Outcome::Crashed);
    ledger.begin_attempt(asked, attempt(6, Payer::Metered));
    ledger.flush().unwrap();
    let row = ledger.request(asked).unwrap().unwrap();
    assert_eq!((row.ended_ms, row.outcome, row.attempts.len()), (Some(4), Some(Outcome::Done), 1));
    let attempt = &row.attempts[0];
    assert_eq!((attempt.ended_ms, &attempt.cost), (Some(2), &Some(computed(100))));
    // From the rows, and from the rollups.
    for to in [10, i64::MAX] {
        let totals = ledger.totals(0, to).unwrap();
        assert_eq!((totals.requests, totals.cost.pico()), (1, 100));
    }
}

#[test]
fn an_attempt_without_end_ends_with_its_request_at_the_noted_cost() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let (asked, tried) = begin(&ledger, 1, Payer::Metered);
    ledger.note(tried, &USAGE, Some(Money::from_pico(9)));
    let cancelled = Outcome::Failed(ErrorKind::Cancelled);
    ledger.end_request(asked, 4, cancelled);
    ledger.flush().unwrap();
    let attempt = ledger.request(asked).unwrap().unwrap().attempts.remove(0);
    assert_eq!((attempt.outcome, attempt.ended_ms), (Some(cancelled), Some(4)));
    let cost = attempt.cost.unwrap();
    assert_eq!((cost.amount, cost.basis), (Some(Money::from_pico(9)), Basis::Estimated));
}

#[test]
fn a_services_nonsense_breaks_no_report() {
    let (_folder, path) = place();
    let ledger = open(&path);
    for ms in 0..3 {
        let (asked, tried) = begin(&ledger, ms, Payer::Metered);
        let nonsense = Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() };
        let end = AttemptEnd {
            usage: nonsense,
            served_model: Some("x".repeat(1 << 20)),
            ..end(ms, computed(i64::MAX))
        };
        ledger.end_attempt(tried, end);
        ledger.end_request(asked, ms, Outcome::Done);
    }
    ledger.flush().unwrap();
    let totals = ledger.totals(0, i64::MAX).unwrap();
    assert_eq!((totals.requests, totals.input), (3, 3 << 40));
    assert!(number(&path, "SELECT max(length(name)) FROM model") <= 200);
}

#[test]
fn rows_go_to_the_user_interface_in_its_spelling() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let key = record(&ledger, 1, computed(5));
    ledger.flush().unwrap();
    let json = serde_json::to_value(ledger.request(key).unwrap()).unwrap();
    assert_eq!(json["started-ms"], 1);
    assert_eq!(json["outcome"], "done");
    let attempt = &json["attempts"][0];
    assert_eq!(attempt["first-token-ms"], 3);
    assert_eq!(attempt["cost"]["basis"], "computed");
    assert_eq!(attempt["cost"]["amount"], 5);
    let totals = serde_json::to_value(ledger.totals(0, 10).unwrap()).unwrap();
    assert_eq!(totals["cost"], 5);
}
