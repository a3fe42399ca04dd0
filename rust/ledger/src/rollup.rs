//! Sums by hour and by day, kept up with every settlement.

use crate::tally;
use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Result, Row, Transaction, params_from_iter};

/// A table of sums over spans of equal length, counted since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rollup {
    Hour,
    Day,
}

impl Rollup {
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Hour => "spend_hour",
            Self::Day => "spend_day",
        }
    }

    /// The length of a span in milliseconds.
    pub(crate) const fn span_ms(self) -> i64 {
        match self {
            Self::Hour => 3_600_000,
            Self::Day => 24 * Self::Hour.span_ms(),
        }
    }
}

/// What an attempt or a request adds to sums: a row of `spend`, from `started`
/// on. The view is asked once, since that is most of the work.
pub(crate) struct Spend(Vec<Value>);

impl Spend {
    const COLUMNS: &str = "
        started, provider, account, model, route, project, purpose, client, payer, basis,
        requests, unknown_requests, attempts,
        input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
        fees_pico, cost_pico";
    const COUNT: usize = 21;

    /// That of the attempt or request with ID, when it is settled.
    fn of(transaction: &Transaction, id: i64) -> Result<Option<Spend>> {
        let sql = format!("SELECT {} FROM spend WHERE id = ?1", Self::COLUMNS);
        let read = |row: &Row| (0..Self::COUNT).map(|at| row.get(at)).collect();
        let found = transaction.prepare_cached(&sql)?.query_row([id], read).optional()?;
        Ok(found.map(Spend))
    }

    /// Runs SQL with its columns as values, in their order.
    pub(crate) fn execute(&self, transaction: &Transaction, sql: &str) -> Result<()> {
        transaction.prepare_cached(sql)?.execute(params_from_iter(&self.0)).map(drop)
    }
}

/// Adds the attempt or request with ID, which has just been settled, to all
/// sums that are kept.
pub(crate) fn add(transaction: &Transaction, id: i64) -> Result<()> {
    let Some(spend) = Spend::of(transaction, id)? else { return Ok(()) };
    for rollup in [Rollup::Hour, Rollup::Day] {
        let sql = format!(
            "INSERT INTO {} (
                    bucket, provider, account, model, route, project, purpose, client,
                    payer, basis,
                    requests, unknown_requests, attempts,
                    input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
                    fees_pico, cost_pico)
             VALUES (?1 / {}, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
                     ?16, ?17, ?18, ?19, ?20, ?21)
             ON CONFLICT DO UPDATE
                SET requests = requests + excluded.requests,
                    unknown_requests = unknown_requests + excluded.unknown_requests,
                    attempts = attempts + excluded.attempts,
                    input = input + excluded.input,
                    cache_read = cache_read + excluded.cache_read,
                    cache_write_5m = cache_write_5m + excluded.cache_write_5m,
                    cache_write_1h = cache_write_1h + excluded.cache_write_1h,
                    output = output + excluded.output,
                    reasoning = reasoning + excluded.reasoning,
                    fees_pico = fees_pico + excluded.fees_pico,
                    cost_pico = cost_pico + excluded.cost_pico",
            rollup.table(),
            rollup.span_ms()
        );
        spend.execute(transaction, &sql)?;
    }
    tally::add(transaction, &spend)
}
