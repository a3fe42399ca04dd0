//! Every settled attempt, one after the other.

use super::{Column, Filter};
use crate::row::{self, AttemptRow};
use crate::{Ledger, RequestKey};
use llm_switch_types::Purpose;
use rusqlite::params_from_iter;
use rusqlite::types::Value;
use std::ops::Range;

/// A settled attempt and the request it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The request.
    pub request: RequestKey,
    /// Why it was made.
    pub purpose: Purpose,
    /// The program that asked.
    pub client: String,
    /// The project it was asked for.
    pub project: Option<String>,
    /// The route it was asked of.
    pub route: Option<String>,
    /// The attempt.
    pub attempt: AttemptRow,
}

impl Ledger {
    /// Hands each attempt that began in SPAN (Unix milliseconds, UTC), has
    /// ended and passes FILTER to TAKE, in the order of time, until that
    /// returns false. Their costs add up to those of [`Ledger::groups`].
    ///
    /// It reads on a connection of its own: other reports need not wait.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn entries(
        &self,
        span: Range<i64>,
        filter: &Filter,
        mut take: impl FnMut(Entry) -> bool,
    ) -> llm_switch_types::Result<()> {
        let mut values = vec![Value::Integer(span.start), Value::Integer(span.end)];
        let conditions = filter.conditions(place, &mut values);
        let sql = format!(
            "SELECT {columns}, r.id, purpose.name, client.name, project.name, route.name
               FROM attempt a
               JOIN request r ON r.id = a.request
               {joins}
               JOIN purpose ON purpose.id = r.purpose
               JOIN client ON client.id = r.client
               LEFT JOIN project ON project.id = r.project
               LEFT JOIN route ON route.id = r.route
              WHERE a.outcome IS NOT NULL AND a.started >= ?1 AND a.started < ?2{conditions}
              ORDER BY a.started",
            columns = row::ATTEMPT_COLUMNS,
            joins = row::ATTEMPT_JOINS,
        );
        self.read_apart(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if !take(entry(row)?) {
                    break;
                }
            }
            Ok(())
        })
    }
}

fn entry(row: &rusqlite::Row) -> rusqlite::Result<Entry> {
    const FIRST: usize = row::ATTEMPT_COLUMN_COUNT;
    Ok(Entry {
        attempt: row::read_attempt(row)?,
        request: RequestKey(row.get(FIRST)?),
        purpose: row::word(row, FIRST + 1)?,
        client: row.get(FIRST + 2)?,
        project: row.get(FIRST + 3)?,
        route: row.get(FIRST + 4)?,
    })
}

/// Where COLUMN stands, of an attempt `a` of a request `r`.
pub(super) fn place(column: Column) -> String {
    match column {
        Column::Model => "a.sent".into(),
        Column::Route | Column::Project | Column::Purpose | Column::Client => {
            format!("coalesce(r.{}, 0)", column.name())
        }
        _ => format!("a.{}", column.name()),
    }
}
