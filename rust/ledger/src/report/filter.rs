//! What a report is restricted to.

use super::Column;
use rusqlite::types::Value;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The values that a column may have, `None` being none. A column that is not
/// named may have any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Filter(pub BTreeMap<Column, Vec<Option<String>>>);

impl Filter {
    /// With COLUMN restricted to VALUE.
    pub fn with(mut self, column: Column, value: Option<&str>) -> Filter {
        self.0.insert(column, vec![value.map(str::to_owned)]);
        self
    }

    /// Its conditions as SQL that begins with AND, or nothing. PLACE gives
    /// the SQL for a column, with 0 or '' for none. What is to be bound is
    /// added to VALUES.
    pub(super) fn conditions(
        &self,
        place: impl Fn(Column) -> String,
        values: &mut Vec<Value>,
    ) -> String {
        self.0
            .iter()
            .map(|(column, any)| condition(*column, any, &place(*column), values))
            .collect()
    }

    /// The part of it that is about columns which WANTED accepts.
    pub(super) fn only(&self, wanted: impl Fn(Column) -> bool) -> Filter {
        Filter(self.0.iter().filter(|(it, _)| wanted(**it)).map(|(k, v)| (*k, v.clone())).collect())
    }
}

fn condition(
    column: Column,
    any: &[Option<String>],
    place: &str,
    values: &mut Vec<Value>,
) -> String {
    let named = any.iter().flatten().map(|name| Value::Text(name.clone()));
    let before = values.len();
    values.extend(named);
    let marks: Vec<String> = (before..values.len()).map(|at| format!("?{}", at + 1)).collect();
    let marks = marks.join(", ");
    let named = match column.is_numbered() {
        true => format!("SELECT id FROM {} WHERE name IN ({marks})", column.name()),
        false => marks,
    };
    let none = if any.contains(&None) { column.none() } else { "NULL" };
    // Of an empty list nothing is a member, which SQLite allows to be said.
    format!(" AND ({place} IN ({named}) OR {place} = {none})")
}
