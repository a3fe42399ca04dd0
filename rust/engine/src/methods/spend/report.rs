//! `spend.report` and `spend.series`.

use super::ask::{Ask, fields};
use super::calendar::Unit;
use crate::methods::Job;
use llm_switch_ledger::{Column, Group, Ledger, Measure, Order, Sums};
use llm_switch_types::Result;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a sum is broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "`by` is a column, \"hour\" or \"day\"")]
pub(super) enum By {
    Column(Column),
    Time(Step),
}

/// The steps in which time is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Step {
    Hour,
    Day,
}

impl Step {
    pub(super) const fn unit(self) -> Unit {
        match self {
            Self::Hour => Unit::Hour,
            Self::Day => Unit::Day,
        }
    }
}

/// The edges of a stretch of time, and what was spent between them.
pub(super) type Timed = ([i64; 2], Sums);

/// How rows are sorted, and how many are wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Wish {
    sort: Option<Measure>,
    ascending: Option<bool>,
    limit: Option<usize>,
}

impl Wish {
    /// GROUPS as they are wanted, and as USUAL where nothing is said.
    pub(super) fn grant(&self, usual: Measure, mut groups: Vec<Group>) -> Vec<Group> {
        let by = self.sort.unwrap_or(usual);
        // Names ascend and numbers descend unless it is said otherwise.
        let descending = !self.ascending.unwrap_or(by == Measure::Name);
        groups.sort_by(|a, b| Order { by, descending }.compare(a, b));
        groups.truncate(self.limit.unwrap_or(usize::MAX));
        groups
    }

    /// STEPS as they are wanted, in the order of time where nothing is said.
    pub(super) fn grant_steps(&self, steps: Vec<Timed>) -> Vec<Timed> {
        // Their edges as names, with digits enough to be in order.
        let named = |[from, to]: [i64; 2]| [from, to].map(|ms| Some(format!("{ms:020}"))).to_vec();
        let group = |(edges, sums): Timed| Group { names: named(edges), sums };
        let edge = |group: &Group, at: usize| {
            group.names[at].as_deref().and_then(|ms| ms.parse().ok()).unwrap_or(0)
        };
        let groups = self.grant(Measure::Name, steps.into_iter().map(group).collect());
        groups.into_iter().map(|it| ([edge(&it, 0), edge(&it, 1)], it.sums)).collect()
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`by` is a column, a list of columns, \"hour\" or \"day\"")]
enum Columns {
    Many(Vec<Column>),
    One(By),
}

#[derive(Deserialize)]
struct Written {
    by: Columns,
}

/// When, and `{by, sort?, ascending?, limit?}` -> `{from, to, total, rows}`.
///
/// `by` is a column, a list of columns, "hour" or "day"; `sort` is "name",
/// "requests", "attempts", "input", "cached", "output" or "cost", which is
/// usual, but for time. A row has sums and `names`, one for each column, or `from` and `to`.
///
/// # Errors
/// Those of the ledger.
pub(crate) async fn report(job: Job) -> Result<Value> {
    let ask = Ask::of(&job).await?;
    let Written { by } = fields(&job.params)?;
    let wish: Wish = fields(&job.params)?;
    let ledger = job.core.ledger.get().await?;
    let read = job.core.tasks.blocking(move || {
        ledger.flush()?;
        let groups = match by {
            Columns::Many(columns) => ledger.groups(ask.span.clone(), &columns, &ask.filter)?,
            Columns::One(By::Column(column)) => {
                ledger.groups(ask.span.clone(), &[column], &ask.filter)?
            }
            Columns::One(By::Time(step)) => return in_steps(&ledger, &ask, step, &wish),
        };
        let total: Sums = groups.iter().map(|group| group.sums).sum();
        Ok(told(&ask, total, json!(wish.grant(Measure::Cost, groups))))
    });
    read.await?
}

fn in_steps(ledger: &Ledger, ask: &Ask, step: Step, wish: &Wish) -> Result<Value> {
    let rows = steps(ledger, ask, step)?;
    let total = rows.iter().map(|(_, sums)| *sums).sum();
    Ok(told(ask, total, timed(wish.grant_steps(rows))))
}

fn told(ask: &Ask, total: Sums, rows: Value) -> Value {
    json!({"from": ask.span.start, "to": ask.span.end, "total": total, "rows": rows})
}

/// The hours or days of ASK in which something was spent.
///
/// # Errors
/// Those of the ledger and the calendar.
pub(super) fn steps(ledger: &Ledger, ask: &Ask, step: Step) -> Result<Vec<Timed>> {
    let Some(first) = ledger.first_ms()? else { return Ok(Vec::new()) };
    let start = ask.calendar.span(Unit::Day, 0, first)?.start.max(ask.span.start);
    let end = ask.span.end.min(ask.now.saturating_add(1)).max(start);
    let edges = ask.calendar.edges(step.unit(), &(start..end))?;
    let sums = between(ledger, ask, &edges)?;
    let steps = edges.windows(2).map(|edge| [edge[0], edge[1]]).zip(sums);
    Ok(steps.filter(|(_, sums)| *sums != Sums::default()).collect())
}

/// The sums of ASK between each two of EDGES.
///
/// # Errors
/// Those of the ledger.
pub(super) fn between(ledger: &Ledger, ask: &Ask, edges: &[i64]) -> Result<Vec<Sums>> {
    let series = ledger.series(edges, &[], &ask.filter)?;
    Ok(series.into_iter().map(|groups| groups.into_iter().map(|it| it.sums).sum()).collect())
}

/// ROWS as JSON, each with `from` and `to`.
pub(super) fn timed(rows: Vec<Timed>) -> Value {
    let row = |([from, to], sums): Timed| {
        let mut row = json!(sums);
        (row["from"], row["to"]) = (json!(from), json!(to));
        row
    };
    rows.into_iter().map(row).collect()
}

#[derive(Deserialize)]
#[serde(default)]
struct Edges {
    edges: Option<Vec<i64>>,
    by: Step,
}

impl Default for Edges {
    fn default() -> Edges {
        Edges { edges: None, by: Step::Day }
    }
}

/// When and `{by?}`, "hour" or "day", or `{edges}`, ascending Unix
/// milliseconds -> a list of sums with `from` and `to`, the empty ones too.
///
/// # Errors
/// Those of the ledger.
pub(crate) async fn series(job: Job) -> Result<Value> {
    let ask = Ask::of(&job).await?;
    let Edges { edges, by } = fields(&job.params)?;
    let edges = edges.map_or_else(|| ask.calendar.edges(by.unit(), &ask.span), Ok)?;
    let ledger = job.core.ledger.get().await?;
    let read = job.core.tasks.blocking(move || {
        ledger.flush()?;
        let sums = between(&ledger, &ask, &edges)?;
        Ok(timed(edges.windows(2).map(|edge| [edge[0], edge[1]]).zip(sums).collect()))
    });
    read.await?
}
