//! A request through the whole engine, from JSON in to events and a row.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::{Bench, KEYED};
use llm_switch_engine::Body;
use llm_switch_simulator::words_text;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn an_answer_comes_whole_and_is_recorded() {
    let mut bench = Bench::new(KEYED);
    let id = bench.submit("words:300");
    let Body::Done(known) = bench.end_with_key(id, "right".into()) else { panic!() };
    let texts = bench.heard.iter().filter_map(|(of, body)| match body {
        Body::Text(text) if *of == id => Some(text.as_str()),
        _ => None,
    });
    assert_eq!(texts.collect::<String>(), words_text(300));
    let row = bench.call("ledger.request", json!({"v": 1, "request": known["request"]}));
    assert_eq!((&row["outcome"], &row["project"]), (&json!("done"), &json!("/p")));
    assert_eq!(row["attempts"][0]["usage"]["output"], 300);
}

#[test]
fn a_key_is_asked_for_once_and_again_when_it_was_refused() {
    let mut bench = Bench::new(KEYED);
    let id = bench.submit("hello");
    let Body::Error(error) = bench.end_with_key(id, "wrong".into()) else { panic!() };
    assert_eq!(error["kind"], "auth");
    let id = bench.submit("hello");
    assert!(matches!(bench.end_with_key(id, "right".into()), Body::Done(_)));
    let id = bench.submit("hello");
    assert!(matches!(bench.end(id), Body::Done(_)), "nobody is asked any more");
}

#[test]
fn no_key_is_told_and_nothing_is_sent() {
    let mut bench = Bench::new(KEYED);
    let id = bench.submit("hello");
    let Body::Error(error) = bench.end_with_key(id, Value::Null) else { panic!() };
    assert_eq!(error["kind"], "auth");
    assert!(bench.simulator.received().requests.is_empty());
}

#[test]
fn a_cancelled_request_ends_once_and_is_recorded_as_such() {
    let mut bench = Bench::new(KEYED);
    let id = bench.submit("hello");
    bench.end_with_key(id, "right".into());
    let id = bench.submit("stall:3");
    bench.hear(id, |body| matches!(body, Body::Text(_)));
    assert!(bench.engine.cancel(id));
    let Body::Error(error) = bench.end(id) else { panic!() };
    assert_eq!(error["kind"], "cancelled");
    // Its last event comes a moment before it is forgotten.
    let forgotten = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(1));
        !bench.engine.cancel(id)
    });
    assert!(forgotten, "what is over cannot be cancelled");
    let totals = bench.call("ledger.totals", json!({"v": 1, "from": 0, "to": i64::MAX}));
    assert_eq!(totals["requests"], 2, "{totals}");
    // What it has cost is told as the ledger has it.
    let row = bench.call("ledger.request", json!({"v": 1, "request": error["request"]}));
    assert_eq!(row["attempts"][0]["usage"], error["usage"]);
    assert!(error["usage"]["output"].as_u64() > Some(0), "{error}");
    assert_eq!((&error["sent"], &error["cost"]["amount"]), (&json!("stall:3"), &json!(0)));
    assert_eq!(bench.terminals(id), 1);
}

#[test]
fn a_shutdown_ends_what_still_runs() {
    let mut bench = Bench::new("");
    let id = bench.submit("hello");
    bench.end(id);
    let Bench { engine, .. } = bench;
    let hanging = engine.call("question.answer".into(), "{}".into());
    let last = engine.shutdown();
    let ends = last.iter().filter(|it| it.id == hanging && it.body.is_terminal()).count();
    assert_eq!(ends, 1);
}

#[test]
fn lisp_of_another_version_is_told_to_restart() {
    let mut bench = Bench::new("");
    for id in [
        bench.engine.submit(r#"{"llm_switch":{"v":99}}"#.into()),
        bench.engine.call("deployments.list".into(), r#"{"v":99}"#.into()),
        bench.engine.call("deployments.list".into(), "not json".into()),
    ] {
        let Body::Error(error) = bench.end(id) else { panic!() };
        assert_eq!(error["kind"], "module", "{error}");
    }
}

/// What an answer of MODEL costs an account as in MORE, and how that is known.
fn cost(more: &str, model: &str) -> (Value, Value) {
    let mut bench = Bench::new(&format!("[account.sim]\nkey = 'env:X'\n{more}"));
    let id = bench.submit(model);
    let Body::Done(known) = bench.end_with_key(id, "right".into()) else { panic!() };
    let row = bench.call("ledger.request", json!({"v": 1, "request": known["request"]}));
    assert_eq!(row["attempts"][0]["cost"]["amount"], known["cost"]["amount"]);
    (known["cost"]["dollars"].clone(), known["cost"]["basis"].clone())
}

#[test]
fn a_price_set_by_hand_reaches_answer_and_ledger_exactly() {
    let more = "payer = 'metered'\n[price.'sim/*']\n\
                input = '1.25'\ncache-read = '0.625'\noutput = '10'\n";
    let known = cost(more, "usage:262960,257955,1744,0");
    assert_eq!(known, (json!("0.184918125"), json!("computed")));
}

#[test]
fn a_fee_on_credit_enters_what_the_service_reports() {
    let known = cost("payer = 'metered'\nunpriced = ['*']\nfee-percent = '5.5'\n", "cost:0.0042");
    assert_eq!(known, (json!("0.004431"), json!("reported")));
}

#[test]
fn beside_the_services_figure_stands_what_our_prices_say() {
    let config = "[account.sim]\nkey = 'env:X'\npayer = 'metered'\nfee-percent = '5.5'\n\
                  [price.'sim/*']\nper-million = '1'\n";
    let mut bench = Bench::new(config);
    let id = bench.submit("cost:0.0042");
    let Body::Done(known) = bench.end_with_key(id, "right".into()) else { panic!() };
    let row = bench.call("ledger.request", json!({"v": 1, "request": known["request"]}));
    let attempt = &row["attempts"][0];
    let tokens =
        known["usage"]["input"].as_i64().unwrap() + known["usage"]["output"].as_i64().unwrap();
    assert_eq!(attempt["cost"]["amount"], 4_431_000_000_i64);
    assert_eq!(attempt["computed"], tokens * 1_055_000, "{attempt}");
    assert_eq!(attempt["sent-bytes"], 2, "Hi");
}

#[test]
fn a_model_without_price_is_unknown_and_one_of_this_machine_free() {
    let unpriced = "payer = 'metered'\nunpriced = ['hello']\n";
    assert_eq!(cost(unpriced, "hello"), (Value::Null, json!("unknown")));
    assert_eq!(cost("", "hello"), (json!("0"), json!("free")));
}

#[test]
fn this_machine_may_be_given_a_cost() {
    let (dollars, basis) = cost("[price.'sim/*']\nper-million = '0.05'\n", "usage:1000,400,10,0");
    assert_eq!((dollars, basis), (json!("0.0000505"), json!("estimated")));
}

#[test]
fn a_server_that_does_not_run_offers_nothing() {
    let mut bench =
        Bench::with_url(|_| "[provider.ollama]\nbase-url = 'http://127.0.0.1:9'\n".into());
    let told = bench.call("deployments.list", json!({"v": 1}));
    let rows = told["deployments"].as_array().unwrap();
    let of_ollama = rows.iter().filter(|row| row["account"] == "ollama").count();
    assert_eq!(of_ollama, 0, "the price list knows models of Ollama, and this one has none");
    assert_eq!(told["problems"][0]["account"], "ollama");
}
