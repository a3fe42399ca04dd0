//! `data/models.toml`: the models that are current, written for people.

use crate::{Band, Bands, Capability, Hours, Model, OffPeak, Price, SearchFee};
use jiff::civil::Date;
use llm_switch_types::{Money, Rates};
use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeMap;

/// The file as a whole.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Rows {
    pub(crate) as_of: Date,
    pub(crate) model: Vec<Row>,
}

/// A model; rates in dollars per million tokens, fees in dollars.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Row {
    name: String,
    context: Option<u64>,
    max_output: Option<u64>,
    #[serde(default)]
    capabilities: Vec<Capability>,
    #[serde(default)]
    efforts: Vec<String>,
    #[serde(default = "yes")]
    thinking_optional: bool,
    #[serde(default = "yes")]
    temperature: bool,
    deprecated: Option<Date>,
    rates: Option<Rates>,
    #[serde(default)]
    above: Vec<Band>,
    #[serde(default)]
    tier: BTreeMap<String, Tier>,
    off_peak: Option<Hourly>,
    #[serde(default, deserialize_with = "fee")]
    per_search: Option<Money>,
    /// The search fee is charged once for a request.
    #[serde(default)]
    search_once: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    rates: Rates,
    #[serde(default)]
    above: Vec<Band>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hourly {
    hours: Vec<Hours>,
    rates: Rates,
}

const fn yes() -> bool {
    true
}

fn fee<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

impl Row {
    /// The model, with its price as it was AS_OF.
    pub(crate) fn into_model(mut self, as_of: Date) -> Model {
        let price = self.rates.take().map(|rates| self.price(rates, as_of));
        Model {
            name: self.name,
            context: self.context,
            max_output: self.max_output,
            capabilities: self.capabilities,
            efforts: self.efforts,
            thinking_optional: self.thinking_optional,
            temperature: self.temperature,
            deprecated: self.deprecated,
            price,
        }
    }

    fn price(&mut self, rates: Rates, as_of: Date) -> Price {
        let tiers = std::mem::take(&mut self.tier).into_iter();
        let hourly = self.off_peak.take();
        Price {
            as_of,
            standard: Bands::new(rates, self.above.drain(..)),
            tiers: tiers.map(|(name, tier)| (name, Bands::new(tier.rates, tier.above))).collect(),
            off_peak: hourly.map(|it| OffPeak { hours: it.hours, bands: Bands::new(it.rates, []) }),
            per_request: Money::ZERO,
            search: self.per_search.map(|fee| SearchFee { fee, once: self.search_once }),
        }
    }
}
