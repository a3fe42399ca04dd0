//! What is paid for each month, and what is left, as the whole engine tells it.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod filled;

use filled::{Bench, DAY, DOLLAR, HOUR, Made, ms};
use llm_switch_ledger::{Ledger, Seen};
use llm_switch_types::{Amount, Balance, Limits, Payer, Purse, Usage, Window};
use serde_json::{Value, json};

const NOW: &str = "2026-11-20T08:30:00Z";

const CONFIG: &str = "
time-zone = 'UTC'
[account.kimi-code]
key = 'env:X'
[account.deepseek]
key = 'env:X'
[plan.kimi]
title = 'Kimi Code'
price = '19.00'
renews = 15
covers = ['kimi-code']
api = true
windows = [{ hours = 5, requests = 20 }, { window = 'week', tokens = 1000000 }]
";

/// One request of k3: $0.018, 3,000 tokens at 3 and 600 at 15 a million.
fn kimi(at: i64) -> Made<'static> {
    Made {
        at,
        route: "coding",
        provider: "kimi-code",
        account: "kimi-code",
        model: "k3",
        payer: Payer::Plan,
        usage: Usage { input: 3_000, output: 600, ..Usage::default() },
        pico: Some(0),
    }
}

fn deepseek(at: i64, pico: i64) -> Made<'static> {
    Made {
        at,
        route: "cheap",
        provider: "deepseek",
        account: "deepseek",
        model: "deepseek-flash",
        payer: Payer::Metered,
        usage: Usage { input: 1_000, output: 100, ..Usage::default() },
        pico: Some(pico),
    }
}

/// Three requests a day for the last forty days, and a cent a day metered.
fn usual(ledger: &Ledger) {
    for day in 0..40 {
        let at = ms(NOW) - day * DAY;
        (0..3).for_each(|hour| kimi(at - hour * HOUR).record(ledger));
        deepseek(at, DOLLAR / 100).record(ledger);
    }
}

fn seen(account: &str, at_ms: i64) -> Seen {
    Seen { account: account.into(), model: None, at_ms }
}

fn window(name: &str, limit: u64, remaining: u64, resets_at: i64) -> Window {
    let (limit, remaining) = (Some(limit), Some(remaining));
    Window { name: name.into(), limit, remaining, resets_at: Some(resets_at) }
}

fn windows(told: &Value) -> Vec<(String, String, i64)> {
    let rows = told["plans"][0]["windows"].as_array().unwrap().iter();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.map(|row| (text(row, "window"), text(row, "source"), row["used"].as_i64().unwrap()))
        .collect()
}

#[test]
fn a_plan_tells_its_price_its_renewal_and_what_its_tokens_were_worth() {
    let told = Bench::new(NOW, CONFIG, usual).call("plans.list", json!({}));
    let plan = &told["plans"][0];
    assert_eq!((&plan["title"], &plan["monthly"]), (&json!("Kimi Code"), &json!(19 * DOLLAR)));
    assert_eq!(plan["renews"], "2026-12-15");
    // From the 15th, 00:00, to the 20th: five days whole, and today.
    assert_eq!(plan["used"]["requests"], 18);
    assert_eq!(plan["used"]["value"], 18 * 18 * DOLLAR / 1_000);
    assert_eq!((&plan["used"]["days"], &plan["used"]["unpriced"]), (&json!(6), &json!(0)));
    assert_eq!(plan["lately"]["requests"], 91, "thirty days and this moment");
    assert_eq!(told["total"]["metered"], 31 * DOLLAR / 100);
    assert_eq!(told["total"]["monthly"], 19 * DOLLAR + 31 * DOLLAR / 100);
    // 1.64 of 19 dollars is less than a quarter.
    assert_eq!(told["hardly-used"], json!(["Kimi Code"]));
}

#[test]
fn a_plan_that_is_worth_its_price_is_not_called_hardly_used() {
    let busy = |ledger: &Ledger| {
        let big = Usage { input: 1_000_000, ..Usage::default() };
        for day in 0..40 {
            Made { usage: big, ..kimi(ms(NOW) - day * DAY) }.record(ledger);
        }
    };
    let told = Bench::new(NOW, CONFIG, busy).call("plans.list", json!({}));
    assert_eq!(told["hardly-used"], json!([]));
}

#[test]
fn nothing_is_said_of_a_plan_whose_use_goes_past_us() {
    let config = CONFIG.replace("api = true", "api = false");
    let told = Bench::new(NOW, &config, |ledger| deepseek(ms(NOW) - 20 * DAY, 1).record(ledger))
        .call("plans.list", json!({}));
    assert_eq!(told["plans"][0]["seen"], false);
    assert_eq!(told["hardly-used"], json!([]));
    let told = Bench::new(NOW, CONFIG, |ledger| deepseek(ms(NOW) - 20 * DAY, 1).record(ledger))
        .call("plans.list", json!({}));
    assert_eq!(told["hardly-used"], json!(["Kimi Code"]), "we would have seen its use");
}

#[test]
fn a_plan_renews_on_the_users_clock_and_on_the_last_day_of_a_short_month() {
    let renews = |now: &str, zone: &str, renews: &str| {
        let config = CONFIG.replace("renews = 15", renews).replace("'UTC'", &format!("'{zone}'"));
        let told = Bench::new(now, &config, |_| {}).call("plans.list", json!({}));
        let plan = &told["plans"][0];
        (plan["renews"].as_str().unwrap().to_owned(), plan["until"].as_i64().unwrap())
    };
    let date = |text: &str| text.to_owned();
    assert_eq!(renews("2026-02-10T12:00:00Z", "UTC", "renews = 31").0, date("2026-02-28"));
    assert_eq!(renews("2026-03-01T12:00:00Z", "UTC", "renews = 31").0, date("2026-03-31"));
    // In Auckland it is the 15th already, so that the plan has just renewed.
    let auckland = renews("2026-11-14T12:00:00Z", "Pacific/Auckland", "renews = 15");
    assert_eq!(auckland, (date("2026-12-15"), ms("2026-12-14T11:00:00Z")));
    assert_eq!(renews("2026-11-14T12:00:00Z", "UTC", "renews = 15").0, date("2026-11-15"));
    let yearly = "per = 'year'\nrenews = 2024-02-29";
    assert_eq!(renews("2026-11-20T12:00:00Z", "UTC", yearly).0, date("2027-02-28"));
}

#[test]
fn windows_are_counted_where_no_service_tells() {
    let told = Bench::new(NOW, CONFIG, usual).call("plans.list", json!({}));
    // 06:30, 07:30 and 08:30; and since Monday five days of three requests.
    let (five, week) =
        (("5 h".into(), "counted".into(), 3), ("week".into(), "counted".into(), 15 * 3_600));
    assert_eq!(windows(&told), [five, week]);
    let first = &told["plans"][0]["windows"][0];
    assert_eq!((&first["limit"], &first["remaining"]), (&json!(20), &json!(17)));
    assert_eq!(first["resets-at"], ms("2026-11-20T11:30:00Z"));
}

#[test]
fn what_a_service_tells_wins_over_the_count_until_its_window_is_over() {
    let fill = |ledger: &Ledger| {
        usual(ledger);
        let told = vec![
            window("plan-300m", 200, 150, ms(NOW) + HOUR),
            window("plan-10080m", 2_048, 1_834, ms(NOW) - 1),
        ];
        ledger.see_windows(seen("kimi-code", ms(NOW) - HOUR), told);
    };
    let told = Bench::new(NOW, CONFIG, fill).call("plans.list", json!({}));
    let (five, week) =
        (("5 h".into(), "told".into(), 50), ("week".into(), "counted".into(), 15 * 3_600));
    assert_eq!(windows(&told), [five, week]);
    assert_eq!(told["plans"][0]["windows"][0]["seen-at"], ms(NOW) - HOUR);
    assert_eq!(told["hardly-used"], json!(["Kimi Code"]), "five hours say nothing of a month");
}

#[test]
fn a_plan_that_its_service_says_is_used_is_not_called_hardly_used() {
    let hardly = |left: u64, fill: fn(&Ledger)| {
        let told = vec![window("plan-10080m", 100, left, ms(NOW) + DAY)];
        let bench = Bench::new(NOW, CONFIG, |ledger| {
            fill(ledger);
            ledger.see_windows(seen("kimi-code", ms(NOW) - HOUR), told);
        });
        bench.call("plans.list", json!({}))["hardly-used"].as_array().unwrap().len()
    };
    let past_us: fn(&Ledger) = |ledger| deepseek(ms(NOW) - 20 * DAY, 1).record(ledger);
    assert_eq!((hardly(75, usual), hardly(76, usual)), (0, 1), "a quarter of a week");
    assert_eq!((hardly(98, past_us), hardly(100, past_us)), (0, 1), "somebody uses it, past us");
}

const CREDIT: &str = "
[credit.november]
account = 'deepseek'
bought = '5.00'
on = 2026-11-11
expires = 2027-11-11
";

#[test]
fn credit_is_counted_down_from_the_day_it_was_bought_and_lasts_at_the_pace_of_two_weeks() {
    let told = Bench::new(NOW, &format!("{CONFIG}{CREDIT}"), usual).call("plans.list", json!({}));
    let credit = &told["credits"][0];
    // The 11th to the 19th; what begins this very moment is not over yet.
    assert_eq!(credit["spent"], 9 * DOLLAR / 100);
    assert_eq!(credit["remaining"], 491 * DOLLAR / 100);
    assert_eq!((&credit["left"], &credit["source"]), (&credit["remaining"], &json!("counted")));
    assert_eq!(credit["pace"], DOLLAR / 100);
    assert_eq!(credit["empty"], "2028-03-25", "491 days from now");
    assert_eq!((&credit["told"], &credit["expires"]), (&Value::Null, &json!("2027-11-11")));
}

#[test]
fn the_fee_on_credit_is_not_drawn_from_it() {
    let config = format!("{CONFIG}{CREDIT}")
        .replace("[account.deepseek]", "[account.deepseek]\nfee-percent = '25'");
    let told = Bench::new(NOW, &config, usual).call("plans.list", json!({}));
    assert_eq!(told["credits"][0]["spent"], 9 * DOLLAR / 125, "a cent has 0.8 of credit in it");
}

#[test]
fn what_a_service_tells_of_credit_stands_beside_the_count_with_its_age() {
    let fill = |ledger: &Ledger| {
        usual(ledger);
        let purse = |number: &str, unit: &str| Purse {
            remaining: Amount::told(number, unit),
            ..Purse::default()
        };
        let purses = vec![purse("110", "CNY"), purse("3.2", "USD")];
        let at = ms(NOW) - 2 * DAY - HOUR;
        ledger.see_balance(seen("deepseek", at), Balance { purses, limits: Limits::default() });
    };
    let told = Bench::new(NOW, &format!("{CONFIG}{CREDIT}"), fill).call("plans.list", json!({}));
    let credit = &told["credits"][0];
    assert_eq!(credit["remaining"], 491 * DOLLAR / 100, "what is counted does not change");
    assert_eq!(credit["told"]["seen-at"], ms(NOW) - 2 * DAY - HOUR);
    assert_eq!(credit["told"]["purses"].as_array().unwrap().len(), 2);
    assert_eq!(credit["source"], "told");
    assert_eq!(credit["left"], 318 * DOLLAR / 100, "3.20 less two cents since");
}

#[test]
fn a_balance_that_is_entered_is_counted_down_from_there() {
    let bench = Bench::new(NOW, CONFIG, usual);
    let none = bench.call("plans.list", json!({}));
    assert_eq!(none["credits"], json!([]));
    let at = ms(NOW) - 3 * DAY - HOUR;
    let entered = json!({"account": "deepseek", "amount": "$7.00", "now": at});
    let told = bench.call("plans.set_balance", entered);
    assert_eq!(told, json!({"account": "deepseek", "remaining": 7 * DOLLAR, "at": at}));
    let credit = &bench.call("plans.list", json!({}))["credits"][0];
    assert_eq!((&credit["credit"], &credit["source"]), (&Value::Null, &json!("entered")));
    assert_eq!(credit["left"], 697 * DOLLAR / 100, "three days of a cent");
    assert_eq!(credit["entered"], json!({"remaining": 7 * DOLLAR, "at": at}));
    // A later figure replaces it.
    bench.call("plans.set_balance", json!({"account": "deepseek", "amount": "1"}));
    assert_eq!(bench.call("plans.list", json!({}))["credits"][0]["left"], DOLLAR);
}

#[test]
fn what_was_entered_before_the_credit_was_bought_does_not_count() {
    let bench = Bench::new(NOW, &format!("{CONFIG}{CREDIT}"), usual);
    let at = ms("2026-11-05T12:00:00Z");
    let entered = json!({"account": "deepseek", "amount": "0.02", "now": at});
    bench.call("plans.set_balance", entered);
    let credit = &bench.call("plans.list", json!({}))["credits"][0];
    assert_eq!(
        (&credit["source"], &credit["left"]),
        (&json!("counted"), &json!(491 * DOLLAR / 100))
    );
}

#[test]
fn a_balance_is_entered_only_where_credit_is_drawn_on() {
    let bench = Bench::new(NOW, CONFIG, |_| {});
    for (account, amount, word) in [
        ("kimi-code", "5", "does not draw"),
        ("deepsek", "5", "deepsek"),
        ("deepseek", "x", "no amount"),
    ] {
        let params = json!({"account": account, "amount": amount});
        let error = bench.try_call("plans.set_balance", params).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
}
