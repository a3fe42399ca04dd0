//! What was last seen of an account is known to every process.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{AccountState, Entered, Ledger, Seen, SeenWindow};
use llm_switch_types::{Amount, Balance, Limits, Money, Purse, Window};

const DAY: i64 = 24 * 3_600_000;

fn seen(model: Option<&str>, at_ms: i64) -> Seen {
    Seen { account: "work".into(), model: model.map(str::to_owned), at_ms }
}

fn window(name: &str, remaining: u64) -> Window {
    Window { name: name.into(), limit: Some(100), remaining: Some(remaining), resets_at: Some(9) }
}

fn state(ledger: &Ledger) -> AccountState {
    ledger.flush().unwrap();
    ledger.accounts().unwrap().remove("work").unwrap()
}

fn told(state: &AccountState) -> Vec<(Option<&str>, &str, u64)> {
    let told = |it: &'_ SeenWindow| it.window.remaining.unwrap();
    let windows = state.windows.iter();
    windows.map(|it| (it.model.as_deref(), it.window.name.as_str(), told(it))).collect()
}

#[test]
fn a_window_of_a_plan_is_the_accounts_and_another_the_models() {
    let (_folder, path) = place();
    let ledger = open(&path);
    ledger.see_windows(seen(Some("big"), 1), vec![window("tokens", 5), window("plan-300m", 40)]);
    ledger.see_windows(seen(Some("small"), 2), vec![window("tokens", 70), window("plan-300m", 39)]);
    let expected =
        [(None, "plan-300m", 39), (Some("big"), "tokens", 5), (Some("small"), "tokens", 70)];
    assert_eq!(told(&state(&ledger)), expected);
}

#[test]
fn what_was_seen_later_wins_whichever_process_tells_it_first() {
    let (_folder, path) = place();
    let [one, other] = [open(&path), open(&path)];
    one.see_windows(seen(None, 20), vec![window("plan-300m", 10)]);
    one.flush().unwrap();
    other.see_windows(seen(None, 10), vec![window("plan-300m", 90)]);
    let state = state(&other);
    assert_eq!((told(&state), state.windows[0].seen_at), (vec![(None, "plan-300m", 10)], 20));
    assert_eq!(self::state(&one), state);
}

#[test]
fn what_is_long_over_is_forgotten() {
    let (_folder, path) = place();
    let ledger = open(&path);
    ledger.see_windows(seen(Some("old"), 1), vec![window("tokens", 5)]);
    ledger.see_windows(seen(Some("new"), 36 * DAY), vec![window("tokens", 6)]);
    assert_eq!(told(&state(&ledger)), [(Some("new"), "tokens", 6)]);
}

fn amount(number: &str, unit: &str) -> Option<Amount> {
    Amount::told(number, unit)
}

#[test]
fn a_balance_reads_back_in_its_units_and_replaces_the_one_before() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let yuan = Purse { remaining: amount("110.00", "CNY"), ..Purse::default() };
    let dollars = Purse {
        remaining: amount("-0.5", "USD"),
        spent: amount("5.5", "USD"),
        limit: amount("5", "USD"),
    };
    let balance = |purses: &[&Purse]| Balance {
        purses: purses.iter().copied().cloned().collect(),
        limits: Limits { windows: vec![window("plan-month", 3)] },
    };
    ledger.see_balance(seen(None, 1), balance(&[&yuan, &dollars]));
    let first = state(&ledger);
    assert_eq!(first.balance.unwrap().purses, [yuan, dollars.clone()]);
    assert_eq!(told(&state(&ledger)), [(None, "plan-month", 3)]);
    ledger.see_balance(seen(None, 2), balance(&[&dollars]));
    let second = state(&ledger).balance.unwrap();
    assert_eq!((second.purses, second.seen_at), (vec![dollars], 2));
}

#[test]
fn an_allowance_beyond_all_reason_breaks_nothing() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let nonsense = Window { limit: Some(u64::MAX), ..window(&"x".repeat(1 << 16), 1) };
    ledger.see_windows(seen(None, i64::MIN + DAY * 36), vec![nonsense]);
    let window = state(&ledger).windows.remove(0).window;
    assert_eq!((window.limit, window.name.len()), (Some(i64::MAX as u64), 200));
}

#[test]
fn what_the_owner_says_is_left_stands_beside_what_the_service_tells() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let dollars = |text: &str| text.parse::<Money>().unwrap();
    let purse = Purse { remaining: amount("3.20", "USD"), ..Purse::default() };
    let balance = Balance { purses: vec![purse.clone()], ..Balance::default() };
    ledger.enter_balance(seen(None, 20), dollars("7"));
    ledger.see_balance(seen(None, 30), balance);
    ledger.enter_balance(seen(None, 10), dollars("9"));
    let state = state(&ledger);
    assert_eq!(state.entered, Some(Entered { remaining: dollars("7"), at: 20 }), "the later one");
    let told = state.balance.unwrap();
    assert_eq!((told.purses, told.seen_at), (vec![purse], 30));
}
