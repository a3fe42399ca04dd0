//! Sums by column.

use super::sums::COUNTERS;
use super::{Column, Filter, Sums};
use crate::Ledger;
use crate::totals::{Source, pieces};
use llm_switch_types::Money;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;

/// The sums of what has the same names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Group {
    /// The name in each of the columns that were asked for.
    pub names: Vec<Option<String>>,
    /// What it sums up to.
    #[serde(flatten)]
    pub sums: Sums,
}

/// What groups can be sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// The names.
    Name,
    /// The number of requests.
    Requests,
    /// The number of attempts.
    Attempts,
    /// All tokens that went in.
    Input,
    /// The share of them that came from a cache.
    Cached,
    /// All tokens that came out.
    Output,
    /// What it cost.
    #[default]
    Cost,
}

/// How groups are sorted. What is equal is sorted by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub by: Measure,
    /// The largest first.
    pub descending: bool,
}

impl Order {
    /// How GROUP and OTHER follow each other.
    pub fn compare(&self, group: &Group, other: &Group) -> Ordering {
        let by = self.by.compare(group, other);
        let by = if self.descending { by.reverse() } else { by };
        by.then_with(|| group.names.cmp(&other.names))
    }
}

impl Measure {
    fn compare(self, group: &Group, other: &Group) -> Ordering {
        let (a, b) = (&group.sums, &other.sums);
        match self {
            Self::Name => group.names.cmp(&other.names),
            Self::Requests => a.requests.cmp(&b.requests),
            Self::Attempts => a.attempts.cmp(&b.attempts),
            Self::Input => a.usage().total_input().cmp(&b.usage().total_input()),
            Self::Cached => share(a).cmp(&share(b)),
            Self::Output => a.output.cmp(&b.output),
            Self::Cost => worth(a).cmp(&worth(b)),
        }
    }
}

/// Tokens from a cache of a million that went in.
fn share(sums: &Sums) -> u128 {
    let all = u128::from(sums.usage().total_input()).max(1);
    u128::from(sums.cache_read) * 1_000_000 / all
}

/// What costs nothing that is known may have cost something all the same.
fn worth(sums: &Sums) -> (Money, u64) {
    (sums.cost, sums.unknown)
}

impl Ledger {
    /// What began at SPAN.start or later and before SPAN.end (Unix
    /// milliseconds, UTC), has ended and passes FILTER, summed by COLUMNS, in
    /// no order. Without columns it is one group, or none where nothing was
    /// spent.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn groups(
        &self,
        span: Range<i64>,
        columns: &[Column],
        filter: &Filter,
    ) -> llm_switch_types::Result<Vec<Group>> {
        self.read(|connection| {
            // One view of the file, whatever is written meanwhile.
            let transaction = connection.unchecked_transaction()?;
            read(&transaction, span, columns, filter)
        })
    }
}

/// [`Ledger::groups`] inside a transaction.
pub(super) fn read(
    connection: &Connection,
    span: Range<i64>,
    columns: &[Column],
    filter: &Filter,
) -> rusqlite::Result<Vec<Group>> {
    let mut sums: HashMap<Vec<Option<String>>, Sums> = HashMap::new();
    for (source, piece) in pieces(span) {
        for group in read_piece(connection, source, piece, columns, filter)? {
            let sum = sums.entry(group.names).or_default();
            *sum = sum.plus(group.sums);
        }
    }
    Ok(sums.into_iter().map(|(names, sums)| Group { names, sums }).collect())
}

fn read_piece(
    connection: &Connection,
    source: Source,
    ms: Range<i64>,
    columns: &[Column],
    filter: &Filter,
) -> rusqlite::Result<Vec<Group>> {
    let place = source.place(ms);
    let mut values = vec![Value::Integer(place.bounds.start), Value::Integer(place.bounds.end)];
    let conditions = filter.conditions(|column| column.name().to_owned(), &mut values);
    let numbers = list(columns, |it| it.name().to_owned());
    let names = list(columns, |it| it.told(&format!("sums.{}", it.name())));
    let grouping = if columns.is_empty() {
        "HAVING count(*) > 0".into()
    } else {
        format!("GROUP BY {}", numbers.trim_end_matches(", "))
    };
    let (table, time) = (place.table, place.time);
    // Names are looked up once for each group, not for each row.
    let sql = format!(
        "SELECT {names} sums.* FROM (
           SELECT {numbers} {COUNTERS} FROM {table}
            WHERE {time} >= ?1 AND {time} < ?2{conditions} {grouping}) sums"
    );
    let skipped = 2 * columns.len();
    let group = |row: &Row| {
        let names = (0..columns.len()).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
        Ok(Group { names, sums: Sums::read(row, skipped)? })
    };
    connection.prepare_cached(&sql)?.query_map(params_from_iter(values), group)?.collect()
}

/// SQL for each of COLUMNS, each followed by a comma.
fn list(columns: &[Column], sql: impl Fn(&Column) -> String) -> String {
    columns.iter().map(|column| sql(column) + ", ").collect()
}
