//! What each settled attempt used, without the request around it.

use super::entries::place;
use super::{Column, Filter};
use crate::row::word;
use crate::{Ledger, RequestKey};
use llm_switch_types::{Money, Payer, Usage};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// What a settled attempt used and cost. Names are shared: a report over a
/// million of them has a few dozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The request that it was made for.
    pub request: RequestKey,
    /// The provider's name.
    pub provider: Arc<str>,
    /// The account's name.
    pub account: Arc<str>,
    /// The model's name as it was sent.
    pub model: Arc<str>,
    /// Who paid.
    pub payer: Payer,
    /// When it was sent, in Unix milliseconds (UTC).
    pub started_ms: i64,
    /// How many milliseconds it took.
    pub lasted_ms: i64,
    /// Whether it came to its regular end.
    pub is_done: bool,
    /// What it used.
    pub usage: Usage,
    /// What it cost; `None` where that is not known.
    pub cost: Option<Money>,
}

impl Ledger {
    /// Hands what each attempt used that began in SPAN (Unix milliseconds,
    /// UTC), has ended and passes FILTER to TAKE, in the order of time, until
    /// that returns false.
    ///
    /// It reads on a connection of its own: other reports need not wait.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn uses(
        &self,
        span: Range<i64>,
        filter: &Filter,
        mut take: impl FnMut(&Used) -> bool,
    ) -> llm_switch_types::Result<()> {
        let mut values = vec![Value::Integer(span.start), Value::Integer(span.end)];
        let sql = sql(&filter.conditions(place, &mut values));
        self.read_apart(|connection| {
            let mut names = Names::default();
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if !take(&used(connection, &mut names, row)?) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn sql(conditions: &str) -> String {
    // The request is looked up only for the names that it alone has.
    let join = if conditions.contains("r.") { "JOIN request r ON r.id = a.request" } else { "" };
    format!(
        "SELECT a.request, a.provider, a.account, a.sent, a.payer, a.started,
                coalesce(a.ended - a.started, 0), a.outcome = 'done',
                a.input, a.cache_read, a.cache_write_5m, a.cache_write_1h, a.output,
                a.reasoning, a.audio_input, a.audio_output, a.searches, a.fees_pico,
                iif(a.basis = 'unknown', NULL, a.cost_pico)
           FROM attempt a {join}
          WHERE a.outcome IS NOT NULL AND a.started >= ?1 AND a.started < ?2{conditions}
          ORDER BY a.started"
    )
}

fn used(connection: &Connection, names: &mut Names, row: &Row) -> rusqlite::Result<Used> {
    let mut name = |column, at| names.of(connection, column, row.get(at)?);
    Ok(Used {
        request: RequestKey(row.get(0)?),
        provider: name(Column::Provider, 1)?,
        account: name(Column::Account, 2)?,
        model: name(Column::Model, 3)?,
        payer: word(row, 4)?,
        started_ms: row.get(5)?,
        lasted_ms: row.get(6)?,
        is_done: row.get(7)?,
        usage: usage(row)?,
        cost: row.get::<_, Option<i64>>(18)?.map(Money::from_pico),
    })
}

fn usage(row: &Row) -> rusqlite::Result<Usage> {
    Ok(Usage {
        input: row.get(8)?,
        cache_read: row.get(9)?,
        cache_write_5m: row.get(10)?,
        cache_write_1h: row.get(11)?,
        output: row.get(12)?,
        reasoning: row.get(13)?,
        audio_input: row.get(14)?,
        audio_output: row.get(15)?,
        searches: row.get(16)?,
        fees: Money::from_pico(row.get(17)?),
    })
}

/// Names behind numbers, each looked up once.
#[derive(Default)]
struct Names(HashMap<(Column, i64), Arc<str>>);

impl Names {
    fn of(
        &mut self,
        connection: &Connection,
        column: Column,
        number: i64,
    ) -> rusqlite::Result<Arc<str>> {
        if let Some(name) = self.0.get(&(column, number)) {
            return Ok(Arc::clone(name));
        }
        let sql = format!("SELECT name FROM {} WHERE id = ?1", column.name());
        let name: String = connection.query_row(&sql, [number], |row| row.get(0))?;
        let name: Arc<str> = name.into();
        self.0.insert((column, number), Arc::clone(&name));
        Ok(name)
    }
}
