//! `probe.route`: who answers what a route is asked?

use super::Job;
use super::probe::question;
use crate::answer::{self, Known};
use crate::intake::Asked;
use futures_util::stream::{self, StreamExt};
use llm_switch_types::{Error, ErrorKind, Money, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The most requests that a probe sends, and how many of them at once.
const MOST: u64 = 1_000;
const AT_ONCE: usize = 4;

/// `{route, n, max-cost}` -> `{route, asked, answered: [{deployment, requests,
/// cost, median-ms}…], failed: [{kind, message, requests}…]}`, the busiest
/// first. `max-cost` is dollars as text, for all of them together; `cost` is
/// pico-dollars, null where one of them has no price.
///
/// # Errors
/// [`ErrorKind::Config`] for an unknown route or a number that is none.
pub(super) async fn run(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let route = job.params["route"].as_str().unwrap_or_default().to_owned();
    setup.route(&route)?;
    let count = job.params["n"].as_u64().filter(|n| (1..=MOST).contains(n)).ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("a probe sends 1 to {MOST} requests"))
    })?;
    let each = share(&job.params["max-cost"], count)?;
    let one = |_| answer::ask(&job.core, job.id, question(Asked::Route(route.clone()), each));
    let ends: Vec<End> = stream::iter(0..count).map(one).buffer_unordered(AT_ONCE).collect().await;
    Ok(
        json!({"route": route, "asked": count, "answered": answered(&ends), "failed": failed(&ends)}),
    )
}

type End = std::result::Result<Known, (Error, Known)>;

/// What each of COUNT requests may cost, so that all of them stay below TOTAL.
fn share(total: &Value, count: u64) -> Result<Option<Money>> {
    let Some(total) = total.as_str() else { return Ok(None) };
    let total: Money = total.parse().map_err(|e: llm_switch_types::InvalidMoney| {
        Error::new(ErrorKind::Config, e.to_string())
    })?;
    let each = total.pico() / i64::try_from(count).unwrap_or(i64::MAX);
    Ok(Some(Money::from_pico(each)))
}

fn answered(ends: &[End]) -> Value {
    let mut by_deployment: BTreeMap<String, Vec<&Known>> = BTreeMap::new();
    for known in ends.iter().flatten() {
        let name = |key: &str| known[key].as_str().unwrap_or_default().to_owned();
        let deployment = format!("{}/{}", name("account"), name("sent"));
        by_deployment.entry(deployment).or_default().push(known);
    }
    let mut rows: Vec<_> = by_deployment.into_iter().collect();
    rows.sort_by_key(|(_, answers)| std::cmp::Reverse(answers.len()));
    rows.into_iter().map(|(deployment, answers)| row(&deployment, &answers)).collect()
}

fn row(deployment: &str, answers: &[&Known]) -> Value {
    let costs = answers.iter().map(|known| known["cost"]["amount"].as_i64());
    let mut times: Vec<i64> = answers.iter().filter_map(|it| it["total-ms"].as_i64()).collect();
    times.sort_unstable();
    json!({
        "deployment": deployment,
        "requests": answers.len(),
        "cost": costs.sum::<Option<i64>>(),
        "median-ms": times.get(times.len() / 2),
    })
}

fn failed(ends: &[End]) -> Value {
    let mut by_words: BTreeMap<(&str, String), u64> = BTreeMap::new();
    for (error, _) in ends.iter().filter_map(|end| end.as_ref().err()) {
        *by_words.entry((error.kind.name(), error.to_string())).or_default() += 1;
    }
    let mut rows: Vec<_> = by_words.into_iter().collect();
    rows.sort_by_key(|(_, requests)| std::cmp::Reverse(*requests));
    let row = |((kind, message), requests)| json!({"kind": kind, "message": message, "requests": requests});
    rows.into_iter().map(row).collect()
}
