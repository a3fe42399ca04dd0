//! Sums over any span of time.

use crate::rollup::Rollup;
use llm_switch_types::Money;
use rusqlite::{Connection, Result, Row};
use serde::Serialize;
use std::ops::Range;

/// What began in a span of time and is settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Totals {
    /// How many requests.
    pub requests: u64,
    /// What the attempts cost, as far as it is known.
    pub cost: Money,
    /// How many of the requests cost an amount that is not known.
    pub unknown: u64,
    /// Input tokens, cached or not.
    pub input: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
}

/// The totals of the milliseconds in SPAN, exact whatever its edges are:
/// whole days come from the daily rollup, whole hours beside them from the
/// hourly one, and what is left at the edges from the rows themselves.
pub(crate) fn read(connection: &Connection, span: Range<i64>) -> Result<Totals> {
    // One view of the file, whatever is written meanwhile.
    let transaction = connection.unchecked_transaction()?;
    let mut totals = Totals::default();
    for (source, piece) in pieces(span) {
        totals.add(source.sum(&transaction, piece)?);
    }
    Ok(totals)
}

impl Totals {
    fn add(&mut self, other: Totals) {
        self.requests += other.requests;
        self.cost = self.cost.saturating_add(other.cost);
        self.unknown += other.unknown;
        self.input += other.input;
        self.output += other.output;
    }

    fn from_row(row: &Row) -> Result<Totals> {
        Ok(Totals {
            requests: row.get(0)?,
            cost: Money::from_pico(row.get(1)?),
            unknown: row.get(2)?,
            input: row.get(3)?,
            output: row.get(4)?,
        })
    }
}

/// Where a piece of a span is summed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Rows,
    Rollup(Rollup),
}

/// Where a piece stands: in TABLE, where TIME is within BOUNDS.
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) time: &'static str,
    pub(crate) bounds: Range<i64>,
}

impl Source {
    /// Where the milliseconds in MS stand, a piece of this source.
    pub(crate) fn place(self, ms: Range<i64>) -> Place {
        let (table, time, unit) = match self {
            Self::Rows => ("spend", "started", 1),
            Self::Rollup(rollup) => (rollup.table(), "bucket", rollup.span_ms()),
        };
        Place { table, time, bounds: ms.start / unit..ms.end / unit }
    }

    fn sum(self, connection: &Connection, ms: Range<i64>) -> Result<Totals> {
        let Place { table, time, bounds } = self.place(ms);
        let sql = format!(
            "SELECT ifnull(sum(requests), 0), ifnull(sum(cost_pico), 0),
                    ifnull(sum(unknown_requests), 0),
                    ifnull(sum(input + cache_read + cache_write_5m + cache_write_1h), 0),
                    ifnull(sum(output), 0)
               FROM {table} WHERE {time} >= ?1 AND {time} < ?2"
        );
        let bounds = [bounds.start, bounds.end];
        connection.prepare_cached(&sql)?.query_row(bounds, Totals::from_row)
    }
}

/// SPAN cut into pieces, each with the coarsest source that is exact for it.
pub(crate) fn pieces(span: Range<i64>) -> Vec<(Source, Range<i64>)> {
    // Nothing in the ledger is older than 1970.
    let span = span.start.max(0)..span.end.max(0);
    let [head, hours, tail] = cut(span, Rollup::Hour.span_ms());
    let [morning, days, evening] = cut(hours, Rollup::Day.span_ms());
    let all = [
        (Source::Rows, head),
        (Source::Rollup(Rollup::Hour), morning),
        (Source::Rollup(Rollup::Day), days),
        (Source::Rollup(Rollup::Hour), evening),
        (Source::Rows, tail),
    ];
    all.into_iter().filter(|(_, piece)| !piece.is_empty()).collect()
}

/// SPAN as what comes before its whole units, the whole units, and the rest.
fn cut(span: Range<i64>, unit: i64) -> [Range<i64>; 3] {
    let first = span.start.saturating_add(unit - 1).div_euclid(unit) * unit;
    let last = span.end.div_euclid(unit) * unit;
    if first >= last {
        return [span, 0..0, 0..0];
    }
    [span.start..first, first..last, last..span.end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = Rollup::Hour.span_ms();
    const DAY: i64 = Rollup::Day.span_ms();

    #[test]
    fn pieces_cover_the_span_once_and_in_order() {
        let edges = [0, 1, HOUR - 1, HOUR, HOUR + 1, DAY, 2 * DAY - 1, 3 * DAY + 5 * HOUR + 7];
        for (from, to) in edges.iter().flat_map(|from| edges.map(|to| (*from, to))) {
            let mut at = from;
            for (source, piece) in pieces(from..to) {
                assert_eq!(piece.start, at, "{from}..{to}");
                at = piece.end;
                let Source::Rollup(rollup) = source else { continue };
                assert_eq!((piece.start % rollup.span_ms(), piece.end % rollup.span_ms()), (0, 0));
            }
            assert_eq!(at, from.max(to), "{from}..{to}");
        }
    }

    #[test]
    fn long_spans_are_mostly_days() {
        let whole = pieces(1..10 * DAY)
            .into_iter()
            .find(|(source, _)| *source == Source::Rollup(Rollup::Day));
        assert_eq!(whole.map(|(_, piece)| piece), Some(DAY..10 * DAY));
    }

    #[test]
    fn the_longest_span_can_be_cut() {
        assert!(!pieces(i64::MIN..i64::MAX).is_empty());
    }
}
