//! What an attempt used, in tokens.

use crate::Money;
use serde::{Deserialize, Serialize};

/// Tokens by how they are billed. The buckets are disjoint: a cached input
/// token counts in `cache_read` and nowhere else, whatever way the service
/// reports it. Each dialect says in its decoder how its totals map to these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Usage {
    /// Input tokens billed at the full rate.
    pub input: u64,
    /// Input tokens read from the service's prompt cache.
    pub cache_read: u64,
    /// Input tokens written to a cache that lives five minutes.
    pub cache_write_5m: u64,
    /// Input tokens written to a cache that lives an hour.
    pub cache_write_1h: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// The part of `output` that was reasoning; zero where it is not told.
    pub reasoning: u64,
    /// The part of `input` that was audio.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_input: u64,
    /// The part of `output` that was audio.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_output: u64,
    /// Web searches that the service made and bills apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub searches: u64,
    /// Fees that are not per token (web searches and the like).
    pub fees: Money,
}

impl Usage {
    /// All tokens that went in, cached or not.
    pub fn total_input(&self) -> u64 {
        let written = self.cache_write_5m.saturating_add(self.cache_write_1h);
        self.input.saturating_add(self.cache_read).saturating_add(written)
    }

    /// This and OTHER, bucket by bucket.
    pub fn plus(self, other: Usage) -> Usage {
        Usage {
            input: self.input.saturating_add(other.input),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write_5m: self.cache_write_5m.saturating_add(other.cache_write_5m),
            cache_write_1h: self.cache_write_1h.saturating_add(other.cache_write_1h),
            output: self.output.saturating_add(other.output),
            reasoning: self.reasoning.saturating_add(other.reasoning),
            audio_input: self.audio_input.saturating_add(other.audio_input),
            audio_output: self.audio_output.saturating_add(other.audio_output),
            searches: self.searches.saturating_add(other.searches),
            fees: self.fees.saturating_add(other.fees),
        }
    }

    /// All tokens, in and out.
    pub fn total(&self) -> u64 {
        self.total_input().saturating_add(self.output)
    }
}

/// What hardly any answer has is not shown where it is absent.
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_nonsense_never_wraps_around() {
        let usage = Usage { input: 1, cache_write_1h: u64::MAX, ..Usage::default() };
        let usage = Usage { cache_read: 1, cache_write_5m: 1, output: 1, ..usage };
        assert_eq!((usage.total_input(), usage.total()), (u64::MAX, u64::MAX));
    }

    #[test]
    fn a_sum_leaves_no_bucket_out() {
        let usage = Usage {
            input: 1,
            cache_read: 2,
            cache_write_5m: 3,
            cache_write_1h: 4,
            output: 5,
            reasoning: 6,
            audio_input: 7,
            audio_output: 8,
            searches: 9,
            fees: Money::from_pico(10),
        };
        let twice = serde_json::to_value(usage.plus(usage)).unwrap();
        let doubled = twice.as_object().unwrap().values().map(|it| it.as_i64().unwrap());
        assert_eq!(doubled.sum::<i64>(), 2 * (1..=10).sum::<i64>());
    }
}
