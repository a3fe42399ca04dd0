//! Backends of another package, taken over as accounts.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use llm_switch_simulator::test_key;
use serde_json::{Value, json};

fn bench() -> Bench {
    Bench::with_url(|_| String::new())
}

fn adoption(bench: &Bench) -> Value {
    json!({"name": "My Sim", "base-url": bench.simulator.base_url(), "dialect": "openai-chat",
           "models": [{"name": "hello", "input": 1, "output": 2}], "key": "gptel:My Sim",
           "payer": "metered"})
}

fn adopt(bench: &mut Bench, accounts: Value) -> Value {
    bench.call("accounts.adopt", json!({"v": 1, "accounts": accounts}))
}

fn accounts(bench: &mut Bench) -> Vec<String> {
    let rows = bench.call("accounts.list", json!({"v": 1}));
    rows.as_array().unwrap().iter().map(|row| row["account"].as_str().unwrap().into()).collect()
}

#[test]
fn an_adopted_account_answers_with_the_key_that_emacs_finds_and_has_a_cap() {
    let mut bench = bench();
    let wanted = json!([adoption(&bench)]);
    let answer = adopt(&mut bench, wanted);
    assert_eq!(answer["adopted"][0]["account"], "my-sim");
    assert_eq!(answer["adopted"][0]["locality"], "local");
    let id = bench.submit_as("sw/my-sim/hello", json!({}));
    let Body::Question(question) = bench.hear(id, |body| matches!(body, Body::Question(_))) else {
        unreachable!()
    };
    assert_eq!(question["source"], "gptel:My Sim");
    let answer = json!({"v": 1, "question": question["question"], "answer": test_key("right")});
    bench.engine.call("question.answer".into(), answer.to_string());
    assert!(matches!(bench.end(id), Body::Done(_)));
    let budgets = bench.call("budget.list", json!({"v": 1}));
    assert_eq!(budgets[0]["name"], "my-sim, day, default");
    assert!(budgets[0]["spent"].as_i64().unwrap() > 0, "{budgets}");
}

#[test]
fn reading_the_file_again_keeps_it_and_the_next_call_decides_anew() {
    let mut bench = bench();
    let wanted = json!([adoption(&bench)]);
    adopt(&mut bench, wanted);
    bench.call("config.reload", json!({"v": 1}));
    assert!(accounts(&mut bench).contains(&"my-sim".to_owned()));
    adopt(&mut bench, json!([]));
    assert!(!accounts(&mut bench).contains(&"my-sim".to_owned()));
}

#[test]
fn one_that_cannot_be_adopted_spoils_no_other() {
    let mut bench = bench();
    let bad = json!({"name": "Far", "base-url": "http://far.invalid/v1", "dialect": "openai-chat"});
    let wanted = json!([bad, adoption(&bench)]);
    let answer = adopt(&mut bench, wanted);
    assert_eq!(answer["refused"][0]["name"], "Far");
    assert!(answer["refused"][0]["message"].as_str().unwrap().contains("https://"), "{answer}");
    assert_eq!(answer["adopted"][0]["account"], "my-sim");
}

#[test]
fn modes_and_routes_are_listed_with_who_serves_and_what_it_costs() {
    let mut bench = Bench::keyless(
        "[account.openai]\nkey = 'env:NONE'\n[mode.mine]\nallow = ['cloud']\nroute = 'best'\n\
         [route.best]\nuse = ['openai/gpt-5', 'sim/hello']\n",
    );
    let modes = bench.call("modes.list", json!({"v": 1}));
    let names: Vec<_> = modes.as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["local", "proxy", "cloud", "free", "auto", "mine"]);
    assert_eq!((&modes[5]["route"], &modes[5]["when-none"]), (&json!("best"), &json!("ask")));
    let routes = bench.call("routes.list", json!({"v": 1}));
    let best = routes.as_array().unwrap().iter().find(|it| it["name"] == "best").unwrap();
    assert_eq!(best["use"][0]["input"], "1.25");
    assert_eq!(
        (&best["use"][1]["locality"], &best["use"][1]["input"]),
        (&json!("local"), &json!(null))
    );
}
