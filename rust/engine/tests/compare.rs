//! Votes between answers, and what each of them may cost, through the engine.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};

/// The key of the request in which MODEL has answered.
fn answered(bench: &mut Bench, model: &str) -> i64 {
    let id = bench.submit(model);
    match bench.end(id) {
        Body::Done(known) => known["request"].as_i64().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn ballot(requests: &[i64], won: Option<i64>) -> Value {
    let answers: Vec<Value> = requests
        .iter()
        .zip(["best", "cheap", "sim/hello"])
        .map(|(key, asked)| json!({"request": key, "asked": asked, "deployment": "sim/hello"}))
        .collect();
    json!({"v": 1, "purpose": "chat", "project": "/p", "answers": answers, "won": won})
}

#[test]
fn a_vote_is_summed_up_as_soon_as_it_is_taken() {
    let mut bench = Bench::keyless("");
    let keys = [(); 2].map(|()| answered(&mut bench, "hello"));
    bench.call("compare.vote", ballot(&keys, Some(keys[1])));
    let told = bench.call("compare.votes", json!({"v": 1}));
    let expected = json!([
        {"name": "cheap", "purpose": "chat", "won": 1, "compared": 1, "undecided": 0},
        {"name": "best", "purpose": "chat", "won": 0, "compared": 1, "undecided": 0},
    ]);
    assert_eq!(told, expected);
    bench.call("compare.vote", ballot(&keys, None));
    let told = bench.call("compare.votes", json!({"v": 1, "by": "deployment"}));
    let expected =
        json!([{"name": "sim/hello", "purpose": "chat", "won": 0, "compared": 2, "undecided": 2}]);
    assert_eq!(told, expected);
    assert_eq!(bench.call("compare.votes", json!({"v": 1, "project": "/other"})), json!([]));
}

#[test]
fn a_vote_that_makes_no_sense_is_refused() {
    let mut bench = Bench::keyless("");
    let strange = |change: fn(&mut Value)| {
        let mut ballot = ballot(&[1, 2], Some(1));
        change(&mut ballot);
        ballot
    };
    let ballots = [
        ballot(&[1], Some(1)),
        ballot(&[1, 2], Some(3)),
        strange(|it| it["purpose"] = "fun".into()),
        strange(|it| it["answers"][0]["deployment"] = "nobody".into()),
    ];
    for ballot in ballots {
        let id = bench.engine.call("compare.vote".into(), ballot.to_string());
        assert!(matches!(bench.end(id), Body::Error(error) if error["kind"] == "module"));
    }
    assert_eq!(bench.call("compare.votes", json!({"v": 1})), json!([]));
}

#[test]
fn what_failed_attempts_have_cost_counts_against_the_most_that_a_request_may() {
    let routes = "payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n\
                  [route.both]\nuse = ['sim/served:other', 'sim/hello']\nstrict = true\n";
    let ask = |most: &str| {
        let mut bench = Bench::keyless(routes);
        let text = "x".repeat(4_000);
        let more = json!({"max_tokens": 500, "messages": [{"role": "user", "content": text}],
            "llm_switch": {"v": 1, "purpose": "compare", "max-cost": most}});
        let id = bench.submit_as("sw/both", more);
        let end = bench.end(id);
        let requests = bench.simulator.received().requests;
        (end, requests.into_iter().filter_map(|it| it.model).collect::<Vec<_>>())
    };
    // Whoever is refused for its model is paid all the same.
    let (end, asked) = ask("0.01");
    assert!(matches!(end, Body::Done(known) if known["sent"] == "hello"));
    assert_eq!(asked, ["served:other", "hello"]);
    let (end, asked) = ask("0.005");
    assert!(matches!(end, Body::Error(error) if error["kind"] == "refused"));
    assert_eq!(asked, ["served:other"]);
}

#[test]
fn a_preview_tells_whether_anybody_who_may_be_asked_is_metered() {
    let routes = "payer = 'metered'\n[price.'sim/*']\nper-million = '1'\n\
                  [account.spare]\nprovider = 'sim'\npayer = 'free'\n\
                  [route.both]\nuse = ['spare/hello', 'sim/hello']\n\
                  [route.spare]\nuse = ['spare/hello']\n";
    let mut bench = Bench::keyless(routes);
    for (route, metered) in [("both", true), ("spare", false), ("sim/hello", true)] {
        let request = json!({"model": format!("sw/{route}"), "messages": [],
            "llm_switch": {"v": 1, "purpose": "compare"}});
        let told = bench.call("cost.preview", json!({"v": 1, "request": request.to_string()}));
        assert_eq!(told["metered"], metered, "{route}");
    }
}

#[test]
fn a_preview_tells_what_the_dearest_of_those_who_may_be_asked_can_cost() {
    let routes = "payer = 'metered'\n[price.'sim/hello']\nper-million = '1'\n\
                  [price.'sim/inspect']\nper-million = '100'\n\
                  [account.spare]\nprovider = 'sim'\npayer = 'free'\n\
                  [route.cheap]\nuse = ['sim/hello', 'sim/inspect']\n\
                  [route.dear]\nuse = ['sim/inspect', 'sim/hello']\n\
                  [route.last]\nuse = ['spare/hello', 'sim/inspect']\n\
                  [route.free]\nuse = ['spare/words:4']\n\
                  [route.open]\nuse = ['sim/hello', 'sim/words:3']\n";
    let mut bench = Bench::keyless(routes);
    let mut cost = |route: &str, more: Value| {
        let mut request = json!({"model": format!("sw/{route}"), "messages": [],
            "llm_switch": {"v": 1, "purpose": "compare"}});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let params = json!({"v": 1, "request": request.to_string()});
        bench.call("cost.preview", params)["cost"].clone()
    };
    let limited = json!({"max_tokens": 500});
    let dear = cost("dear", limited.clone());
    assert!(dear["most"].as_i64() >= Some(50_000_000_000), "{dear}");
    for route in ["cheap", "last"] {
        let told = cost(route, limited.clone());
        assert_eq!(told["most"], dear["most"], "{route}");
        assert!(told["likely"].as_i64() < dear["likely"].as_i64(), "{route}: who comes first");
    }
    // How long an answer may be matters only where it is paid for, and nobody
    // can tell where one of them has no price.
    assert_eq!(cost("free", json!({}))["most"], 0);
    assert_eq!(cost("cheap", json!({}))["most"], Value::Null);
    assert_eq!(cost("open", limited)["most"], Value::Null);
}
