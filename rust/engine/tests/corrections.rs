//! What is refused is asked again in other words, a bounded number of times.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::{Bench, KEYED};
use llm_switch_engine::Body;
use llm_switch_types::Dialect;
use serde_json::{Value, json};

/// How a question to MODEL in DIALECT ends that sets MORE, and how many
/// attempts were made.
fn ask(dialect: Dialect, model: &str, more: Value) -> (Body, usize) {
    let mut bench = Bench::speaking(dialect, KEYED);
    let id = bench.submit_more(model, more);
    let end = bench.end_with_key(id, "right".into());
    let attempts = bench.simulator.received().requests.len();
    (end, attempts)
}

fn remarks(end: &Body) -> Vec<String> {
    let Body::Done(known) = end else { panic!("{end:?}") };
    serde_json::from_value(known["remarks"].clone()).unwrap()
}

#[test]
fn two_parameters_that_are_refused_one_after_the_other_are_both_left_out() {
    let set = json!({"temperature": 0.5, "top_p": 0.5});
    let (end, attempts) = ask(Dialect::OpenaiChat, "refuses:temperature,top_p", set);
    assert_eq!(attempts, 3);
    let remarks = remarks(&end);
    assert!(remarks[0].contains("temperature") && remarks[1].contains("top_p"), "{remarks:?}");
}

#[test]
fn a_service_that_goes_on_refusing_is_not_asked_for_ever() {
    let set = json!({"temperature": 0.5, "top_p": 0.5, "seed": 1});
    let (end, attempts) = ask(Dialect::OpenaiChat, "refuses:temperature,top_p,seed", set);
    let Body::Error(error) = end else { panic!("{end:?}") };
    assert_eq!((attempts, &error["kind"]), (3, &json!("bad-request")));
}

#[test]
fn a_model_that_takes_neither_effort_nor_thinking_is_asked_without_both() {
    let set = json!({"reasoning_effort": "high"});
    let model = "refuses:output_config.effort,thinking";
    let (end, attempts) = ask(Dialect::Anthropic, model, set);
    assert_eq!((attempts, remarks(&end).len()), (3, 2));
}

/// A conversation in DIALECT whose one answer had OPAQUE in it.
fn conversation(dialect: Dialect, opaque: Value) -> Value {
    let seal =
        json!({"account": "sim", "dialect": dialect.name(), "model": "echo", "fields": opaque});
    json!({"messages": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello", "llm_switch": seal.to_string()},
        {"role": "user", "content": "Go on"}]})
}

#[test]
fn reasoning_that_a_service_does_not_take_back_is_left_out_once_and_told() {
    let table = [
        (
            Dialect::OpenaiResponses,
            json!([{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "old"},
                   {"type": "message", "id": "msg_1", "role": "assistant"}]),
        ),
        (
            Dialect::Anthropic,
            json!({"content": [{"type": "thinking", "thinking": "Hm.", "signature": "old"},
                               {"type": "text", "text": "Hello"}]}),
        ),
    ];
    for (dialect, opaque) in table {
        let (end, attempts) = ask(dialect, "echo", conversation(dialect, opaque));
        let remarks = remarks(&end);
        assert_eq!((attempts, remarks.len()), (2, 1), "{dialect:?}");
        assert!(remarks[0].contains("earlier reasoning"), "{remarks:?}");
    }
}
