//! Groups of several columns, looked at by one of them.

use llm_switch_ledger::{Column, Filter, Group, Sums};
use std::collections::BTreeMap;

/// Groups and the columns that they are of.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) groups: Vec<Group>,
}

/// COLUMNS, each of them once.
pub(super) fn once(columns: impl IntoIterator<Item = Column>) -> Vec<Column> {
    let mut seen = Vec::new();
    for column in columns {
        if !seen.contains(&column) {
            seen.push(column);
        }
    }
    seen
}

impl Table {
    /// The name of GROUP in COLUMN, which is one of the table's.
    pub(super) fn name<'g>(&self, group: &'g Group, column: Column) -> Option<&'g str> {
        let at = self.columns.iter().position(|it| *it == column)?;
        group.names[at].as_deref()
    }

    /// The sums of each name in COLUMN.
    pub(super) fn by(&self, column: Column) -> BTreeMap<Option<String>, Sums> {
        let mut sums = BTreeMap::<_, Sums>::new();
        for group in &self.groups {
            let name = self.name(group, column).map(str::to_owned);
            let sum = sums.entry(name).or_default();
            *sum = sum.plus(group.sums);
        }
        sums
    }

    /// The groups that pass FILTER, which is about columns of the table.
    pub(super) fn passing<'t>(&'t self, filter: &'t Filter) -> impl Iterator<Item = &'t Group> {
        self.groups.iter().filter(|group| {
            let passes = |(column, any): (&Column, &Vec<Option<String>>)| {
                any.iter().any(|name| name.as_deref() == self.name(group, *column))
            };
            filter.0.iter().all(passes)
        })
    }

    /// The sum over all.
    pub(super) fn total(&self) -> Sums {
        self.groups.iter().map(|group| group.sums).sum()
    }
}
