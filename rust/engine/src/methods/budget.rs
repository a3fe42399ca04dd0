//! `budget.*`: how the budgets stand, and more for one of them.

use super::Job;
use crate::ledger::now_ms;
use crate::money::cap;
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_ledger::{Allowance, Cap, Standing};
use llm_switch_types::{Budget, Error, ErrorKind, Limit, Money, Result};
use serde_json::{Value, json};

/// `{}` -> `[{name, on, window, unit, limit, spent, held, from, until, warn,
/// at-limit, default}…]`, in the order of the file. Dollars are pico-dollars,
/// times Unix milliseconds; `until` is null where a window has no end. `limit`
/// has in it what the owner allows on top at present.
///
/// # Errors
/// Those of the configuration and of the ledger.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let now = Timestamp::now();
    let caps: Vec<Cap> = setup.budgets.iter().map(|it| cap(it, now, &setup.time_zone)).collect();
    let ledger = job.core.ledger.get().await?;
    let asked = caps.clone();
    let standings = job.core.tasks.blocking(move || {
        ledger.flush()?;
        ledger.standings(&asked, now.as_millisecond())
    });
    let rows = setup.budgets.iter().zip(&caps).zip(standings.await??);
    Ok(rows.map(|((budget, cap), standing)| row(budget, cap, standing)).collect())
}

fn row(budget: &Budget, cap: &Cap, standing: Standing) -> Value {
    json!({
        "name": budget.name,
        "on": budget.on,
        "window": budget.window.to_string(),
        "unit": budget.limit.unit(),
        "limit": standing.limit,
        "spent": standing.spent,
        "held": standing.held,
        "from": cap.window.start,
        "until": Some(cap.window.end).filter(|end| *end < i64::MAX),
        "warn": budget.warn,
        "at-limit": budget.at_limit,
        "default": budget.is_default(),
    })
}

/// The longest that an allowance can hold: a month.
const LONGEST_MINUTES: i64 = 31 * 24 * 60;

/// `{budget, extra, minutes}` -> `{limit, until}`: lets the budget be passed
/// by `extra` (dollars as text, or a number of tokens or requests) for so many
/// minutes. It is written down, and ends by itself.
///
/// # Errors
/// [`ErrorKind::Config`] for an unknown budget or an amount that is none.
pub(super) async fn allow(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let budget = named(&setup, job.params["budget"].as_str().unwrap_or_default())?;
    let extra = extra(budget.limit, &job.params["extra"])?;
    let minutes = job.params["minutes"].as_i64().filter(|it| (1..=LONGEST_MINUTES).contains(it));
    let minutes = minutes
        .ok_or_else(|| wrong(format!("an allowance holds for 1 to {LONGEST_MINUTES} minutes")))?;
    let made_ms = now_ms();
    let until_ms = made_ms + minutes * 60_000;
    let ledger = job.core.ledger.get().await?;
    ledger.allow(Allowance { budget: budget.name.clone(), extra, made_ms, until_ms });
    let cap = cap(budget, Timestamp::now(), &setup.time_zone);
    let standing = job.core.tasks.blocking(move || {
        ledger.flush()?;
        ledger.standings(&[cap], made_ms)
    });
    let limit = standing.await??.first().map(|standing| standing.limit);
    Ok(json!({"limit": limit, "until": until_ms}))
}

fn named<'a>(setup: &'a Setup, name: &str) -> Result<&'a Budget> {
    let found = setup.budgets.iter().find(|budget| budget.name == name);
    found.ok_or_else(|| wrong(format!("there is no budget {name:?}")))
}

fn extra(limit: Limit, value: &Value) -> Result<i64> {
    let number = match limit {
        Limit::Dollars(_) => {
            value.as_str().and_then(|text| text.parse::<Money>().ok()).map(Money::pico)
        }
        Limit::Tokens(_) | Limit::Requests(_) => value.as_i64(),
    };
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| wrong(format!("{value} is no amount of {}", limit.unit())))
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::Config, what)
}
