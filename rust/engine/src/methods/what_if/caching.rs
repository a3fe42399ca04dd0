//! What a prompt cache would have held.

use llm_switch_types::{Rates, Usage};
use serde::Deserialize;

/// What is supposed of prompt caches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Caching {
    /// They held what they held.
    #[default]
    AsItWas,
    /// They held nothing.
    Off,
    /// They held as much of everything as they held of some route.
    On(Hits),
}

/// So many of the tokens that went in came from a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hits {
    pub(super) read: u64,
    pub(super) input: u64,
}

/// The word for it in what Lisp asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Wish {
    #[default]
    AsItWas,
    Off,
    On,
}

impl Wish {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AsItWas => "as-it-was",
            Self::Off => "off",
            Self::On => "on",
        }
    }

    /// It, with HITS where there are any.
    pub(super) fn with(self, hits: Option<Hits>) -> Caching {
        match (self, hits) {
            (Self::Off, _) => Caching::Off,
            (Self::On, Some(hits)) => Caching::On(hits),
            _ => Caching::AsItWas,
        }
    }
}

impl Caching {
    /// USAGE as it would have been at a service with RATES.
    pub(super) fn of(self, usage: &Usage, rates: &Rates) -> Usage {
        match self {
            Self::Off => fresh(usage),
            Self::On(hits) if rates.cache_read.is_some() => hits.of(usage, rates),
            Self::AsItWas | Self::On(_) => *usage,
        }
    }
}

/// USAGE with all input fresh.
fn fresh(usage: &Usage) -> Usage {
    let input = usage.total_input();
    Usage { input, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0, ..*usage }
}

impl Hits {
    /// USAGE with this share of its input read. A service that charges for
    /// writing to its cache is paid for the rest to be written.
    fn of(self, usage: &Usage, rates: &Rates) -> Usage {
        let all = usage.total_input();
        let read = u128::from(all) * u128::from(self.read) / u128::from(self.input.max(1));
        let cache_read = u64::try_from(read).unwrap_or(all).min(all);
        let rest = all - cache_read;
        let usage = Usage { cache_read, ..fresh(usage) };
        match rates.cache_write_5m {
            Some(_) => Usage { input: 0, cache_write_5m: rest, ..usage },
            None => Usage { input: rest, ..usage },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: Usage = Usage {
        input: 10,
        cache_read: 20,
        cache_write_5m: 30,
        cache_write_1h: 41,
        output: 7,
        reasoning: 3,
        audio_input: 0,
        audio_output: 0,
        searches: 0,
        fees: llm_switch_types::Money::ZERO,
    };

    fn rates(read: bool, write: bool) -> Rates {
        let rate = |is: bool| is.then(|| "1".parse().unwrap());
        Rates { cache_read: rate(read), cache_write_5m: rate(write), ..Rates::default() }
    }

    #[test]
    fn without_a_cache_everything_is_fresh() {
        let usage = Caching::Off.of(&USAGE, &rates(true, true));
        assert_eq!((usage.input, usage.total_input(), usage.output), (101, 101, 7));
    }

    #[test]
    fn with_a_cache_the_share_is_read_and_the_rest_written_where_that_costs() {
        let on = Caching::On(Hits { read: 3, input: 4 });
        let automatic = on.of(&USAGE, &rates(true, false));
        assert_eq!((automatic.cache_read, automatic.input), (75, 26));
        let written = on.of(&USAGE, &rates(true, true));
        assert_eq!((written.cache_read, written.input, written.cache_write_5m), (75, 0, 26));
        assert_eq!((automatic.total_input(), written.total_input()), (101, 101));
        assert_eq!(on.of(&USAGE, &rates(false, true)), USAGE, "there is no cache to be on");
    }
}
