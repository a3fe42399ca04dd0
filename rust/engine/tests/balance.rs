//! What is left on an account: asked, kept, and told in its own unit.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::{Bench, KEYED};
use llm_switch_catalog::Catalog;
use llm_switch_engine::Body;
use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_simulator::{Simulator, Tag, absent, evidence, test_key};
use llm_switch_types::{Balance, BalanceSource, Error, ErrorKind, Locality, Provider, Result};
use serde_json::{Value, json};

/// The rows of the catalogue that tell what is left.
fn rows() -> Vec<Provider> {
    let catalog = Catalog::embedded().unwrap();
    catalog.providers().iter().filter(|row| row.balance.is_some()).cloned().collect()
}

/// ROW as it would be if SIMULATOR were its service.
fn moved(row: &Provider, simulator: &Simulator) -> Provider {
    let base_url = simulator.base_url();
    let host = base_url.strip_suffix("/v1").unwrap();
    let url = row.balance_url().unwrap();
    let path = url.split("://").nth(1).unwrap().split_once('/').unwrap().1;
    let source = row.balance.clone().unwrap();
    let balance = BalanceSource { url: format!("{host}/{path}"), ..source };
    Provider { balance: Some(balance), base_url: format!("{host}/v1"), ..row.clone() }
}

async fn ask(row: &Provider, key: &str) -> Result<Balance> {
    let simulator = Simulator::builder().key(test_key("right")).start().await.unwrap();
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let row = moved(row, &simulator);
    llm_switch_providers::balance(&client, &row, Some(&test_key(key).into())).await
}

/// A purse as `unit remaining spent limit`, and a window as `name left/limit`.
fn in_short(balance: &Balance) -> Vec<String> {
    let json = json!(balance);
    let figure = |purse: &Value, name: &str| match &purse[name] {
        Value::Null => "-".to_owned(),
        amount => format!("{}{}", amount["unit"], amount["number"]).replace('"', ""),
    };
    let purse =
        |purse: &Value| ["remaining", "spent", "limit"].map(|it| figure(purse, it)).join(" ");
    let window = |window: &Value| {
        format!("{} {}/{}", window["name"].as_str().unwrap(), window["remaining"], window["limit"])
    };
    let purses = json["purses"].as_array().unwrap().iter().map(purse);
    purses.chain(json["windows"].as_array().unwrap().iter().map(window)).collect()
}

/// What each provider's fixture says. A row that begins to tell a balance
/// needs an entry here, and with it a fixture.
const TOLD: &[(&str, &[&str])] = &[
    ("litellm", &["USD3.75 USD1.25 USD5"]),
    ("deepseek", &["CNY110.00 - -", "USD3.2 - -"]),
    ("moonshot", &["USD49.58894 - -"]),
    ("kimi-code", &["plan-10080m 1834/2048", "plan-300m 150/200"]),
    ("zai-coding", &["plan-300m 65/100", "plan-10080m 85/100", "plan-month-tools 80/100"]),
    ("minimax", &["plan-300m-general 72/100", "plan-10080m-general 90/100"]),
    ("openrouter", &["USD12.876543211 USD7.123456789 USD20"]),
    ("deepinfra", &["USD12.5 USD1.25 USD20"]),
    ("siliconflow", &["USD88.88 - -"]),
    ("chutes", &["plan-240m 75/100", "plan-month 44/100"]),
];

#[tokio::test]
async fn every_row_that_tells_a_balance_is_understood() {
    let rows = rows();
    let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, TOLD.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (row, (name, told)) in rows.iter().zip(TOLD) {
        let balance = ask(row, "right").await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(in_short(&balance), *told, "{name}");
        evidence(name, "balance", Tag::Simulated);
    }
}

/// What `make provider-table` says of the others.
#[test]
fn every_other_row_says_why_there_is_nothing_to_tell() {
    let catalog = Catalog::embedded().unwrap();
    let usable = catalog.providers().iter().filter(|row| row.refused.is_none());
    for row in usable.filter(|row| row.balance.is_none()) {
        let reason = match row.locality {
            Locality::Local => "the user's own machine: there is nothing to run out of",
            _ => "no address is known at which it tells what is left to a key of its API",
        };
        absent(&row.name, "balance", reason);
    }
}

#[tokio::test]
async fn a_window_tells_when_it_is_full_again() {
    for row in rows().iter().filter(|row| row.balance.as_ref().unwrap().plan.is_some()) {
        let windows = ask(row, "right").await.unwrap().limits.windows;
        let year_2026 = 1_767_225_600_000..1_798_761_600_000;
        let all = windows.iter().all(|it| it.resets_at.is_some_and(|at| year_2026.contains(&at)));
        assert!(all, "{}: {windows:?}", row.name);
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_as_such() {
    for row in rows() {
        let Error { kind, .. } = ask(&row, "wrong").await.unwrap_err();
        assert_eq!(kind, ErrorKind::Auth, "{}", row.name);
    }
}

#[tokio::test]
async fn what_is_told_otherwise_is_an_error_and_no_zero() {
    let row = rows().into_iter().find(|row| row.name == "moonshot").unwrap();
    let source = row.balance.clone().unwrap();
    let row =
        Provider { balance: Some(BalanceSource { url: "/key/info".into(), ..source }), ..row };
    assert_eq!(ask(&row, "right").await.unwrap_err().kind, ErrorKind::Protocol);
}

/// An engine that knows the simulator as a LiteLLM proxy, and as itself.
fn bench() -> Bench {
    Bench::with_url(|url| {
        format!(
            "[provider.litellm]\nbase-url = '{url}'\n[account.litellm]\nkey = 'env:X'\n\
             [provider.sim]\nbase-url = '{url}'\n{KEYED}"
        )
    })
}

fn row<'a>(rows: &'a Value, account: &str) -> &'a Value {
    rows.as_array().unwrap().iter().find(|row| row["account"] == account).unwrap()
}

#[test]
fn a_balance_is_kept_when_the_user_asks_and_never_before() {
    let mut bench = bench();
    let before = bench.call("accounts.state", json!({"v": 1}));
    assert_eq!(row(&before, "litellm")["balance"], Value::Null);
    assert!(bench.simulator.received().requests.is_empty());
    let id = bench.engine.call("accounts.balance".into(), json!({"v": 1}).to_string());
    let Body::Value(told) = bench.end_with_key(id, "right".into()) else { panic!() };
    assert_eq!(told.as_array().unwrap().len(), 1, "only what tells a balance is asked: {told}");
    let remaining = &told[0]["balance"]["purses"][0]["remaining"];
    let dollars = json!({"number": "3.75", "unit": "USD", "amount": 3_750_000_000_000_i64});
    assert_eq!((remaining, &told[0]["error"]), (&dollars, &Value::Null));
    let after = bench.call("accounts.state", json!({"v": 1}));
    assert_eq!(row(&after, "litellm")["balance"], told[0]["balance"]);
    assert!(told[0]["balance"]["seen-at"].is_i64());
}

#[test]
fn a_failure_is_the_accounts_own_row_and_forgets_nothing() {
    let mut bench = bench();
    let ask = |bench: &mut Bench, key: Value| {
        let id = bench.engine.call("accounts.balance".into(), json!({"v": 1}).to_string());
        let Body::Value(told) = bench.end_with_key(id, key) else { panic!() };
        told
    };
    ask(&mut bench, "right".into());
    bench.call("config.reload", json!({"v": 1}));
    let told = ask(&mut bench, "wrong".into());
    assert!(told[0]["error"].as_str().unwrap().contains("the key was refused"), "{told}");
    assert_eq!(told[0]["balance"]["purses"][0]["spent"]["number"], "1.25");
}

#[test]
fn an_account_whose_service_tells_nothing_says_so() {
    let mut bench = bench();
    let params = json!({"v": 1, "account": "sim"});
    let id = bench.engine.call("accounts.balance".into(), params.to_string());
    let Body::Value(told) = bench.end_with_key(id, "right".into()) else { panic!() };
    assert!(told[0]["error"].as_str().unwrap().contains("does not tell"), "{told}");
    let nobody = json!({"v": 1, "account": "nobody"});
    let id = bench.engine.call("accounts.balance".into(), nobody.to_string());
    assert!(matches!(bench.end(id), Body::Error(_)));
}

#[test]
fn what_an_answer_and_a_refusal_tell_of_limits_is_kept_per_model() {
    let mut bench = bench();
    let id = bench.submit("limits:hello");
    bench.end_with_key(id, "right".into());
    let id = bench.submit("limits:status:429");
    bench.end(id);
    let state = bench.call("accounts.state", json!({"v": 1}));
    let windows = row(&state, "sim")["windows"].as_array().unwrap();
    let of = |model: &str| {
        let mut windows = windows.iter().filter(|window| window["model"] == model);
        windows.find(|window| window["name"] == "requests").unwrap()
    };
    for model in ["limits:hello", "limits:status:429"] {
        let window = of(model);
        assert_eq!((&window["limit"], &window["remaining"]), (&json!(5000), &json!(4999)));
        assert!(window["seen-at"].is_i64() && window["resets-at"].is_i64(), "{window}");
    }
}
