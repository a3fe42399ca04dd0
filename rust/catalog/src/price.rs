//! A dated price.

use crate::circumstances::{Circumstances, tier};
use crate::{Bands, Hours};
use jiff::{Timestamp, civil::Date};
use llm_switch_types::{Money, Rates, Usage};
use std::collections::BTreeMap;

/// What a model costs, as it was on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The day on which it was read.
    pub as_of: Date,
    /// The rates that hold when no others do.
    pub standard: Bands,
    /// The rates of other service tiers, by name.
    pub tiers: BTreeMap<String, Bands>,
    /// The hours at which the standard tier costs less.
    pub off_peak: Option<OffPeak>,
    /// For each request, whatever its size.
    pub per_request: Money,
    /// For web searches that the service makes.
    pub search: Option<SearchFee>,
}

/// What holds instead of the standard rates at some hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffPeak {
    /// When.
    pub hours: Vec<Hours>,
    /// What.
    pub bands: Bands,
}

/// What a service charges for searching the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchFee {
    /// The fee.
    pub fee: Money,
    /// It is charged once for a request, however many searches that made.
    pub once: bool,
}

impl Price {
    /// A price that is the same RATES at all times and sizes.
    pub fn flat(as_of: Date, rates: Rates) -> Price {
        Price {
            as_of,
            standard: Bands::new(rates, []),
            tiers: BTreeMap::new(),
            off_peak: None,
            per_request: Money::ZERO,
            search: None,
        }
    }

    /// What USAGE costs in CIRCUMSTANCES. `None` when a part of it has no
    /// known price: a tier, a bucket, a search.
    pub fn of(&self, usage: &Usage, circumstances: &Circumstances) -> Option<Money> {
        let tokens = self.rates(usage.total_input(), circumstances)?.bill(usage)?;
        let fees = [self.per_request, self.searches(usage.searches)?, usage.fees];
        Some(fees.into_iter().fold(tokens, Money::saturating_add))
    }

    fn rates(&self, prompt: u64, circumstances: &Circumstances) -> Option<&Rates> {
        match circumstances.service_tier.map_or(Ok(None), tier).ok()? {
            Some(name) => self.tier_rates(name, prompt),
            None => self.at(circumstances.at).rates(prompt),
        }
    }

    /// A tier that has no rates of its own for large prompts is not known to
    /// serve them at those for small ones.
    fn tier_rates(&self, name: &str, prompt: u64) -> Option<&Rates> {
        let tier = self.tiers.get(name)?;
        let limit = self.standard.first_limit().filter(|_| tier.first_limit().is_none());
        tier.rates(prompt).filter(|_| limit.is_none_or(|limit| prompt <= limit))
    }

    fn at(&self, at: Timestamp) -> &Bands {
        let off_peak = self.off_peak.as_ref();
        off_peak
            .filter(|it| it.hours.iter().any(|hours| hours.hold(at)))
            .map_or(&self.standard, |it| &it.bands)
    }

    fn searches(&self, count: u64) -> Option<Money> {
        match self.search {
            _ if count == 0 => Some(Money::ZERO),
            Some(SearchFee { fee, once }) => Some(fee.times(if once { 1 } else { count })),
            None => None,
        }
    }

    /// Every rate of it by a name that says where it holds, such as `input`,
    /// `flex cache-read` or `above 272000 output`.
    pub fn named_rates(&self) -> BTreeMap<String, String> {
        let tiers = self.tiers.iter().map(|(name, bands)| (format!("{name} "), bands));
        let off_peak = self.off_peak.iter().map(|it| ("off-peak ".to_owned(), &it.bands));
        let all = std::iter::once((String::new(), &self.standard)).chain(tiers).chain(off_peak);
        let mut named: BTreeMap<_, _> =
            all.flat_map(|(place, bands)| named_bands(place, bands)).collect();
        let per_request = Some(self.per_request).filter(|fee| *fee != Money::ZERO);
        named.extend(per_request.map(|fee| ("per-request".to_owned(), fee.to_string())));
        named.extend(self.search.map(|it| ("per-search".to_owned(), it.fee.to_string())));
        named
    }
}

fn named_bands(place: String, bands: &Bands) -> impl Iterator<Item = (String, String)> {
    bands.iter().flat_map(move |band| {
        let size = if band.above == 0 { String::new() } else { format!("above {} ", band.above) };
        let place = format!("{place}{size}");
        let told = band.rates.named().into_iter().filter_map(|(name, rate)| Some((name, rate?)));
        told.map(move |(name, rate)| (format!("{place}{name}"), rate.to_string()))
    })
}
