//! `spend.requests`: the requests behind a sum.

use super::ask::{Ask, fields};
use crate::methods::Job;
use llm_switch_catalog::is_same_model;
use llm_switch_ledger::{AttemptRow, Ledger, RequestOrder, RequestQuery, RequestRow};
use llm_switch_types::{Basis, Money, Result, Usage};
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::Range;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Written {
    sort: Option<RequestOrder>,
    ascending: Option<bool>,
    offset: Option<u64>,
    limit: Option<u64>,
    substituted: Option<bool>,
}

const USUAL_LIMIT: u64 = 100;
const MOST: u64 = 10_000;

/// When, and `{sort?, ascending?, offset?, limit?, substituted?}` ->
/// `{from, to, more, rows}`.
///
/// `sort` is "started", which is usual, "duration", "cost", "input" or
/// "output". With `substituted` only those come of which another model
/// answered than was asked. `more` says that others follow. A filter lets a
/// request through when one of its attempts passes, so the sum that it was
/// drilled from may count attempts of requests that began before the span.
///
/// # Errors
/// Those of the ledger.
pub(crate) async fn requests(job: Job) -> Result<Value> {
    let ask = Ask::of(&job).await?;
    let written: Written = fields(&job.params)?;
    let ledger = job.core.ledger.get().await?;
    let read = job.core.tasks.blocking(move || {
        ledger.flush()?;
        let limit = written.limit.unwrap_or(USUAL_LIMIT).min(MOST);
        let mut rows = ledger.requests(&written.query(&ledger, &ask, limit + 1)?)?;
        let more = rows.len() as u64 > limit;
        rows.truncate(limit as usize);
        let rows: Vec<_> = rows.iter().map(told).collect();
        Ok(json!({"from": ask.span.start, "to": ask.span.end, "more": more, "rows": rows}))
    });
    read.await?
}

impl Written {
    fn query(&self, ledger: &Ledger, ask: &Ask, limit: u64) -> Result<RequestQuery> {
        let substituted = self.substituted == Some(true);
        Ok(RequestQuery {
            span: ask.span.clone(),
            filter: ask.filter.clone(),
            served: substituted.then(|| pairs(ledger, ask.span.clone())).transpose()?,
            order: self.sort.unwrap_or_default(),
            descending: self.ascending != Some(true),
            offset: self.offset.unwrap_or(0),
            limit,
        })
    }
}

/// The models that were sent and the other ones that were served instead, of
/// requests that began in SPAN. The last attempt may begin an hour later.
fn pairs(ledger: &Ledger, span: Range<i64>) -> Result<Vec<(String, String)>> {
    const HOUR: i64 = 3_600_000;
    let pairs = ledger.served(span.start..span.end.saturating_add(HOUR))?.into_iter();
    Ok(pairs
        .filter(|it| !is_same_model(&it.sent, &it.served))
        .map(|it| (it.sent, it.served))
        .collect())
}

/// ROW as one line of a list: its attempts summed, and whom the last one asked.
pub(super) fn told(row: &RequestRow) -> Value {
    let last = row.attempts.last();
    let usage = row.attempts.iter().map(|it| it.usage).fold(Usage::default(), Usage::plus);
    let served = last.and_then(|it| it.served_model.as_deref());
    json!({
        "request": row.key,
        "started": row.started_ms,
        "total-ms": row.ended_ms.map(|ended| ended - row.started_ms),
        "first-token-ms": last.and_then(|it| it.first_token_ms),
        "purpose": row.purpose,
        "client": row.client,
        "project": row.project,
        "route": row.route,
        "requested": row.requested,
        "outcome": row.outcome,
        "attempts": row.attempts.len(),
        "provider": last.map(|it| &it.provider),
        "account": last.map(|it| &it.account),
        "model": last.map(|it| &it.sent_model),
        "served": served,
        "substituted": row.attempts.iter().any(is_substituted),
        "payer": last.map(|it| it.payer),
        "usage": usage,
        "cost": cost(&row.attempts),
    })
}

fn is_substituted(attempt: &AttemptRow) -> bool {
    attempt.served_model.as_ref().is_some_and(|served| !is_same_model(&attempt.sent_model, served))
}

/// `amount`, what is known of the cost of ATTEMPTS, or null when nothing is;
/// `basis`, which is the least certain one; `unknown`, of how many attempts it
/// is not known.
fn cost(attempts: &[AttemptRow]) -> Value {
    /// From the least certain one on.
    const CERTAINTY: [Basis; 6] = [
        Basis::Unknown,
        Basis::Estimated,
        Basis::Computed,
        Basis::Reported,
        Basis::Plan,
        Basis::Free,
    ];
    let costs = || attempts.iter().filter_map(|it| it.cost.as_ref());
    let amount = costs().filter_map(|it| it.amount).reduce(Money::saturating_add);
    let basis = CERTAINTY.into_iter().find(|basis| costs().any(|it| it.basis == *basis));
    let unknown = costs().filter(|it| it.basis == Basis::Unknown).count();
    json!({"amount": amount, "basis": basis, "unknown": unknown})
}
