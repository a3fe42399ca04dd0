//! Every row of the catalogue can be used or says why not, and every rule for
//! its refusals is reached and means what it says.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_catalog::Catalog;
use llm_switch_net::Headers;
use llm_switch_providers::{Refusal, classify};
use llm_switch_types::{Error, ErrorRule, Provider, Reset};
use serde_json::{Value, json};

/// 2026-11-20T12:00:00Z.
const NOW: i64 = 1_795_176_000_000;
/// The next midnight in California, at UTC, and before a first of the month.
const RESETS: [(Reset, i64); 3] = [
    (Reset::PacificMidnight, 1_795_248_000_000),
    (Reset::UtcMidnight, 1_795_219_200_000),
    (Reset::UtcMonth, 1_796_083_200_000),
];

fn rows() -> Vec<Provider> {
    Catalog::embedded().unwrap().providers().to_vec()
}

fn rules() -> impl Iterator<Item = (Provider, ErrorRule)> {
    rows()
        .into_iter()
        .flat_map(|row| row.errors.clone().into_iter().map(move |rule| (row.clone(), rule)))
}

/// What PROVIDER says when RULE is to match, in the shape of the OpenAI family
/// and in those in which others put their codes.
fn bodies(rule: &ErrorRule) -> Vec<Value> {
    let message = rule.text.as_deref().unwrap_or("It did not work");
    let Some(code) = &rule.code else { return vec![json!({"error": {"message": message}})] };
    vec![
        json!({"error": {"message": message, "type": "error", "code": code}}),
        json!({"type": "error", "error": {"type": code, "message": message}}),
        json!({"error": {"code": 400, "status": "FAILED", "message": message, "details": [{"reason": code}]}}),
        json!({"success": false, "errors": [{"code": code, "message": message}]}),
        json!({"base_resp": {"status_code": code, "status_msg": message}}),
    ]
}

fn told(provider: &Provider, status: u16, body: &Value) -> Error {
    let body = body.to_string();
    let refusal = Refusal { status, headers: &Headers::default(), body: body.as_bytes(), now: NOW };
    classify(provider, refusal)
}

#[test]
fn all_that_the_facts_name_is_there() {
    assert!(rows().len() >= 47, "{} providers", rows().len());
    assert!(rules().count() >= 105, "{} rules", rules().count());
}

#[test]
fn every_rule_means_what_it_says() {
    for (provider, rule) in rules() {
        // 418 has no meaning of its own that a rule without status could lean on.
        let status = rule.status.unwrap_or(418);
        for body in bodies(&rule) {
            let error = told(&provider, status, &body);
            let place = format!("{}: {status} {body}", provider.name);
            assert_eq!(error.kind, rule.kind, "{place}");
            assert_eq!(error.retry_after, rule.wait, "{place}");
            assert!(rule.advice.is_none() || error.advice == rule.advice, "{place}");
            let reset = RESETS.into_iter().find(|(reset, _)| rule.resets == Some(*reset));
            assert_eq!(error.resets_at, reset.map(|(_, at)| at), "{place}");
        }
    }
}

#[test]
fn no_rule_stands_in_the_shadow_of_another() {
    for row in rows() {
        for (at, rule) in row.errors.iter().enumerate() {
            let above = row.errors[..at].iter().find(|above| above.shadows(rule));
            assert_eq!(above, None, "{}: it hides {rule:?}", row.name);
        }
    }
}

#[test]
fn every_rule_asks_for_something() {
    for (provider, rule) in rules() {
        let conditions = [rule.status.is_some(), rule.code.is_some(), rule.text.is_some()];
        assert!(conditions.contains(&true), "{}: {rule:?} matches everything", provider.name);
    }
}
