//! The sums of a report.

use llm_switch_types::{Money, Usage};
use rusqlite::{Result, Row};
use serde::Serialize;

/// What is settled, summed. Tokens are in disjoint buckets, but that
/// `reasoning` is a part of `output`; money is in pico-dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sums {
    /// How many requests, each counted where its last attempt was made.
    pub requests: u64,
    /// How many attempts.
    pub attempts: u64,
    /// How many of the attempts cost an amount that is not known.
    pub unknown: u64,
    /// How many of them cost nobody anything.
    pub free: u64,
    /// How many of them a subscription covered.
    pub plan: u64,
    /// Input tokens at the full rate.
    pub input: u64,
    /// Input tokens read from a cache.
    pub cache_read: u64,
    /// Input tokens written to a cache that lives five minutes.
    pub cache_write_5m: u64,
    /// Input tokens written to a cache that lives an hour.
    pub cache_write_1h: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// The part of `output` that was reasoning.
    pub reasoning: u64,
    /// Fees that are not per token; a part of `cost`.
    pub fees: Money,
    /// What it cost, as far as that is known.
    pub cost: Money,
    /// The part of `cost` that is an estimate.
    pub estimated: Money,
}

/// The columns that [`Sums::read`] reads, over any table of sums.
pub(super) const COUNTERS: &str = "sum(requests), sum(attempts),
    sum(iif(basis = 'unknown', attempts, 0)), sum(iif(basis = 'free', attempts, 0)),
    sum(iif(basis = 'plan', attempts, 0)),
    sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h),
    sum(output), sum(reasoning), sum(fees_pico), sum(cost_pico),
    sum(iif(basis = 'estimated', cost_pico, 0))";

impl Sums {
    /// The sums in the columns of ROW from FIRST on.
    pub(super) fn read(row: &Row, first: usize) -> Result<Sums> {
        let count = |at: usize| row.get::<_, u64>(first + at);
        let money = |at: usize| row.get(first + at).map(Money::from_pico);
        Ok(Sums {
            requests: count(0)?,
            attempts: count(1)?,
            unknown: count(2)?,
            free: count(3)?,
            plan: count(4)?,
            input: count(5)?,
            cache_read: count(6)?,
            cache_write_5m: count(7)?,
            cache_write_1h: count(8)?,
            output: count(9)?,
            reasoning: count(10)?,
            fees: money(11)?,
            cost: money(12)?,
            estimated: money(13)?,
        })
    }

    /// With OTHER added.
    pub fn plus(self, other: Sums) -> Sums {
        Sums {
            requests: self.requests + other.requests,
            attempts: self.attempts + other.attempts,
            unknown: self.unknown + other.unknown,
            free: self.free + other.free,
            plan: self.plan + other.plan,
            input: self.input + other.input,
            cache_read: self.cache_read + other.cache_read,
            cache_write_5m: self.cache_write_5m + other.cache_write_5m,
            cache_write_1h: self.cache_write_1h + other.cache_write_1h,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
            fees: self.fees.saturating_add(other.fees),
            cost: self.cost.saturating_add(other.cost),
            estimated: self.estimated.saturating_add(other.estimated),
        }
    }

    /// The tokens by how they are billed.
    pub fn usage(&self) -> Usage {
        Usage {
            input: self.input,
            cache_read: self.cache_read,
            cache_write_5m: self.cache_write_5m,
            cache_write_1h: self.cache_write_1h,
            output: self.output,
            reasoning: self.reasoning,
            ..Usage::default()
        }
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Sums>>(all: I) -> Sums {
        all.fold(Sums::default(), Sums::plus)
    }
}
