//! Another answers in the place of one that cannot, and the user is told.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A route "both" of MODELS, at a free account and a metered one, with MORE.
fn bench(models: [&str; 2], more: &str) -> Bench {
    let [first, second] = models;
    Bench::keyless_with_url(|url| {
        format!(
            "[provider.first]\nbase-url = '{url}'\n\
             [provider.paid]\nbase-url = '{url}'\npayer = 'metered'\n\
             [price.'paid/*']\ninput = '1'\noutput = '2'\n\
             [route.both]\nuse = ['first/{first}', 'paid/{second}']\n{more}"
        )
    })
}

fn end(bench: &mut Bench, name: &str, more: Value) -> (i64, Body) {
    let id = bench.submit_as(name, more);
    (id, bench.end(id))
}

fn fallbacks(bench: &Bench, id: i64) -> Vec<Value> {
    let told = bench.heard.iter().filter_map(|(of, body)| match body {
        Body::Fallback(told) if *of == id => Some(told.clone()),
        _ => None,
    });
    told.collect()
}

#[test]
fn a_fallback_is_told_with_both_and_their_prices_before_the_answer() {
    let mut bench = bench(["status:503", "hello"], "");
    let (id, body) = end(&mut bench, "sw/both", json!({}));
    assert!(matches!(body, Body::Done(_)), "{body:?}");
    let [told] = fallbacks(&bench, id).try_into().unwrap();
    assert_eq!((&told["from"], &told["to"]), (&json!("first/status:503"), &json!("paid/hello")));
    assert_eq!((&told["failure"], &told["asked"]), (&json!("overloaded"), &json!(true)));
    assert_eq!(told["from-price"], json!({"input": "0", "output": "0"}));
    assert_eq!(told["to-price"], json!({"input": "1", "output": "2"}));
    let place = |wanted: fn(&Body) -> bool| bench.heard.iter().position(|(_, it)| wanted(it));
    assert!(place(|it| matches!(it, Body::Fallback(_))) < place(|it| matches!(it, Body::Text(_))));
}

#[test]
fn who_is_passed_over_without_being_asked_is_told_too() {
    let mut bench = bench(["status:503", "hello"], "");
    end(&mut bench, "sw/both", json!({}));
    let (id, _) = end(&mut bench, "sw/both", json!({}));
    let [told] = fallbacks(&bench, id).try_into().unwrap();
    assert_eq!((&told["asked"], &told["failure"]), (&json!(false), &json!("overloaded")));
    assert!(told["reason"].as_str().unwrap().contains("it is out (cooling)"), "{told}");
}

/// It measures as well: `cargo test -p llm-switch-engine --test fallback dead -- --nocapture`.
#[test]
fn a_dead_deployment_holds_up_the_first_request_and_no_other() {
    let mut bench = bench(["status:503", "hello"], "");
    let (_, body) = end(&mut bench, "sw/both", json!({}));
    let answered = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!(matches!(body, Body::Done(_)), "{body:?}");
    let failed = bench.simulator.received().requests[0].ended_ms.unwrap();
    println!("answered {} ms after the error", answered - failed);
    // A tenth of that is what `make day` demands, where nothing else runs.
    assert!(answered - failed < 1_000, "answered {} ms after the error", answered - failed);
    for _ in 0..10 {
        let (_, body) = end(&mut bench, "sw/both", json!({}));
        let Body::Done(known) = body else { panic!("{body:?}") };
        assert_eq!(known["sent"], "hello");
    }
    let requests = bench.simulator.received().requests;
    let dead = requests.iter().filter(|it| it.model.as_deref() == Some("status:503"));
    assert_eq!((dead.count(), requests.len()), (1, 12));
}

#[test]
fn what_a_filter_withholds_goes_on_only_where_the_route_says_so() {
    for (more, answered) in [("", false), ("on-content-filter = true\n", true)] {
        let mut bench = bench(["error:filter", "hello"], more);
        let (_, body) = end(&mut bench, "sw/both", json!({}));
        assert_eq!(matches!(body, Body::Done(_)), answered, "{body:?}");
    }
}

#[test]
fn a_conversation_that_is_too_long_for_one_goes_to_the_next() {
    let mut bench = bench(["error:context", "hello"], "");
    let (_, body) = end(&mut bench, "sw/both", json!({}));
    assert!(matches!(body, Body::Done(_)), "{body:?}");
    let rows = bench.call("health.list", json!({"v": 1}));
    assert!(rows.as_array().unwrap().iter().all(|row| row["state"] == "healthy"), "{rows}");
}

#[test]
fn where_nobody_else_can_answer_it_is_asked_again_after_a_pause() {
    let mut bench = bench(["hello", "hello"], "");
    for (retries, asked) in [(json!(null), 3), (json!(0), 1)] {
        bench.simulator.reset();
        let switch = json!({"v": 1, "purpose": "chat", "retries": retries});
        let (_, body) = end(&mut bench, "sw/first/status:503", json!({"llm_switch": switch}));
        let Body::Error(error) = body else { panic!("{body:?}") };
        assert_eq!(error["kind"], "overloaded");
        assert_eq!(bench.simulator.received().requests.len(), asked);
    }
}

#[test]
fn what_was_seen_stays_and_can_be_gone_on_with() {
    let mut bench = bench(["midstream:openai", "echo"], "");
    let (id, body) = end(&mut bench, "sw/both", json!({}));
    let Body::Error(error) = body else { panic!("{body:?}") };
    assert_eq!(error["can-continue"], true, "{error}");
    assert!(fallbacks(&bench, id).is_empty());
    let so_far = text(&bench, id);
    let switch = json!({"v": 1, "purpose": "chat", "continue": {"text": so_far}});
    let (id, body) = end(&mut bench, "sw/both", json!({"llm_switch": switch}));
    let Body::Done(known) = body else { panic!("{body:?}") };
    assert_eq!(known["sent"], "echo", "who broke off is out");
    assert!(text(&bench, id).contains("Continue exactly"));
}

/// The text that was heard of the request ID.
fn text(bench: &Bench, id: i64) -> String {
    let pieces = bench.heard.iter().filter_map(|(of, body)| match body {
        Body::Text(text) if *of == id => Some(text.as_str()),
        _ => None,
    });
    pieces.collect()
}

#[test]
fn who_broke_off_is_the_last_that_is_asked_to_go_on() {
    let mut bench = bench(["words:1", "words:2"], "");
    let so_far = json!({"text": "one", "from": "first/words:1"});
    let switch = json!({"v": 1, "purpose": "chat", "continue": so_far});
    let (_, body) = end(&mut bench, "sw/both", json!({"llm_switch": switch}));
    let Body::Done(known) = body else { panic!("{body:?}") };
    assert_eq!(known["sent"], "words:2", "although the other is up");
    let (_, body) = end(&mut bench, "sw/first/words:1", json!({"llm_switch": switch}));
    let Body::Done(known) = body else { panic!("{body:?}") };
    assert_eq!(known["sent"], "words:1", "there is nobody else");
}

#[test]
fn an_answer_that_fails_before_a_word_cannot_be_gone_on_with() {
    let mut bench = bench(["status:400", "hello"], "");
    let (_, body) = end(&mut bench, "sw/both", json!({}));
    let Body::Error(error) = body else { panic!("{body:?}") };
    assert!(error["can-continue"].is_null(), "{error}");
}

#[test]
fn another_model_than_was_asked_is_marked_or_where_that_is_wanted_refused() {
    let mut bench = bench(["served:another-model", "hello"], "");
    let (_, body) = end(&mut bench, "sw/both", json!({}));
    let Body::Done(known) = body else { panic!("{body:?}") };
    assert_eq!((&known["served"], &known["substituted"]), (&json!("another-model"), &json!(true)));
    let strict = json!({"llm_switch": {"v": 1, "purpose": "chat", "strict": true}});
    let (id, body) = end(&mut bench, "sw/both", strict);
    let Body::Done(known) = body else { panic!("{body:?}") };
    assert_eq!((&known["sent"], &known["substituted"]), (&json!("hello"), &json!(false)));
    assert_eq!(fallbacks(&bench, id)[0]["failure"], "refused");
}

#[test]
fn a_route_may_be_strict_for_all_who_ask_it() {
    let mut bench = bench(["served:another-model", "served:other"], "strict = true\n");
    let (_, body) = end(&mut bench, "sw/both", json!({}));
    let Body::Error(error) = body else { panic!("{body:?}") };
    assert_eq!(error["kind"], "refused");
    assert!(error["message"].as_str().unwrap().contains("answered in the place of"), "{error}");
}

#[test]
fn who_is_silent_for_too_long_is_left_for_the_next() {
    let mut bench = bench(["slow:60000:hello", "hello"], "first-token-within = 1\n");
    let (id, body) = end(&mut bench, "sw/both", json!({}));
    assert!(matches!(body, Body::Done(_)), "{body:?}");
    let [told] = fallbacks(&bench, id).try_into().unwrap();
    assert_eq!(told["failure"], "network");
    assert!(told["reason"].as_str().unwrap().contains("within 1 s"), "{told}");
}

#[test]
fn an_answer_that_has_begun_may_take_its_time() {
    let mut bench = bench(["drip:150:words:12", "hello"], "first-token-within = 1\n");
    let (id, body) = end(&mut bench, "sw/both", json!({}));
    assert!(matches!(body, Body::Done(_)), "{body:?}");
    assert!(fallbacks(&bench, id).is_empty());
}

#[test]
fn who_serves_another_model_is_not_paid_for_it_again() {
    let mut bench = bench(["served:another-model", "hello"], "strict = true\n");
    for _ in 0..2 {
        let (_, body) = end(&mut bench, "sw/both", json!({}));
        assert!(matches!(body, Body::Done(_)), "{body:?}");
    }
    assert_eq!(bench.simulator.received().requests.len(), 3);
    let rows = bench.call("health.list", json!({"v": 1}));
    let row = rows.as_array().unwrap().iter().find(|it| it["state"] == "cooling").unwrap();
    assert!(row["reason"].as_str().unwrap().contains("in the place of"), "{row}");
}

#[test]
fn who_is_left_while_it_may_still_work_is_billed_what_was_sent() {
    let mut bench = Bench::keyless_with_url(|url| {
        format!(
            "[provider.paid]\nbase-url = '{url}'\npayer = 'metered'\n\
             [price.'paid/*']\ninput = '1'\noutput = '2'\n\
             [route.both]\nuse = ['paid/slow:60000:hello', 'paid/hello']\nfirst-token-within = 1\n"
        )
    });
    let (_, body) = end(&mut bench, "sw/both", json!({}));
    let Body::Done(known) = body else { panic!("{body:?}") };
    let report = bench.call("spend.report", json!({"v": 1, "by": ["model"], "span": "day"}));
    let rows = report["rows"].as_array().unwrap();
    let slow = rows.iter().find(|it| it["names"][0] == "slow:60000:hello").unwrap();
    assert!(slow["cost"].as_i64() > Some(0), "{slow}");
    let all: i64 = rows.iter().filter_map(|row| row["cost"].as_i64()).sum();
    assert_eq!(known["request-cost"], all, "what it cost in all is told with the answer");
}
