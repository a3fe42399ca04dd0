//! An hour of work for those who have none in the ledger.

use llm_switch_types::Usage;
use serde::Deserialize;

/// How hard one works with models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    expecting = "a level is \"typical\", \"heavy\" or \"very-heavy\""
)]
pub(super) enum Level {
    /// Chats and rewrites by hand: 20 requests of 8,000 tokens in, six tenths
    /// of them cached, and 600 out.
    Typical,
    /// A chat with tools, or one agent: 90 requests of 30,000 tokens in, eight
    /// tenths of them cached, and 700 out.
    Heavy,
    /// Several agents at once: 300 requests of 60,000 tokens in, nine tenths
    /// of them cached, and 800 out.
    VeryHeavy,
}

/// These are assumptions of ours, and not measured. What they were held
/// against: Anthropic tells of $13 for a developer's active day with Claude
/// Code on average, and of less than $30 for nine of ten
/// (https://code.claude.com/docs/en/costs). At Sonnet's prices ($3 in, $0.30
/// cached, $15 out) a heavy hour is $3.21, so that this day has four of them.
impl Level {
    /// How many requests it makes in an hour.
    pub(super) const fn requests(self) -> u64 {
        match self {
            Self::Typical => 20,
            Self::Heavy => 90,
            Self::VeryHeavy => 300,
        }
    }

    /// What each of them uses.
    pub(super) fn request(self) -> Usage {
        let (input, cached_tenths, output) = match self {
            Self::Typical => (8_000, 6, 600),
            Self::Heavy => (30_000, 8, 700),
            Self::VeryHeavy => (60_000, 9, 800),
        };
        let cache_read = input / 10 * cached_tenths;
        Usage { input: input - cache_read, cache_read, output, ..Usage::default() }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Typical => "typical",
            Self::Heavy => "heavy",
            Self::VeryHeavy => "very-heavy",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Rate, Rates};

    #[test]
    fn a_heavy_hour_at_sonnets_prices_is_what_it_is_said_to_be() {
        let rate = |text: &str| text.parse::<Rate>().ok();
        let rates = Rates {
            input: rate("3"),
            cache_read: rate("0.3"),
            output: rate("15"),
            ..Rates::default()
        };
        let request = rates.bill(&Level::Heavy.request()).unwrap();
        assert_eq!(request.times(Level::Heavy.requests()).to_string(), "3.213");
    }
}
