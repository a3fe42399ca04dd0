//! The sums over hours and days, made from the rows: what the ledger keeps up
//! with every settlement, for who writes rows behind its back.

use rusqlite::{Result, Transaction};

/// The tables of sums, and the milliseconds in a bucket of theirs.
pub const SUMS: [(&str, i64); 2] = [("spend_hour", 3_600_000), ("spend_day", 86_400_000)];

/// What tells two rows of such a table apart, beside the bucket.
const KEYS: &str = "provider, account, model, route, project, purpose, client, payer, basis";

/// Makes all sums anew.
pub fn add_up(transaction: &Transaction<'_>) -> Result<()> {
    SUMS.into_iter().try_for_each(|(table, width)| {
        let sums = added_up(width);
        transaction.execute_batch(&format!("DELETE FROM {table}; INSERT INTO {table} {sums};"))
    })
}

/// The query for the sums over buckets of WIDTH milliseconds, in the order of
/// a table's columns.
pub fn added_up(width: i64) -> String {
    format!(
        "SELECT started / {width} AS bucket, {KEYS},
                sum(requests), sum(unknown_requests), sum(attempts),
                sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h),
                sum(output), sum(reasoning), sum(fees_pico), sum(cost_pico)
           FROM spend GROUP BY bucket, {KEYS}"
    )
}
