//! A mode and pins say what may be asked at all.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};

/// Three accounts at one simulator: on this machine, free through a proxy, and
/// metered through one.
fn bench(more: &str) -> Bench {
    bench_where(&["hello"; 3], more)
}

/// The same, where the route asks these three for MODELS.
fn bench_where(models: &[&str; 3], more: &str) -> Bench {
    let [near, free, paid] = models;
    Bench::keyless_with_url(|url| {
        let provider = |name: &str, locality: &str, payer: &str| {
            format!(
                "[provider.{name}]\nbase-url = '{url}'\nlocality = '{locality}'\n\
                 payer = '{payer}'\nauth = 'none'\n"
            )
        };
        [
            more.to_owned(),
            provider("near", "local", "free"),
            provider("free", "proxy", "free"),
            provider("paid", "proxy", "metered"),
            "[price.'paid/*']\nper-million = '1'\n".to_owned(),
            format!("[route.all]\nuse = ['near/{near}', 'free/{free}', 'paid/{paid}']\n"),
            format!("[route.paid]\nuse = ['paid/{paid}']\n"),
        ]
        .concat()
    })
}

fn switch(more: Value) -> Value {
    let mut switch = json!({"v": 1, "purpose": "chat"});
    switch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "llm_switch": switch })
}

/// How asking NAME ends when the request says MORE.
fn ask(bench: &mut Bench, name: &str, more: Value) -> Body {
    let id = bench.submit_as(name, switch(more));
    bench.hear(id, |body| body.is_terminal() || matches!(body, Body::Question(_)))
}

fn who(end: &Body) -> &str {
    let Body::Done(known) = end else { panic!("{end:?}") };
    known["account"].as_str().unwrap()
}

fn refusal(end: &Body) -> &Value {
    let Body::Error(error) = end else { panic!("{end:?}") };
    assert_eq!(error["kind"], "refused", "{error}");
    error
}

#[test]
fn the_first_of_a_route_that_the_mode_allows_is_asked() {
    let mut bench = bench("");
    let mut first = |mode: &str| who(&ask(&mut bench, "sw/all", json!({"mode": mode}))).to_owned();
    assert_eq!([first("auto"), first("local"), first("proxy")], ["near", "near", "free"]);
}

#[test]
fn pins_hold_whatever_the_mode_says() {
    let mut bench = bench("");
    let end = ask(&mut bench, "sw/all", json!({"mode": "auto", "pins": ["local"]}));
    assert_eq!(who(&end), "near");
    let end = ask(&mut bench, "sw/all", json!({"mode": "proxy", "pins": ["local"]}));
    let Body::Question(question) = end else { panic!("{end:?}") };
    assert_eq!(question["deployment"], "near/hello", "nothing beyond the pin is offered");
    refusal(&ask(&mut bench, "sw/paid", json!({"pins": ["local"]})));
    let end = ask(&mut bench, "sw/free/hello", json!({"pins": ["local"]}));
    let error = refusal(&end);
    assert!(error["message"].as_str().unwrap().contains("the pin \"local\""), "{error}");
}

#[test]
fn a_deployment_that_the_mode_excludes_is_refused_and_never_swapped() {
    let mut bench = bench("");
    let end = ask(&mut bench, "sw/paid/hello", json!({"mode": "free"}));
    let error = refusal(&end);
    assert_eq!(error["place"], "paid/hello");
    assert!(error["advice"].as_str().unwrap().contains("sw/coding-"), "{error}");
    assert!(bench.simulator.received().requests.is_empty(), "nothing was sent");
}

#[test]
fn free_turns_into_paid_only_when_the_user_says_yes() {
    let mut bench = bench("");
    for (answer, says) in [(json!(true), "paid"), (Value::Null, "nobody")] {
        let id = bench.submit_as("sw/paid", switch(json!({"mode": "free"})));
        let Body::Question(question) = bench.hear(id, |it| matches!(it, Body::Question(_))) else {
            panic!()
        };
        assert_eq!((&question["kind"], &question["mode"]), (&json!("mode"), &json!("free")));
        assert_eq!(question["deployment"], "paid/hello");
        assert!(question["likely"].as_i64().unwrap() > 0, "{question}");
        assert!(question["message"].as_str().unwrap().contains("for about $0.000"), "{question}");
        let answer = json!({"v": 1, "question": question["question"], "answer": answer});
        bench.engine.call("question.answer".into(), answer.to_string());
        match (bench.end(id), says) {
            (Body::Done(known), "paid") => assert_eq!(known["account"], "paid"),
            (Body::Error(error), "nobody") => assert_eq!(error["kind"], "refused"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(bench.simulator.received().requests.len(), 1);
}

#[test]
fn a_free_one_that_fails_is_followed_by_a_question_and_not_by_a_bill() {
    let mut bench = bench_where(&["status:400", "status:401", "hello"], "");
    let end = ask(&mut bench, "sw/all", json!({"mode": "free", "pins": ["proxy"]}));
    let Body::Question(question) = end else { panic!("{end:?}") };
    assert_eq!(question["deployment"], "paid/hello");
}

#[test]
fn a_mode_may_lead_to_another_or_fail() {
    let modes = "[mode.first]\nallow = ['lan']\nwhen-none = 'mode:free'\n\
                 [mode.alone]\nallow = ['lan']\nwhen-none = 'fail'\n";
    let mut bench = bench(modes);
    let end = ask(&mut bench, "sw/all", json!({"mode": "first"}));
    assert_eq!(who(&end), "near");
    let Body::Done(known) = &end else { unreachable!() };
    assert_eq!(known["mode"], "free");
    refusal(&ask(&mut bench, "sw/all", json!({"mode": "alone"})));
}

#[test]
fn who_names_no_model_gets_the_route_of_the_mode() {
    let mut bench = bench("[mode.proxy]\nallow = ['proxy']\nroute = 'paid'\n");
    let end = ask(&mut bench, "sw/mode", json!({"mode": "proxy"}));
    assert_eq!(who(&end), "paid");
}

#[test]
fn the_mode_of_the_file_is_that_of_who_names_none() {
    let mut bench = bench("default-mode = 'free'\n");
    refusal(&ask(&mut bench, "sw/paid/hello", json!({})));
    assert_eq!(who(&ask(&mut bench, "sw/paid/hello", json!({"mode": "auto"}))), "paid");
}

#[test]
fn an_unknown_mode_is_told_with_a_suggestion() {
    let mut bench = bench("");
    let Body::Error(error) = ask(&mut bench, "sw/all", json!({"mode": "fre"})) else { panic!() };
    assert_eq!(
        (&error["kind"], &error["advice"]),
        (&json!("config"), &json!("Did you mean \"free\"?"))
    );
}

#[test]
fn who_names_nothing_at_all_gets_what_a_server_on_this_machine_offers() {
    let mut bench = bench("");
    let end = ask(&mut bench, "sw/mode", json!({}));
    assert_eq!(who(&end), "near");
    let Body::Done(known) = &end else { unreachable!() };
    assert_eq!((&known["mode"], &known["sent"]), (&json!("local"), &json!("hello")));
}

#[test]
fn a_built_in_route_that_nobody_else_serves_leads_to_this_machine() {
    let mut bench = bench("");
    for mode in [json!({}), json!({"mode": "auto"}), json!({"mode": "free"})] {
        assert_eq!(who(&ask(&mut bench, "sw/coding-best", mode)), "near");
    }
}

/// The accounts whose servers are asked which models they have, under LIMITS.
fn listed(bench: &mut Bench, mut limits: Value) -> Vec<String> {
    limits["v"] = json!(1);
    let told = bench.call("deployments.list", limits);
    let rows = told["deployments"].as_array().unwrap().iter();
    let found = rows.filter(|row| row["deployment"].as_str().unwrap().ends_with("/hello"));
    found.map(|row| row["account"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn nobody_farther_than_mode_and_pins_allow_is_asked_for_models() {
    let mut bench = bench("");
    assert_eq!(listed(&mut bench, json!({})), ["free", "near", "paid"]);
    assert_eq!(listed(&mut bench, json!({"mode": "cloud"})), ["free", "near", "paid"]);
    assert_eq!(listed(&mut bench, json!({"mode": "local"})), ["near"]);
    assert_eq!(listed(&mut bench, json!({"mode": "auto", "pins": ["local"]})), ["near"]);
    assert_eq!(listed(&mut bench, json!({"pins": ["local"]})), ["near"]);
}
