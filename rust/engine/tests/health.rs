//! Who is out is left alone until its time, in every Emacs.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};

/// Accounts "first" and "spare" at one simulator, and routes of MODELS.
fn bench(routes: &[(&str, &[&str])]) -> Bench {
    Bench::keyless_with_url(|url| {
        let provider = |name: &str| format!("[provider.{name}]\nbase-url = '{url}'\n");
        let route =
            |(name, models): &(&str, &[&str])| format!("[route.{name}]\nuse = {models:?}\n");
        let providers = [provider("first"), provider("spare")].concat();
        providers + &routes.iter().map(route).collect::<String>()
    })
}

fn end(bench: &mut Bench, route: &str) -> Body {
    let id = bench.submit_as(&format!("sw/{route}"), json!({}));
    bench.end(id)
}

fn who(end: &Body) -> String {
    let Body::Done(known) = end else { panic!("{end:?}") };
    format!("{}/{}", known["account"].as_str().unwrap(), known["sent"].as_str().unwrap())
}

/// How often MODEL was asked.
fn asked(bench: &Bench, model: &str) -> usize {
    let requests = bench.simulator.received().requests;
    requests.iter().filter(|it| it.model.as_deref() == Some(model)).count()
}

fn row(bench: &mut Bench, deployment: &str) -> Value {
    let rows = bench.call("health.list", json!({"v": 1}));
    let mut rows = rows.as_array().unwrap().iter();
    rows.find(|row| row["deployment"] == deployment).unwrap().clone()
}

#[test]
fn who_failed_is_passed_over_at_once() {
    let mut bench = bench(&[("both", &["first/status:500", "spare/hello"])]);
    for _ in 0..3 {
        assert_eq!(who(&end(&mut bench, "both")), "spare/hello");
    }
    assert_eq!(asked(&bench, "status:500"), 1);
    let row = row(&mut bench, "first/status:500");
    assert_eq!(
        (&row["state"], &row["up"], &row["route"]),
        (&json!("cooling"), &json!(false), &json!("both"))
    );
    assert_eq!((&row["failure"], &row["last-hour"]["failed"]), (&json!("server"), &json!(1)));
    assert!(row["until"].as_i64() > row["since"].as_i64(), "{row}");
}

#[test]
fn nobody_is_sent_to_who_said_when_to_come_back() {
    let mut bench = bench(&[("only", &["first/status:429"])]);
    let Body::Error(error) = end(&mut bench, "only") else { panic!() };
    assert_eq!((&error["kind"], &error["retry-after"]), (&json!("rate-limited"), &json!(7)));
    let Body::Error(error) = end(&mut bench, "only") else { panic!() };
    assert_eq!(error["kind"], "rate-limited");
    assert!(error["message"].as_str().unwrap().contains("nobody can be asked now"), "{error}");
    assert!(error["resets-at"].is_i64(), "{error}");
    assert_eq!(asked(&bench, "status:429"), 1);
}

#[test]
fn a_dead_key_takes_the_whole_account_out_and_no_other() {
    let routes: &[(&str, &[&str])] = &[
        ("bad", &["first/status:401", "spare/words:2"]),
        ("good", &["first/hello", "spare/hello"]),
    ];
    let mut bench = bench(routes);
    assert_eq!(who(&end(&mut bench, "bad")), "spare/words:2");
    assert_eq!(who(&end(&mut bench, "good")), "spare/hello");
    let row = row(&mut bench, "first/hello");
    assert_eq!((&row["state"], &row["of-account"]), (&json!("dead-key"), &json!(true)));
}

#[test]
fn who_is_named_outright_is_tried_and_its_answer_heals() {
    let mut bench =
        bench(&[("bad", &["first/status:401"]), ("good", &["first/hello", "spare/hello"])]);
    end(&mut bench, "bad");
    assert_eq!(who(&end(&mut bench, "good")), "spare/hello");
    assert_eq!(who(&end(&mut bench, "first/hello")), "first/hello");
    assert_eq!(who(&end(&mut bench, "good")), "first/hello");
}

#[test]
fn another_emacs_knows_it_too() {
    let mut bench = bench(&[("both", &["first/status:500", "spare/hello"])]);
    end(&mut bench, "both");
    bench.call("health.list", json!({"v": 1}));
    let first = bench.another_emacs();
    assert_eq!(who(&end(&mut bench, "both")), "spare/hello");
    assert_eq!(asked(&bench, "status:500"), 1);
    first.shutdown();
}

#[test]
fn the_user_may_have_one_tried_or_left_alone() {
    let mut bench = bench(&[("both", &["first/status:500", "spare/hello"])]);
    end(&mut bench, "both");
    let name = json!({"v": 1, "deployment": "first/status:500"});
    assert_eq!(bench.call("health.retry", name.clone()), json!({"retried": true}));
    assert_eq!(row(&mut bench, "first/status:500")["state"], "half-open");
    end(&mut bench, "both");
    assert_eq!(asked(&bench, "status:500"), 2);
    let spare = json!({"v": 1, "deployment": "spare/hello"});
    bench.call("health.disable", spare.clone());
    assert_eq!(row(&mut bench, "spare/hello")["state"], "disabled");
    let Body::Error(error) = end(&mut bench, "spare/hello") else { panic!() };
    assert!(error["message"].as_str().unwrap().contains("it is disabled"), "{error}");
    bench.call("health.enable", spare);
    assert_eq!(who(&end(&mut bench, "both")), "spare/hello");
}

#[test]
fn a_change_is_noticed() {
    let mut bench = bench(&[("both", &["first/status:500", "spare/hello"])]);
    end(&mut bench, "both");
    let noticed = bench.hear(0, |body| matches!(body, Body::Notice(it) if it["kind"] == "health"));
    let Body::Notice(notice) = noticed else { unreachable!() };
    assert_eq!((&notice["account"], &notice["model"]), (&json!("first"), &json!("status:500")));
    assert_eq!((&notice["state"], &notice["message"]), (&json!("cooling"), &Value::Null));
}

#[test]
fn what_is_wrong_with_the_request_is_nobodys_illness() {
    let mut bench = bench(&[("wrong", &["first/status:400"])]);
    for _ in 0..2 {
        assert!(matches!(end(&mut bench, "wrong"), Body::Error(_)));
    }
    assert_eq!(asked(&bench, "status:400"), 2);
    assert_eq!(row(&mut bench, "first/status:400")["state"], "healthy");
}
