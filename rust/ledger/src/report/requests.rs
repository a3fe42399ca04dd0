//! The requests behind a sum.

use super::{Column, Filter};
use crate::{Ledger, RequestKey, RequestRow, key, row};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Which requests are wanted, and which of them first.
#[derive(Clone, Debug, Default)]
pub struct RequestQuery {
    /// When they began: Unix milliseconds (UTC).
    pub span: Range<i64>,
    /// What they, or one of their attempts, must have. The columns of an
    /// attempt must all be had by the same one.
    pub filter: Filter,
    /// Names that were sent and served: one of the attempts must have such a
    /// pair. `None` does not ask.
    pub served: Option<Vec<(String, String)>>,
    /// By what they are sorted. What is equal is sorted by time.
    pub order: RequestOrder,
    /// The largest first.
    pub descending: bool,
    /// How many are skipped.
    pub offset: u64,
    /// How many are wanted.
    pub limit: u64,
}

/// What requests can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestOrder {
    /// When they began.
    #[default]
    Started,
    /// How long they took. When a crashed one ended is not known, so it comes
    /// after all others however they are sorted, as does an open one.
    Duration,
    /// What their attempts cost, as far as it is known.
    Cost,
    /// All tokens that went in.
    Input,
    /// All tokens that came out.
    Output,
}

impl RequestOrder {
    /// What to sort a row `r` of `request` by.
    fn sql(self) -> String {
        let sum = |what| format!("(SELECT sum({what}) FROM attempt WHERE request = r.id)");
        match self {
            Self::Started => "r.started".into(),
            Self::Duration => "iif(r.outcome = 'crashed', NULL, r.ended - r.started)".into(),
            Self::Cost => sum("cost_pico"),
            Self::Input => sum("input + cache_read + cache_write_5m + cache_write_1h"),
            Self::Output => sum("output"),
        }
    }
}

impl Ledger {
    /// The requests that QUERY wants, with their attempts; open ones too.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn requests(&self, query: &RequestQuery) -> llm_switch_types::Result<Vec<RequestRow>> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let found = keys(&transaction, query)?;
            let rows = found.into_iter().map(|key| row::request(&transaction, key));
            rows.filter_map(Result::transpose).collect()
        })
    }
}

impl Ledger {
    /// The request of the attempt that cost most among those that began in
    /// SPAN (Unix milliseconds, UTC); `None` where nothing is known to have
    /// cost anything.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn dearest(&self, span: Range<i64>) -> llm_switch_types::Result<Option<RequestRow>> {
        // In the order of the rows: see `within`.
        let sql = "SELECT request FROM attempt
                    WHERE id >= ?1 AND +started >= ?2 AND +started < ?3 AND cost_pico > 0
                    ORDER BY cost_pico DESC, id DESC LIMIT 1";
        let bounds = [key::least(span.start), span.start, span.end];
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let found = transaction.prepare_cached(sql)?.query_row(bounds, |row| row.get(0));
            let found = found.optional()?.map(|key| row::request(&transaction, RequestKey(key)));
            found.transpose().map(Option::flatten)
        })
    }
}

fn keys(connection: &Connection, query: &RequestQuery) -> rusqlite::Result<Vec<RequestKey>> {
    let count = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    let span = [query.span.start, query.span.end].map(Value::Integer);
    let mut values: Vec<Value> = span.into_iter().collect();
    values.extend([count(query.limit), count(query.offset)]);
    let within = within(connection, query, &mut values)?;
    let conditions = conditions(query, &mut values);
    let sql = format!(
        "SELECT r.id FROM request r WHERE {within}{conditions}
          ORDER BY {} {way} NULLS LAST, r.started {way}, r.id {way} LIMIT ?3 OFFSET ?4",
        query.order.sql(),
        way = if query.descending { "DESC" } else { "ASC" },
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(params_from_iter(values), |row| row.get(0).map(RequestKey))?.collect()
}

/// That a request `r` began in the span. The index on the time is the way to
/// few of the rows, or to the first ones; where most of what came since the
/// span began is wanted, reading the rows in their order takes a third of
/// the time.
fn within(
    connection: &Connection,
    query: &RequestQuery,
    values: &mut Vec<Value>,
) -> rusqlite::Result<&'static str> {
    let Range { start, end } = query.span;
    let last: Option<i64> =
        connection.query_row("SELECT max(started) FROM request", [], |row| row.get(0))?;
    let since = last.map_or(0, |last| last.saturating_sub(start));
    if query.order == RequestOrder::Started || end.saturating_sub(start) < since / 3 {
        return Ok("r.started >= ?1 AND r.started < ?2");
    }
    values.push(Value::Integer(key::least(start)));
    Ok("r.id >= ?5 AND +r.started >= ?1 AND +r.started < ?2")
}

const fn is_of_request(column: Column) -> bool {
    matches!(column, Column::Route | Column::Project | Column::Purpose | Column::Client)
}

fn conditions(query: &RequestQuery, values: &mut Vec<Value>) -> String {
    let place = |column: Column| format!("coalesce(r.{}, 0)", column.name());
    let asked = query.filter.only(is_of_request).conditions(place, values);
    let of_attempt = query.filter.only(|column| !is_of_request(column));
    let mut tried = of_attempt.conditions(attempt_place, values);
    tried += &query.served.as_deref().map_or(String::new(), |pairs| served(pairs, values));
    if tried.is_empty() {
        return asked;
    }
    // A request without attempts stands for itself: see the view `spend`.
    format!(
        "{asked} AND EXISTS (SELECT 1 FROM (SELECT 1) LEFT JOIN attempt a ON a.request = r.id
                              WHERE TRUE{tried})"
    )
}

/// As the view `spend` has it.
fn attempt_place(column: Column) -> String {
    match column {
        Column::Model => "coalesce(a.sent, r.model)".into(),
        _ => format!("coalesce(a.{}, {})", column.name(), column.none()),
    }
}

fn served(pairs: &[(String, String)], values: &mut Vec<Value>) -> String {
    let number = "(SELECT id FROM model WHERE name = ?)";
    let mut told = Vec::new();
    for (sent, served) in pairs {
        let mut place = |name: &String| {
            values.push(Value::Text(name.clone()));
            number.replace('?', &format!("?{}", values.len()))
        };
        told.push(format!("({}, {})", place(sent), place(served)));
    }
    match told.is_empty() {
        true => " AND FALSE".into(),
        false => format!(" AND (a.sent, a.served) IN (VALUES {})", told.join(", ")),
    }
}
