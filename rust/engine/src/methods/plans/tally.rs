//! What of a plan was used.

use super::worth::Prices;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use llm_switch_ledger::Used;
use llm_switch_types::Money;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Sums over attempts that a plan covered. A service counts what it answers,
/// so an attempt that it turned down is not in them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) requests: u64,
    pub(super) input: u64,
    pub(super) output: u64,
    /// What it would have cost by the token.
    pub(super) value: Money,
    /// How many of the requests no list has a price for.
    pub(super) unpriced: u64,
    pub(super) days: BTreeSet<Date>,
}

/// Whether a service counts USED.
pub(super) fn counts(used: &Used) -> bool {
    used.is_done || used.usage.total() > 0
}

impl Tally {
    /// Add USED, which is WORTH so much, if that is known.
    pub(super) fn add(&mut self, used: &Used, worth: Option<Money>, zone: &TimeZone) {
        self.requests += 1;
        self.input = self.input.saturating_add(used.usage.total_input());
        self.output = self.output.saturating_add(used.usage.output);
        self.value = self.value.saturating_add(worth.unwrap_or(Money::ZERO));
        self.unpriced += u64::from(worth.is_none());
        let at = Timestamp::from_millisecond(used.started_ms).unwrap_or_default();
        self.days.insert(zone.to_datetime(at).date());
    }

    /// `{requests, input, output, value, unpriced, days}`.
    pub(super) fn told(&self) -> Value {
        json!({
            "requests": self.requests,
            "input": self.input,
            "output": self.output,
            "value": self.value,
            "unpriced": self.unpriced,
            "days": self.days.len(),
        })
    }
}

/// What USED is worth by PRICES, if it counts at all.
pub(super) fn valued(prices: &mut Prices, used: &Used) -> Option<Option<Money>> {
    counts(used).then(|| prices.worth(used))
}
