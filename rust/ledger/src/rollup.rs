//! Sums by hour and by day, kept up with every settlement.

use rusqlite::{Result, Transaction};

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

/// Adds the attempt or request with ID, which has just been settled.
pub(crate) fn add(transaction: &Transaction, id: i64) -> Result<()> {
    for rollup in [Rollup::Hour, Rollup::Day] {
        let sql = format!(
            "INSERT INTO {} (
                    bucket,
                    provider, account, model, route, project, purpose, client, payer, basis,
                    requests, unknown_requests, attempts,
                    input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
                    fees_pico, cost_pico)
             SELECT started / {},
                    provider, account, model, route, project, purpose, client, payer, basis,
                    requests, unknown_requests, attempts,
                    input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
                    fees_pico, cost_pico
               FROM spend WHERE id = ?1
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
        transaction.prepare_cached(&sql)?.execute([id])?;
    }
    Ok(())
}
