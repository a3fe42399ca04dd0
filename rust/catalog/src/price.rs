//! A dated price.

use llm_switch_types::{Basis, Cost, Money, Usage};

/// A dated price; all rates are per token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Names model and date: `openai/gpt-5@2026-11-20`.
    pub id: String,
    /// Fresh input.
    pub input: Money,
    /// Input read from the prompt cache, where the service bills that apart.
    pub cache_read: Option<Money>,
    /// Output, reasoning included.
    pub output: Money,
}

impl Price {
    /// What USAGE costs; unknown when it has tokens in a bucket without rate,
    /// because a bill that leaves something out is worse than none.
    pub fn of(&self, usage: &Usage) -> Cost {
        let buckets = [
            (usage.input, Some(self.input)),
            (usage.cache_read, self.cache_read),
            (usage.cache_write_5m, None),
            (usage.cache_write_1h, None),
            (usage.output, Some(self.output)),
        ];
        let priced = buckets.into_iter().filter(|(tokens, _)| *tokens > 0);
        let parts = priced.map(|(tokens, rate)| rate.map(|rate| rate.times(tokens)));
        match parts.sum::<Option<Money>>() {
            Some(tokens) => Cost {
                amount: Some(tokens.saturating_add(usage.fees)),
                basis: Basis::Computed,
                price: Some(self.id.clone()),
            },
            None => Cost::UNKNOWN,
        }
    }
}
