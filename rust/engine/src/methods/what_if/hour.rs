//! `what_if.hour`: the calculator for somebody without history.

use super::caching::Caching;
use super::candidate::Candidate;
use super::level::Level;
use super::{assumptions, choice};
use crate::ledger::now_ms;
use crate::methods::Job;
use crate::methods::spend::{fields, wrong};
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_catalog::Circumstances;
use llm_switch_types::{Money, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Deserialize)]
struct Written {
    level: Level,
    hours: u64,
    candidates: Option<Vec<String>>,
    #[serde(default)]
    also: Vec<String>,
    now: Option<i64>,
}

/// A month of 31 days has no more.
const MOST_HOURS: u64 = 744;

/// `{level, hours, candidates?, also?}` -> `{level, hours, requests, usage,
/// rows, assumptions}`: what so many hours a month at a level, "typical",
/// "heavy" or "very-heavy", would cost a month, the cheapest first.
///
/// `requests` is of one hour, `usage` of one of these requests. Candidates as
/// of `what_if.run`; a row has `candidate`, `title`, `kind` and `total`, which
/// is null where the model cannot take such a request.
///
/// # Errors
/// For a level or a candidate that is not known, and for more hours than a
/// month has; those of the configuration.
pub(in crate::methods) async fn hour(job: Job) -> Result<Value> {
    let written: Written = fields(&job.params)?;
    if !(1..=MOST_HOURS).contains(&written.hours) {
        return Err(wrong(format!("a month has 1 to {MOST_HOURS} hours")));
    }
    let setup = job.core.setup().await?;
    job.core.tasks.blocking(move || tell(&setup, &written)).await?
}

fn tell(setup: &Setup, written: &Written) -> Result<Value> {
    let Written { level, hours, .. } = *written;
    let at = noon(setup, written.now.unwrap_or_else(now_ms));
    let names = match &written.candidates {
        Some(names) => names.clone(),
        None => choice::usual(setup, &BTreeSet::new(), setup.time_zone.to_datetime(at).date()),
    };
    let mut seen = BTreeSet::new();
    let names = names.iter().chain(&written.also).filter(|name| seen.insert(*name));
    let candidates: Result<Vec<_>> =
        names.map(|name| choice::named(setup, name, Caching::AsItWas, 1)).collect();
    let candidates = candidates?;
    let mut rows: Vec<_> =
        candidates.iter().map(|it| (monthly(it, level, hours, at), it)).collect();
    // What cannot be done at all comes last.
    rows.sort_by_key(|(total, it)| (total.is_none(), *total, it.name.clone()));
    Ok(json!({
        "level": level.name(),
        "hours": hours,
        "requests": level.requests(),
        "usage": level.request(),
        "rows": rows.iter().map(|(total, it)| row(it, *total)).collect::<Vec<_>>(),
        "assumptions": assumptions::of_hour(&candidates),
    }))
}

/// What a month of HOURS at LEVEL costs at CANDIDATE.
fn monthly(candidate: &Candidate, level: Level, hours: u64, at: Timestamp) -> Option<Money> {
    let circumstances = Circumstances { at, service_tier: None, duration: Duration::ZERO };
    let one = candidate.price_of(&level.request(), &circumstances)?;
    Some(one.times(level.requests().saturating_mul(hours)).saturating_add(candidate.total()))
}

fn row(candidate: &Candidate, total: Option<Money>) -> Value {
    let mut row = candidate.told(Money::ZERO);
    row["total"] = json!(total);
    row
}

/// Noon of the day of NOW: at night some services cost less.
fn noon(setup: &Setup, now: i64) -> Timestamp {
    let now = Timestamp::from_millisecond(now).unwrap_or_default();
    let date = setup.time_zone.to_datetime(now).date();
    setup.time_zone.to_timestamp(date.at(12, 0, 0, 0)).unwrap_or(now)
}
