//! What is supposed, in words.

use super::candidate::{Candidate, Way};
use super::run::Done;
use serde_json::Value;

/// By how much the tokens of the same text can differ, in percent. Measured on
/// English and on technical text between two tokenizers of one service, in
/// April 2026 (https://sol.ava.dev/writings/2026-04-17-opus-4-7-tokenizer.html:
/// up to 1.46; Claude Code Camp: 1.47, where the service says up to 1.35).
const TOKENIZERS: u64 = 47;

fn always() -> Vec<String> {
    vec![
        format!(
            "The same tokens everywhere; tokenizers differ by up to {TOKENIZERS}% for one text."
        ),
        "What a model can do is not compared, nor how long its answers would have been.".into(),
    ]
}

/// Those of a run of CANDIDATES over what was DONE; ALL if not only metered
/// use was looked at; HITS as the method tells them.
pub(super) fn of_run(
    candidates: &[Candidate],
    done: &Done,
    all: bool,
    hits: Option<&Value>,
) -> Vec<String> {
    let mut texts = always();
    let scope = if all {
        "All use is looked at, what was free or under a plan too."
    } else {
        "Only metered use is looked at; what was free or under a plan stays so."
    };
    texts.push(scope.into());
    texts.extend(hits.map(cache));
    texts.extend(left_out(candidates));
    if done.unknown > 0 {
        let many = several(done.unknown, "attempt");
        texts.push(format!("{many} cost an amount that is not known: not in what was paid."));
    }
    texts.extend(of_plans(candidates));
    texts
}

/// Those of the calculator, for CANDIDATES without a history.
pub(super) fn of_hour(candidates: &[Candidate]) -> Vec<String> {
    let mut texts = always();
    texts.push("The hour is made up: see what it consists of. Yours will differ.".into());
    texts.extend(of_plans(candidates));
    texts
}

fn cache(hits: &Value) -> String {
    let (read, input) = (hits["read"].as_u64().unwrap_or(0), hits["input"].as_u64().unwrap_or(0));
    let percent = u128::from(read) * 100 / u128::from(input.max(1));
    let route = hits["route"].as_str().unwrap_or("what was asked without a route");
    format!("Cache on: {percent}% of all input is read from a cache, as of {route}, the dearest.")
}

fn left_out(candidates: &[Candidate]) -> Option<String> {
    let too_small: Vec<_> = candidates.iter().filter(|it| it.too_large() > 0).collect();
    let most = too_small.iter().map(|it| it.too_large()).max()?;
    let models = several(too_small.len() as u64, "model");
    let verb = if too_small.len() == 1 { "has" } else { "have" };
    Some(format!(
        "{models} {verb} too small a context for up to {}; such ones stay where they were.",
        several(most, "attempt")
    ))
}

fn of_plans(candidates: &[Candidate]) -> Vec<String> {
    let plans = || {
        candidates.iter().filter_map(|it| match it.way() {
            Way::Plan(plan, _) => Some(plan),
            _ => None,
        })
    };
    let mut texts = Vec::new();
    if plans().next().is_some() {
        texts.push("A plan is paid by the whole month, and once for all.".into());
    }
    if plans().any(|plan| !plan.is_limited()) {
        texts.push("A plan whose limits are not known is supposed to cover everything.".into());
    }
    for plan in plans().filter_map(|it| it.plan).filter(|plan| !plan.api) {
        let title = plan.title();
        texts.push(format!("{title} pays only for its service's own programs, not for this one."));
    }
    let own: Vec<_> = plans().filter_map(|it| it.plan).map(|plan| plan.title()).collect();
    if !own.is_empty() {
        let own = own.join(", ");
        texts.push(format!("You pay for {own} already: that price would not come on top."));
    }
    texts
}

fn several(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
