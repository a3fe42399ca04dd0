//! What budgets do to requests, from the configuration to the ledger.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};
use std::time::Duration;

/// An account that costs a dollar for a million tokens, with BUDGETS.
fn metered(more: &str) -> String {
    format!("payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n{more}")
}

fn budget(limit: &str) -> String {
    metered(&format!("[[budget]]\non = 'global'\nwindow = 'total'\n{limit}\n"))
}

fn bench(more: &str) -> Bench {
    Bench::keyless(more)
}

fn done(bench: &mut Bench, id: i64) -> Value {
    match bench.end(id) {
        Body::Done(known) => known,
        other => panic!("{other:?}"),
    }
}

fn refused(bench: &mut Bench, id: i64) -> Value {
    match bench.end(id) {
        Body::Error(error) if error["kind"] == "refused" => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_budget_has_left_is_sent_as_the_output_limit() {
    let mut bench = bench(&budget("limit = '0.002'"));
    let id = bench.submit("inspect");
    let Body::Text(received) = bench.hear(id, |body| matches!(body, Body::Text(_))) else {
        panic!()
    };
    let received: Value = serde_json::from_str(&received).unwrap();
    let limit = received["parameters"]["max_tokens"].as_u64().unwrap_or_default();
    assert!((1_000..2_000).contains(&limit), "{received}");
}

#[test]
fn a_request_that_may_pass_the_cap_is_refused_with_the_numbers_and_not_sent() {
    let mut bench = bench(&budget("limit = '0.001'"));
    let id = bench.submit_more("hello", json!({"max_tokens": 2000}));
    let error = refused(&mut bench, id);
    let what = error["what"].as_str().unwrap();
    assert!(what.starts_with("budget \"all, total\" has $0.001 left of $0.001"), "{what}");
    assert!(error["advice"].as_str().unwrap().contains("llm-switch-allow"));
    assert_eq!(bench.simulator.received().requests.len(), 0);
}

#[test]
fn what_was_spent_is_gone_and_who_comes_after_is_refused() {
    let mut bench = bench(&budget("limit = '0.0025'"));
    let first = bench.submit("usage:1000,0,1000,0");
    assert_eq!(done(&mut bench, first)["cost"]["dollars"], "0.002");
    let second = bench.submit_more("usage:1000,0,1000,0", json!({"max_tokens": 1000}));
    refused(&mut bench, second);
    let third = bench.submit_more("usage:100,0,100,0", json!({"max_tokens": 100}));
    assert_eq!(done(&mut bench, third)["cost"]["dollars"], "0.0002");
}

#[test]
fn a_stream_takes_more_as_it_flows_and_stops_where_the_money_ends() {
    let mut bench = bench(&budget("limit = '0.0030'"));
    let id = bench.submit("words:100000");
    let error = refused(&mut bench, id);
    assert!(
        error["what"].as_str().unwrap().contains("the answer was stopped after about"),
        "{error}"
    );
    let cost = error["cost"]["amount"].as_i64().unwrap();
    assert!(0 < cost && cost <= 3_000_000_000, "{error}");
    let text: usize = bench
        .heard
        .iter()
        .map(|(_, body)| if let Body::Text(text) = body { text.len() } else { 0 })
        .sum();
    assert!(text > 1_000, "what came stands");
}

#[test]
fn a_long_answer_is_not_stopped_while_there_is_money() {
    let mut bench = bench(&budget("limit = '5.00'"));
    let id = bench.submit("words:20000");
    done(&mut bench, id);
}

#[test]
fn what_costs_nothing_is_counted_by_tokens_and_requests_alone() {
    let free = "[[budget]]\non = 'global'\nwindow = 'total'\nlimit = '0.000001'\n";
    let mut bench = bench(free);
    let id = bench.submit("hello");
    done(&mut bench, id);
    let mut bench = Bench::keyless("[[budget]]\non = 'global'\nwindow = 'total'\nrequests = 1\n");
    let first = bench.submit("hello");
    done(&mut bench, first);
    let second = bench.submit("hello");
    assert!(refused(&mut bench, second)["what"].as_str().unwrap().contains("1 requests"));
}

#[test]
fn a_model_without_price_is_refused_while_a_budget_counts_dollars() {
    let mut bench = bench("payer = 'metered'\n");
    let id = bench.submit("hello");
    let error = refused(&mut bench, id);
    assert!(error["what"].as_str().unwrap().contains("what hello costs is not known"), "{error}");
    assert_eq!(bench.simulator.received().requests.len(), 0);
}

#[test]
fn no_request_costs_more_than_it_may() {
    let mut bench = bench(&metered(""));
    let most = |most: &str, tokens: u64| json!({"max_tokens": tokens, "llm_switch": {"v": 1, "purpose": "chat", "max-cost": most}});
    let dear = bench.submit_more("hello", most("0.001", 2_000));
    assert!(refused(&mut bench, dear)["what"].as_str().unwrap().contains("no more than $0.001"));
    let cheap = bench.submit_more("hello", most("0.001", 100));
    done(&mut bench, cheap);
}

#[test]
fn a_budget_may_lead_to_another_route() {
    let routes = "[account.spare]\nprovider = 'sim'\npayer = 'free'\n\
                  [route.dear]\nuse = ['sim/hello']\n[route.cheap]\nuse = ['spare/hello']\n";
    let config = format!(
        "{}{routes}[[budget]]\non = {{ account = 'sim' }}\nwindow = 'day'\n\
         limit = '0.000001'\nat-limit = 'route:cheap'\n",
        metered("")
    );
    let mut bench = bench(&config);
    let id = bench.submit_as("sw/dear", json!({}));
    let known = done(&mut bench, id);
    assert_eq!((&known["account"], &known["requested"]), (&json!("spare"), &json!("dear")));
    let remark = known["remarks"][0].as_str().unwrap();
    assert!(remark.starts_with("sim/hello → spare/hello: budget"), "{remark}");
}

#[test]
fn the_owner_may_let_one_request_pass() {
    let config = budget("limit = '0.000001'\nat-limit = 'ask'");
    for (answer, passes) in [(json!(true), true), (Value::Null, false)] {
        let mut bench = bench(&config);
        let id = bench.submit_more("hello", json!({"max_tokens": 10}));
        let question = bench.hear(id, |body| matches!(body, Body::Question(_)));
        let Body::Question(question) = question else { panic!() };
        assert_eq!((&question["kind"], &question["unit"]), (&json!("budget"), &json!("dollars")));
        let answer = json!({"v": 1, "question": question["question"], "answer": answer});
        bench.engine.call("question.answer".into(), answer.to_string());
        assert_eq!(matches!(bench.end(id), Body::Done(_)), passes);
    }
}

#[test]
fn a_fallback_from_a_free_deployment_to_a_paid_one_is_admitted_again() {
    let routes = "[account.spare]\nprovider = 'sim'\npayer = 'free'\n\
                  [route.both]\nuse = ['spare/status:500', 'sim/hello']\nmax-output-tokens = 100\n";
    let budgets = |limit: &str| {
        let budget = format!("[[budget]]\non = 'global'\nwindow = 'day'\nlimit = '{limit}'\n");
        // A price for the dear one alone: what is free has none.
        format!("payer = 'metered'\n[price.'sim/hello']\nper-million = '1'\n{routes}{budget}")
    };
    let mut rich = bench(&budgets("1"));
    let id = rich.submit_as("sw/both", json!({}));
    assert_eq!(done(&mut rich, id)["account"], "sim");
    let mut poor = bench(&budgets("0.000001"));
    // Else the free one would be asked again after a pause.
    let once = json!({"llm_switch": {"v": 1, "purpose": "chat", "retries": 0}});
    let id = poor.submit_as("sw/both", once);
    refused(&mut poor, id);
    assert_eq!(poor.simulator.received().requests.len(), 1, "only the free one was asked");
}

#[test]
fn who_can_have_a_short_answer_only_waits_for_that_too() {
    let mut bench = bench(&budget("limit = '0.001'"));
    let other = bench.submit_more("slow:300:hello", json!({"max_tokens": 900}));
    let id = bench.submit("metered:hello");
    done(&mut bench, id);
    done(&mut bench, other);
}

#[test]
fn an_answer_waits_for_what_others_hold() {
    let mut bench = bench(&budget("limit = '0.003'"));
    let other = bench.submit_more("slow:300:hello", json!({"max_tokens": 1000}));
    let id = bench.submit("tokens:900");
    done(&mut bench, id);
    done(&mut bench, other);
}

#[test]
fn an_answer_that_is_paid_for_to_its_limit_is_not_stopped() {
    let mut bench = bench(&budget("limit = '0.0006'"));
    let id = bench.submit("metered:tokens:1000");
    let known = done(&mut bench, id);
    assert_eq!(known["stop-reason"], "length", "{known}");
    let cost = known["cost"]["amount"].as_i64().unwrap();
    assert!((500_000_000..=600_000_000).contains(&cost), "{known}");
}

#[test]
fn a_service_that_does_not_keep_the_limit_is_stopped() {
    let mut bench = bench(&budget("limit = '0.0006'"));
    let id = bench.submit("tokens:100000");
    refused(&mut bench, id);
}

#[test]
fn who_cancels_while_waiting_to_be_admitted_has_spent_nothing() {
    let mut bench = bench(&budget("limit = '1'"));
    let first = bench.submit_more("hello", json!({"max_tokens": 10}));
    done(&mut bench, first);
    let totals =
        |bench: &mut Bench| bench.call("ledger.totals", json!({"v": 1, "from": 0, "to": i64::MAX}));
    let before = totals(&mut bench);
    let lock = bench.lock_ledger();
    let id = bench.submit_more("hello", json!({"max_tokens": 10}));
    std::thread::sleep(Duration::from_millis(200));
    assert!(bench.engine.cancel(id));
    bench.end(id);
    drop(lock);
    let after = totals(&mut bench);
    assert_eq!((&after["cost"], &after["requests"]), (&before["cost"], &json!(2)), "{after}");
    assert_eq!(bench.simulator.received().requests.len(), 1, "it was never sent");
}

#[test]
fn while_the_ledger_is_locked_what_costs_money_is_refused_and_what_is_free_goes_on() {
    let spare = "[account.spare]\nprovider = 'sim'\npayer = 'free'\n";
    let config = format!("payer = 'metered'\n[price.'sim/hello']\nper-million = '1'\n{spare}");
    let mut bench = bench(&config);
    let first = bench.submit("hello");
    done(&mut bench, first);
    let lock = bench.lock_ledger();
    let (dear, free) = (bench.submit("hello"), bench.submit_as("sw/spare/hello", json!({})));
    match bench.end(dear) {
        Body::Error(error) => assert_eq!(error["kind"], "store", "{error}"),
        other => panic!("{other:?}"),
    }
    done(&mut bench, free);
    drop(lock);
    assert_eq!(bench.simulator.received().requests.len(), 2);
    let totals = written_totals(&mut bench);
    assert_eq!(totals["requests"], 3, "what went on is written when that is possible: {totals}");
}

/// The totals, as soon as what waits is written: the try before this one may
/// have begun while the ledger was locked.
fn written_totals(bench: &mut Bench) -> Value {
    let everything = json!({"v": 1, "from": 0, "to": i64::MAX}).to_string();
    for _ in 0..100 {
        let id = bench.engine.call("ledger.totals".into(), everything.clone());
        match bench.end(id) {
            Body::Value(totals) => return totals,
            _ => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
    panic!("the ledger stays locked")
}

#[test]
fn a_request_waits_for_what_others_hold() {
    let mut bench = bench(&budget("limit = '0.001'"));
    let limit = json!({"max_tokens": 500});
    let ids: Vec<i64> =
        (0..4).map(|_| bench.submit_more("slow:100:hello", limit.clone())).collect();
    for id in ids {
        done(&mut bench, id);
    }
}

fn is_alert(body: &Body) -> bool {
    matches!(body, Body::Notice(notice) if notice["kind"] == "alert")
}

#[test]
fn a_threshold_is_told_once() {
    let mut bench = bench(&budget("limit = '0.01'\nwarn = [0.1, 0.2]"));
    for tokens in [500, 1_000, 1_000, 100] {
        let id = bench.submit_more(&format!("usage:{tokens},0,0,0"), json!({"max_tokens": 10}));
        done(&mut bench, id);
    }
    let Body::Notice(alert) = bench.hear(0, is_alert) else { panic!() };
    assert_eq!(alert["budget"], "all, total");
    let told = bench.call("budget.list", json!({"v": 1}));
    assert_eq!(told[0]["spent"], 2_600_000_000_i64);
    // The thresholds may be passed before the first is looked at.
    bench.hear(0, |body| matches!(body, Body::Notice(it) if it["percent"] == 20.0));
    let alerts = bench.heard.iter().filter(|(_, body)| is_alert(body)).count();
    assert!(alerts <= 2, "{alerts}");
}

#[test]
fn how_the_budgets_stand_can_be_asked() {
    let mut bench = bench(&budget("limit = '0.01'"));
    let id = bench.submit("usage:1000,0,0,0");
    done(&mut bench, id);
    let told = bench.call("budget.list", json!({"v": 1}));
    let row = &told[0];
    assert_eq!((&row["name"], &row["on"]), (&json!("all, total"), &json!("global")));
    assert_eq!((&row["unit"], &row["limit"]), (&json!("dollars"), &json!(10_000_000_000_i64)));
    assert_eq!((&row["spent"], &row["held"]), (&json!(1_000_000_000), &json!(0)));
    assert_eq!((&row["until"], &row["default"]), (&Value::Null, &json!(false)));
}

#[test]
fn the_owner_may_let_a_budget_be_passed_for_some_time() {
    let mut bench = bench(&budget("limit = '0.000001'"));
    let ask = |bench: &mut Bench| bench.submit_more("hello", json!({"max_tokens": 10}));
    let id = ask(&mut bench);
    refused(&mut bench, id);
    let more = json!({"v": 1, "budget": "all, total", "extra": "0.01", "minutes": 5});
    assert_eq!(bench.call("budget.allow", more)["limit"], 10_001_000_000_i64);
    let id = ask(&mut bench);
    done(&mut bench, id);
    for wrong in [json!({"budget": "none"}), json!({"extra": "-1"}), json!({"minutes": 0})] {
        let mut more = json!({"v": 1, "budget": "all, total", "extra": "0.01", "minutes": 5});
        more.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        let id = bench.engine.call("budget.allow".into(), more.to_string());
        assert!(matches!(bench.end(id), Body::Error(error) if error["kind"] == "config"));
    }
}

#[test]
fn what_a_request_would_cost_is_told_without_sending_it() {
    let mut bench = bench(&budget("limit = '0.01'"));
    let request = json!({"model": "sw/sim/hello", "max_tokens": 100,
        "messages": [{"role": "user", "content": "x".repeat(4_000)}],
        "llm_switch": {"v": 1, "purpose": "chat"}});
    let told = bench.call("cost.preview", json!({"v": 1, "request": request.to_string()}));
    assert_eq!(told["deployment"], "sim/hello");
    assert_eq!(told["input"], json!({"likely": 1_016, "most": 4_080}));
    assert_eq!(told["output"], json!({"likely": 100, "most": 100}));
    assert_eq!(told["cost"]["likely"], 1_116_000_000_i64);
    assert_eq!(told["budgets"][0]["left"], 10_000_000_000_i64);
    assert_eq!(bench.simulator.received().requests.len(), 0);
}

#[test]
fn what_is_probably_dear_is_asked_about_first() {
    let dear = |threshold: &str| {
        json!({"max_tokens": 500,
            "llm_switch": {"v": 1, "purpose": "chat", "ask-above": threshold}})
    };
    let mut bench = bench(&metered(""));
    let cheap = bench.submit_more("hello", dear("0.01"));
    done(&mut bench, cheap);
    for (answer, passes) in [(json!(true), true), (Value::Null, false)] {
        let id = bench.submit_more("hello", dear("0.000001"));
        let question = bench.hear(id, |body| matches!(body, Body::Question(_)));
        let Body::Question(question) = question else { panic!() };
        assert_eq!(question["kind"], "cost");
        let answer = json!({"v": 1, "question": question["question"], "answer": answer});
        bench.engine.call("question.answer".into(), answer.to_string());
        assert_eq!(matches!(bench.end(id), Body::Done(_)), passes);
    }
}

#[test]
fn a_probe_of_a_route_tells_who_answered_and_keeps_its_cap() {
    let routes = "[account.spare]\nprovider = 'sim'\npayer = 'free'\n\
                  [route.both]\nuse = ['spare/status:500', 'sim/hello']\n";
    let config = format!("payer = 'metered'\n[price.'sim/hello']\nper-million = '1'\n{routes}");
    let mut bench = bench(&config);
    let ask = |most: &str| json!({"v": 1, "route": "both", "n": 5, "max-cost": most});
    let told = bench.call("probe.route", ask("1"));
    assert_eq!(told["answered"][0]["deployment"], "sim/hello");
    assert_eq!(told["answered"][0]["requests"], 5);
    let told = bench.call("probe.route", ask("0"));
    assert_eq!(told["failed"][0]["kind"], "refused");
    let requests = bench.simulator.received().requests;
    let dear = requests.iter().filter(|it| it.model.as_deref() == Some("hello")).count();
    assert_eq!(dear, 5, "none beyond the cap; who fails is not asked each time");
}
