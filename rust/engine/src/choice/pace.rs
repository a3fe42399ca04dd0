//! How fast deployments answer.

use llm_switch_types::Deployment;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;

/// How fast deployments answered of late, in this session and before it.
#[derive(Default)]
pub(crate) struct Paces(Mutex<HashMap<Deployment, Pace>>);

/// How fast one deployment answers. Milliseconds and tokens need no exact
/// arithmetic: nothing is billed by them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Pace {
    /// Milliseconds to the first visible piece.
    first: f64,
    /// Milliseconds for each token after it.
    each: f64,
    /// How many answers that is from.
    answers: u32,
}

/// How much the newest answer counts: about the last six make the figure.
const NEWEST: f64 = 0.3;

/// Answers after which a deployment has a past to be compared with.
const PAST: u32 = 5;

/// What is so many times slower than its own past is worth a word, if the
/// user can feel it.
const FAR: f64 = 3.0;
const FELT_MS: f64 = 1_000.0;

/// Shorter answers do not tell how fast tokens come.
const TELLING: u64 = 20;

impl Pace {
    fn add(&mut self, first: f64, each: Option<f64>) {
        let mix = |old: f64, new: f64| old + (new - old) * NEWEST;
        let is_first = self.answers == 0;
        self.first = if is_first { first } else { mix(self.first, first) };
        if let Some(each) = each {
            self.each = if self.each == 0.0 { each } else { mix(self.each, each) };
        }
        self.answers += 1;
    }

    fn milliseconds(&self, output: u64) -> f64 {
        self.first + self.each * output as f64
    }
}

impl Paces {
    /// DEPLOYMENT has answered: the first piece after FIRST_MS, all OUTPUT
    /// tokens after TOTAL_MS. Where that is far slower than its own past:
    /// `first-token-ms` and `usual-first-token-ms`, or `ms-per-token` and
    /// `usual-ms-per-token`.
    pub(crate) fn note(
        &self,
        deployment: &Deployment,
        first_ms: i64,
        total_ms: i64,
        output: u64,
    ) -> Option<Value> {
        let first = first_ms.max(0) as f64;
        let rest = (total_ms - first_ms).max(0) as f64;
        let each = (output >= TELLING).then(|| rest / output as f64);
        let mut all = self.0.lock();
        let pace = all.entry(deployment.clone()).or_default();
        let slow = slow(pace, first, each, output);
        pace.add(first, each);
        slow
    }

    /// How fast DEPLOYMENT answered of late: `first-token-ms`, and
    /// `tokens-per-second` or null; `None` where it never answered.
    pub(crate) fn told(&self, deployment: &Deployment) -> Option<Value> {
        let pace = *self.0.lock().get(deployment)?;
        let speed = (pace.each > 0.0).then(|| (1_000.0 / pace.each).round() as i64);
        Some(json!({"first-token-ms": pace.first.round() as i64, "tokens-per-second": speed}))
    }

    /// How long DEPLOYMENT probably takes for OUTPUT tokens, in milliseconds;
    /// `None` where it never answered.
    pub(crate) fn expected_ms(&self, deployment: &Deployment, output: u64) -> Option<f64> {
        self.0.lock().get(deployment).map(|pace| pace.milliseconds(output))
    }
}

fn slow(past: &Pace, first: f64, each: Option<f64>, output: u64) -> Option<Value> {
    let is_far = |new: f64, old: f64, count: f64| new > old * FAR && (new - old) * count > FELT_MS;
    if past.answers < PAST {
        return None;
    }
    if is_far(first, past.first, 1.0) {
        return Some(json!({
            "first-token-ms": first as i64, "usual-first-token-ms": past.first as i64
        }));
    }
    let each = each.filter(|each| past.each > 0.0 && is_far(*each, past.each, output as f64))?;
    Some(json!({"ms-per-token": each.ceil() as i64, "usual-ms-per-token": past.each.ceil() as i64}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn it() -> Deployment {
        "a/b".parse().unwrap()
    }

    #[test]
    fn what_was_seen_of_late_is_expected() {
        let paces = Paces::default();
        assert_eq!(paces.expected_ms(&it(), 100), None);
        paces.note(&it(), 100, 1_100, 100);
        assert_eq!(paces.expected_ms(&it(), 50), Some(600.0));
        (0..50).for_each(|_| drop(paces.note(&it(), 200, 2_200, 100)));
        let expected = paces.expected_ms(&it(), 100).unwrap();
        assert!((2_190.0..=2_200.0).contains(&expected), "{expected}");
    }

    #[test]
    fn the_pace_is_told_in_milliseconds_and_tokens_a_second() {
        let paces = Paces::default();
        assert_eq!(paces.told(&it()), None);
        paces.note(&it(), 100, 200, 1);
        let expected = json!({"first-token-ms": 100, "tokens-per-second": null});
        assert_eq!(paces.told(&it()), Some(expected));
        paces.note(&it(), 100, 2_100, 100);
        assert_eq!(paces.told(&it()).unwrap()["tokens-per-second"], 50);
    }

    #[test]
    fn what_falls_far_below_its_own_past_is_told() {
        let paces = Paces::default();
        let usual = || paces.note(&it(), 100, 1_100, 100);
        assert!((0..5).all(|_| usual().is_none()));
        let late = paces.note(&it(), 5_000, 6_000, 100).unwrap();
        assert_eq!(
            (&late["first-token-ms"], &late["usual-first-token-ms"]),
            (&json!(5_000), &json!(100))
        );
        (0..60).for_each(|_| drop(usual()));
        let sluggish = paces.note(&it(), 100, 10_100, 100).unwrap();
        assert_eq!(
            (&sluggish["ms-per-token"], &sluggish["usual-ms-per-token"]),
            (&json!(100), &json!(10))
        );
    }

    #[test]
    fn what_nobody_feels_is_not_told() {
        let paces = Paces::default();
        assert!((0..5).all(|_| paces.note(&it(), 10, 20, 1).is_none()));
        assert_eq!(paces.note(&it(), 90, 100, 1), None);
    }
}
