//! `spend.overview`: all that the first screen shows.

use super::ask::{Ask, fields};
use super::calendar::Unit;
use super::history::History;
use super::report::{By, Timed, Wish, between, steps, timed};
use super::table::{Table, once};
use super::{budgets, requests, savings};
use crate::methods::Job;
use crate::setup::Setup;
use futures_util::future::try_join;
use llm_switch_catalog::is_same_model;
use llm_switch_ledger::{
    Column, Filter, Group, Ledger, Measure, RequestOrder, RequestQuery, RequestRow, Served, Sums,
};
use llm_switch_types::{Basis, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;

#[derive(Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Written {
    by: By,
    /// Days of a sparkline.
    spark: usize,
}

impl Default for Written {
    fn default() -> Written {
        Written { by: By::Column(Column::Route), spark: 14 }
    }
}

/// When, and `{by?, sort?, ascending?, limit?, spark?}` -> all that the first
/// screen shows:
///
/// `now`, `from`, `to`; `today`, `week`, `month`: sums; `forecast` for the
/// month: `{expected, low, high, until}`, or null in the first days (how it is
/// made is told at `forecast`); `budgets` as `budget.list` gives them, each
/// with `passes`; `total` and `rows` of the span, by a column or by "hour" or
/// "day", as `spend.report` gives them, each with `spark`, what each of the
/// last `spark` days cost; `chart`: `{unit, steps}`, sums with `from` and
/// `to`, over the span;
///
/// `bases`: `[{basis, attempts, cost}…]`; `caching`: `{input, read, saved}`,
/// `saved` an estimate that may be negative, or null; `unpriced`:
/// `[{provider, model, attempts}…]`; `substituted`: `[{sent, served,
/// attempts}…]`; `slowest` and `dearest`: rows of `spend.requests`, or null;
/// `trouble`: why the newest records or the budgets are missing, a list of
/// messages.
///
/// The filter holds for everything but the budgets and what was substituted.
///
/// # Errors
/// Those of the ledger.
pub(crate) async fn overview(job: Job) -> Result<Value> {
    let view = Arc::new(View::read(&job).await?);
    let (tasks, ledger) = (&job.core.tasks, view.ledger.clone());
    let unwritten = tasks.blocking(move || ledger.flush().err()).await?;
    // Both take about as long, and each has a connection of its own.
    let (sums, lately) = (Arc::clone(&view), Arc::clone(&view));
    let both =
        try_join(tasks.blocking(move || sums.sums()), tasks.blocking(move || lately.lately()));
    let (sums, lately) = both.await?;
    let mut told = view.tell(sums?, lately?)?;
    let trouble = unwritten.iter().chain(view.budgets.as_ref().err());
    told["trouble"] = trouble.map(|it| Value::from(it.to_string())).collect();
    Ok(told)
}

struct View {
    ask: Ask,
    written: Written,
    wish: Wish,
    ledger: Ledger,
    /// Sums are told even when these cannot be.
    budgets: Result<Vec<Value>>,
    /// Without it no price is known, and everything else is.
    setup: Option<Arc<Setup>>,
}

/// What the span comes to.
struct Spent {
    table: Table,
    today: Sums,
    week: Sums,
    month: Sums,
    served: Vec<Served>,
    steps: Option<Vec<Timed>>,
}

/// What came lately, and what stands out.
struct Lately {
    history: History,
    slowest: Option<RequestRow>,
    dearest: Option<RequestRow>,
}

impl View {
    async fn read(job: &Job) -> Result<View> {
        Ok(View {
            ask: Ask::of(job).await?,
            written: fields(&job.params)?,
            wish: fields(&job.params)?,
            ledger: job.core.ledger.get().await?,
            budgets: budgets::list(job).await,
            setup: job.core.setup().await.ok(),
        })
    }

    fn budgets(&self) -> &[Value] {
        self.budgets.as_deref().unwrap_or_default()
    }

    fn column(&self) -> Option<Column> {
        match self.written.by {
            By::Column(column) => Some(column),
            By::Time(_) => None,
        }
    }

    fn sums(&self) -> Result<Spent> {
        use Column::{Basis, Model, Payer, Provider};
        let Ask { span, filter, now, calendar } = &self.ask;
        let columns = once(self.column().into_iter().chain([Provider, Model, Payer, Basis]));
        let groups = self.ledger.groups(span.clone(), &columns, filter)?;
        let table = Table { columns, groups };
        let sum = |unit| {
            let wanted = calendar.span(unit, 0, *now)?;
            if wanted == *span { Ok(table.total()) } else { self.sum(wanted) }
        };
        Ok(Spent {
            today: sum(Unit::Day)?,
            week: sum(Unit::Week)?,
            month: sum(Unit::Month)?,
            served: self.ledger.served(span.clone())?,
            steps: match self.written.by {
                By::Column(_) => None,
                By::Time(step) => Some(steps(&self.ledger, &self.ask, step)?),
            },
            table,
        })
    }

    fn sum(&self, span: Range<i64>) -> Result<Sums> {
        let groups = self.ledger.groups(span, &[], &self.ask.filter)?;
        Ok(groups.into_iter().map(|group| group.sums).sum())
    }

    fn lately(&self) -> Result<Lately> {
        let filtered = self.ask.filter.0.keys().copied();
        let columns =
            once(self.column().into_iter().chain(filtered).chain(budgets::columns(self.budgets())));
        Ok(Lately {
            history: History::read(&self.ledger, &self.ask, columns)?,
            slowest: self.first(RequestOrder::Duration)?,
            dearest: match self.ask.filter == Filter::default() {
                true => self.ledger.dearest(self.ask.span.clone())?,
                false => self.first(RequestOrder::Cost)?,
            },
        })
    }

    fn first(&self, order: RequestOrder) -> Result<Option<RequestRow>> {
        let query = RequestQuery {
            span: self.ask.span.clone(),
            filter: self.ask.filter.clone(),
            order,
            descending: true,
            limit: 1,
            ..RequestQuery::default()
        };
        Ok(self.ledger.requests(&query)?.pop())
    }

    fn tell(&self, spent: Spent, lately: Lately) -> Result<Value> {
        let (table, history) = (&spent.table, &lately.history);
        Ok(json!({
            "now": self.ask.now,
            "from": self.ask.span.start,
            "to": self.ask.span.end,
            "today": spent.today,
            "week": spent.week,
            "month": spent.month,
            "forecast": self.forecast(&spent, history)?,
            "budgets": budgets::with_forecast(self.budgets().to_vec(), history),
            "total": table.total(),
            "rows": match &spent.steps {
                Some(steps) => timed(self.wish.grant_steps(steps.clone())),
                None => self.rows(table, history),
            },
            "chart": self.chart(history)?,
            "bases": bases(table),
            "caching": self.caching(table),
            "unpriced": unpriced(table),
            "substituted": substituted(&spent.served),
            "slowest": lately.slowest.as_ref().map(requests::told),
            "dearest": lately.dearest.as_ref().map(requests::told),
        }))
    }

    fn forecast(&self, spent: &Spent, history: &History) -> Result<Value> {
        let until = self.ask.calendar.span(Unit::Month, 0, self.ask.now)?.end;
        let told = history.forecast(&self.ask.filter, spent.month.cost, until);
        Ok(told.map_or(Value::Null, |told| {
            let mut told = json!(told);
            told["until"] = json!(until);
            told
        }))
    }

    fn rows(&self, table: &Table, history: &History) -> Value {
        let Some(column) = self.column() else { return Value::Null };
        let groups = table.by(column).into_iter();
        let groups = groups.map(|(name, sums)| Group { names: vec![name], sums }).collect();
        let rows = self.wish.grant(Measure::Cost, groups).into_iter().map(|group| {
            let mut filter = self.ask.filter.clone();
            filter.0.insert(column, group.names.clone());
            let mut row = json!(group);
            row["spark"] = self.spark(history, &filter);
            row
        });
        rows.collect()
    }

    fn spark(&self, history: &History, filter: &Filter) -> Value {
        let days = history.sums(filter);
        let first = days.len().saturating_sub(self.written.spark);
        days[first..].iter().map(|day| json!(day.cost)).collect()
    }

    /// The days of this month are in the history; anything else is read.
    fn chart(&self, history: &History) -> Result<Value> {
        let span = self.shown(history)?;
        let unit = chart_unit(&span);
        let edges = self.ask.calendar.edges(unit, &span)?;
        let known = history.edges.windows(edges.len()).position(|part| part == edges);
        let sums = match known.filter(|_| unit == Unit::Day) {
            Some(at) => history.sums(&self.ask.filter)[at..at + edges.len() - 1].to_vec(),
            None => between(&self.ledger, &self.ask, &edges)?,
        };
        let steps = edges.windows(2).map(|edge| [edge[0], edge[1]]).zip(sums).collect();
        Ok(json!({"unit": unit, "steps": timed(steps)}))
    }

    /// The span from where there is something, up to the end of today.
    fn shown(&self, history: &History) -> Result<Range<i64>> {
        let Range { start, end } = self.ask.span.clone();
        let today = self.ask.calendar.span(Unit::Day, 0, self.ask.now)?;
        let start = if start == 0 { history.first.min(today.start) } else { start };
        Ok(start..end.min(today.end).max(start))
    }

    fn caching(&self, table: &Table) -> Value {
        let usage = table.total().usage();
        let saved = self.setup.as_ref().and_then(|it| savings::saved(&it.catalog, table));
        json!({"input": usage.total_input(), "read": usage.cache_read, "saved": saved})
    }
}

/// In what steps a chart of SPAN is drawn: some dozens of them.
fn chart_unit(span: &Range<i64>) -> Unit {
    const DAY: i64 = 86_400_000;
    match (span.end - span.start) / DAY {
        ..=2 => Unit::Hour,
        3..=62 => Unit::Day,
        63..=400 => Unit::Week,
        _ => Unit::Month,
    }
}

fn bases(table: &Table) -> Value {
    let mut bases: Vec<_> =
        table.by(Column::Basis).into_iter().filter(|it| it.1.attempts > 0).collect();
    bases.sort_by_key(|(_, sums)| std::cmp::Reverse(sums.attempts));
    let told = bases
        .into_iter()
        .map(|(basis, sums)| json!({"basis": basis, "attempts": sums.attempts, "cost": sums.cost}));
    told.collect()
}

fn unpriced(table: &Table) -> Value {
    let unknown = |group: &&Group| {
        table.name(group, Column::Basis) == Some(Basis::Unknown.name()) && group.sums.attempts > 0
    };
    let mut models = std::collections::BTreeMap::<_, u64>::new();
    for group in table.groups.iter().filter(unknown) {
        let name = |column| table.name(group, column);
        *models.entry((name(Column::Provider), name(Column::Model))).or_default() +=
            group.sums.attempts;
    }
    let told = models.into_iter().map(|((provider, model), attempts)| {
        json!({"provider": provider, "model": model, "attempts": attempts})
    });
    told.collect()
}

fn substituted(served: &[Served]) -> Value {
    let others = served.iter().filter(|it| !is_same_model(&it.sent, &it.served));
    others.map(|it| json!(it)).collect()
}
