//! The most that a request can cost.

use crate::setup::Account;
use jiff::Timestamp;
use llm_switch_catalog::{Catalog, Circumstances};
use llm_switch_types::{Money, Usage};
use std::time::Duration;

/// Prices of one deployment, to be asked before a request is sent.
#[derive(Clone, Copy)]
pub(crate) struct Quote<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) account: &'a Account,
    pub(crate) model: &'a str,
    pub(crate) at: Timestamp,
    /// The service tier that the request asks for by name.
    pub(crate) tier: Option<&'a str>,
}

impl Quote<'_> {
    /// The most that INPUT tokens in and OUTPUT tokens out can cost: every
    /// input token may be one that is written to a cache, and a large prompt
    /// has the rates of large prompts. `None` where the price is not known.
    pub(crate) fn highest(&self, input: u64, output: u64) -> Option<Money> {
        let bucket = |bucket: fn(u64) -> Usage| Usage { output, ..bucket(input) };
        let buckets: [fn(u64) -> Usage; 3] = [
            |count| Usage { input: count, ..Usage::default() },
            |count| Usage { cache_write_5m: count, ..Usage::default() },
            |count| Usage { cache_write_1h: count, ..Usage::default() },
        ];
        let known = buckets.into_iter().filter_map(|it| self.price(&bucket(it))).max();
        // The bound may lie beyond the largest prompt that has a price.
        let half = || Some(self.highest(input / 2, output)?.times(2));
        known.or_else(|| if input > 1 { half() } else { None })
    }

    /// How many tokens may come out after INPUT tokens in, so that it costs no
    /// more than MONEY; `None` where the price is not known or is nothing.
    pub(crate) fn affordable(&self, input: u64, money: Money) -> Option<u64> {
        const MILLION: u64 = 1_000_000;
        let base = self.highest(input, 0)?.pico();
        let rate = self.highest(input, MILLION)?.pico().saturating_sub(base);
        if rate <= 0 {
            return None;
        }
        let left = i128::from(money.pico().saturating_sub(base).max(0));
        let tokens = left * i128::from(MILLION) / i128::from(rate);
        Some(u64::try_from(tokens).unwrap_or(u64::MAX))
    }

    /// What USAGE costs the user, with the fee on credit; `None` where the
    /// price is not known.
    pub(crate) fn price(&self, usage: &Usage) -> Option<Money> {
        let circumstances = Circumstances {
            at: self.at,
            service_tier: self.tier,
            // Off-peak hours may end while it runs: what is known is now.
            duration: Duration::ZERO,
        };
        let (provider, payer) = (&self.account.provider.name, self.account.payer);
        let cost = self.catalog.price(provider, self.model, payer, usage, &circumstances);
        cost.with_fee(self.account.fee).amount
    }
}
