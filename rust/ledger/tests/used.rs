//! Which models have been used.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{NewAttempt, UsedModel};
use llm_switch_types::Payer;

#[test]
fn every_model_is_told_once_with_its_calls_on_all_days() {
    let (_folder, path) = place();
    let ledger = open(&path);
    for (day, model) in [(0, "gpt-5"), (1, "gpt-5"), (1, "gpt-5-mini"), (9, "gpt-5")] {
        let asked = ledger.begin_request(request(day * 86_400_000));
        let new = attempt(day * 86_400_000, Payer::Metered);
        let tried = ledger.begin_attempt(asked, NewAttempt { sent_model: model.into(), ..new });
        ledger.end_attempt(tried, end(day * 86_400_000 + 1, computed(5)));
    }
    // It has not ended: nobody knows yet what it used.
    begin(&ledger, 10, Payer::Metered);
    ledger.flush().unwrap();
    let used = |model: &str, attempts| UsedModel {
        provider: "openai".into(),
        model: model.into(),
        attempts,
    };
    assert_eq!(ledger.used_models().unwrap(), [used("gpt-5", 3), used("gpt-5-mini", 1)]);
}
