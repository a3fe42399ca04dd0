//! Rates that depend on the size of the prompt.

use llm_switch_types::Rates;
use serde::Deserialize;

/// The rates of prompts of more than so many tokens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Band {
    /// The largest prompt that is still in the band below. A service that
    /// says "from 200,000 on" has 199,999 here.
    pub above: u64,
    /// What every token of such a request costs.
    pub rates: Rates,
}

/// Rates by the size of the prompt. The band that holds the whole prompt
/// prices every token of the request: services do not slice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bands {
    bands: Vec<Band>,
    /// The largest prompt that has a price, where the service names one.
    limit: Option<u64>,
}

impl Bands {
    /// The same RATES for every prompt up to the first of the bands ABOVE.
    pub(crate) fn new(rates: Rates, above: impl IntoIterator<Item = Band>) -> Bands {
        let mut bands = vec![Band { above: 0, rates }];
        bands.extend(above);
        bands.sort_by_key(|band| band.above);
        Bands { bands, limit: None }
    }

    /// RANGES of the form (more than, at most, rates).
    pub(crate) fn ranges(ranges: impl IntoIterator<Item = (u64, u64, Rates)>) -> Bands {
        let mut bands = Bands::default();
        for (above, limit, rates) in ranges {
            bands.bands.push(Band { above, rates });
            bands.limit = bands.limit.max(Some(limit));
        }
        bands.bands.sort_by_key(|band| band.above);
        bands
    }

    /// The rates of a request whose prompt has TOKENS, cached ones included.
    pub fn rates(&self, tokens: u64) -> Option<&Rates> {
        let holds = |band: &&Band| band.above < tokens.max(1);
        let band = self.bands.iter().rev().find(holds)?;
        self.limit.is_none_or(|limit| tokens <= limit).then_some(&band.rates)
    }

    /// The largest prompt that is priced like the smallest.
    pub(crate) fn first_limit(&self) -> Option<u64> {
        self.bands.get(1).map(|band| band.above).or(self.limit)
    }

    /// The bands, smallest prompts first.
    pub fn iter(&self) -> impl Iterator<Item = &Band> {
        self.bands.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(input: &str) -> Rates {
        Rates { input: input.parse().ok(), ..Rates::default() }
    }

    #[test]
    fn a_threshold_itself_belongs_to_the_band_below() {
        let bands = Bands::new(rates("1"), [Band { above: 200_000, rates: rates("2") }]);
        assert_eq!(bands.rates(0), Some(&rates("1")));
        assert_eq!(bands.rates(200_000), Some(&rates("1")));
        assert_eq!(bands.rates(200_001), Some(&rates("2")));
        assert_eq!(bands.rates(u64::MAX), Some(&rates("2")));
    }

    #[test]
    fn a_prompt_beyond_the_last_range_has_no_price() {
        let bands = Bands::ranges([(0, 10, rates("1")), (10, 20, rates("2"))]);
        assert_eq!(bands.rates(10), Some(&rates("1")));
        assert_eq!(bands.rates(20), Some(&rates("2")));
        assert_eq!(bands.rates(21), None);
    }
}
