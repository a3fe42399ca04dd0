//! How long reports take.

use crate::{DAY, Failed, HOUR};
use llm_switch_ledger::{Column, Filter, Ledger, RequestOrder, RequestQuery};
use rusqlite::Connection;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

/// Prints how long each report over the ledger at PATH takes.
pub fn measure(path: &Path) -> Result<(), Failed> {
    let ledger = Ledger::open(path, 0, |loss| println!("{loss}"))?;
    let last: i64 =
        Connection::open(path)?
            .query_row("SELECT max(started) FROM request", [], |row| row.get(0))?;
    // A month in a zone of whole hours, whose days are not those of UTC.
    let month = last - 30 * DAY - last % DAY + 5 * HOUR..last;
    for column in Column::ALL {
        time(&format!("month by {}", column.name()), || {
            ledger.groups(month.clone(), &[column], &Filter::default())
        })?;
    }
    time("month by route, provider, model, payer, basis", || {
        let columns =
            [Column::Route, Column::Provider, Column::Model, Column::Payer, Column::Basis];
        ledger.groups(month.clone(), &columns, &Filter::default())
    })?;
    let metered = Filter::default().with(Column::Payer, Some("metered"));
    time("month by model, metered only", || {
        ledger.groups(month.clone(), &[Column::Model], &metered)
    })?;
    time("all 400 days by model", || ledger.groups(0..last, &[Column::Model], &Filter::default()))?;
    time("42 days, each", || ledger.series(&edges(&month, 42), &[], &Filter::default()))?;
    time("14 days by route, each", || {
        ledger.series(&edges(&month, 14), &[Column::Route], &Filter::default())
    })?;
    time("month, served under another name", || ledger.served(month.clone()))?;
    for order in [RequestOrder::Started, RequestOrder::Duration, RequestOrder::Cost] {
        let query = RequestQuery {
            span: month.clone(),
            order,
            descending: true,
            limit: 100,
            ..RequestQuery::default()
        };
        time(&format!("month, first 100 requests by {order:?}"), || ledger.requests(&query))?;
    }
    ledger.close()?;
    Ok(())
}

fn edges(month: &Range<i64>, days: i64) -> Vec<i64> {
    (0..=days).rev().map(|back| month.end / DAY * DAY + 5 * HOUR - back * DAY).collect()
}

/// The quickest of three.
fn time<T>(
    what: &str,
    run: impl Fn() -> Result<Vec<T>, llm_switch_types::Error>,
) -> Result<(), Failed> {
    let mut best = None;
    let mut rows = 0;
    for _ in 0..3 {
        let begun = Instant::now();
        rows = run()?.len();
        best = Some(begun.elapsed().min(best.unwrap_or(begun.elapsed())));
    }
    println!("{:>8.1?}  {what} ({rows})", best.unwrap_or_default());
    Ok(())
}
