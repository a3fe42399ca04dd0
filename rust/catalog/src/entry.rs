//! An entry of the price list, in the list's own abbreviations.

use crate::{Band, Bands, Capability, Hours, Model, OffPeak, Price, SearchFee};
use jiff::civil::Date;
use llm_switch_types::{Money, Rate, Rates};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the list says of a model. Letters are explained in
/// `data/prices.toml`; regional factors (`up`) are not read, for nothing tells
/// from which region an answer came.
#[derive(Deserialize, Default)]
pub(crate) struct Entry {
    #[serde(rename = "p")]
    pub(crate) provider: String,
    #[serde(rename = "m")]
    pub(crate) mode: String,
    pub(crate) ctx: Option<(Option<u64>, Option<u64>)>,
    #[serde(rename = "r", default)]
    pub(crate) rates: Short,
    #[serde(rename = "t", default)]
    pub(crate) above: Vec<(u64, Short)>,
    #[serde(rename = "g", default)]
    pub(crate) ranges: Vec<(u64, u64, Short)>,
    #[serde(rename = "s", default)]
    pub(crate) tiers: BTreeMap<String, Tier>,
    pub(crate) off: Option<Off>,
    #[serde(rename = "q")]
    pub(crate) search: Option<BTreeMap<String, f64>>,
    #[serde(rename = "w")]
    pub(crate) search_unit: Option<String>,
    #[serde(rename = "req")]
    pub(crate) per_request: Option<f64>,
    #[serde(rename = "cap", default)]
    pub(crate) capabilities: String,
    #[serde(rename = "dep")]
    pub(crate) deprecated: Option<Date>,
}

/// Rates in dollars per million tokens.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Short {
    pub(crate) r#in: Option<Rate>,
    pub(crate) out: Option<Rate>,
    pub(crate) cr: Option<Rate>,
    pub(crate) cw: Option<Rate>,
    pub(crate) cw1h: Option<Rate>,
    pub(crate) rs: Option<Rate>,
    pub(crate) ai: Option<Rate>,
    pub(crate) ao: Option<Rate>,
}

#[derive(Deserialize, Default)]
pub(crate) struct Tier {
    #[serde(flatten)]
    pub(crate) rates: Short,
    /// By the threshold, written `272k`.
    #[serde(default)]
    pub(crate) t: BTreeMap<String, Short>,
}

/// Off-peak rates, the only ones of the list that are per token.
#[derive(Deserialize)]
pub(crate) struct Off {
    windows: Vec<Hours>,
    input_cost_per_token: Option<f64>,
    output_cost_per_token: Option<f64>,
    cache_read_input_token_cost: Option<f64>,
}

impl From<Short> for Rates {
    fn from(short: Short) -> Rates {
        Rates {
            input: short.r#in,
            output: short.out,
            cache_read: short.cr,
            cache_write_5m: short.cw,
            cache_write_1h: short.cw1h,
            reasoning: short.rs.filter(|reasoning| Some(*reasoning) != short.out),
            audio_input: short.ai,
            audio_output: short.ao,
        }
    }
}

impl Entry {
    /// The model NAME, `provider/model` in our words, with its price AS_OF.
    pub(crate) fn into_model(mut self, name: String, as_of: Date) -> Model {
        let letters = std::mem::take(&mut self.capabilities);
        Model {
            name,
            context: self.ctx.and_then(|(input, _)| input),
            max_output: self.ctx.and_then(|(_, output)| output),
            capabilities: letters.chars().filter_map(capability).collect(),
            efforts: Vec::new(),
            thinking_optional: true,
            temperature: true,
            deprecated: self.deprecated,
            price: self.price(as_of),
        }
    }

    /// The list says zero both for what is free and for what it does not
    /// know, and no service is free: without a rate that charges there is no
    /// price.
    fn price(self, as_of: Date) -> Option<Price> {
        let search = self.search();
        let above = at_least(&self.provider);
        let standard = if self.ranges.is_empty() {
            let bands = self.above.into_iter().map(|(from, short)| band(above(from), short));
            Bands::new(self.rates.into(), bands)
        } else {
            Bands::ranges(self.ranges.into_iter().map(|(low, high, it)| (low, high, it.into())))
        };
        let tiers = self.tiers.into_iter().map(|(name, tier)| tier.bands(name, above));
        let charges = standard.iter().any(|band| band.rates.charge());
        charges.then_some(Price {
            as_of,
            standard,
            tiers: tiers.collect(),
            off_peak: self.off.map(Off::into_off_peak),
            per_request: self.per_request.map_or(Money::ZERO, dollars),
            search,
        })
    }

    /// Where the fee depends on how much was searched, the middle one. Google
    /// charges each query only of the models for which the list says so, and
    /// of the others each prompt.
    fn search(&self) -> Option<SearchFee> {
        let fee = self.search.as_ref()?.get("search_context_size_medium")?;
        let google = self.provider == "gemini" || self.provider.starts_with("vertex_ai");
        let once = google && self.search_unit.is_none();
        Some(SearchFee { fee: dollars(*fee), once })
    }
}

/// How PROVIDER means a threshold: everyone charges more above it, xAI from
/// it on.
fn at_least(provider: &str) -> fn(u64) -> u64 {
    if provider == "xai" { |threshold| threshold.saturating_sub(1) } else { |threshold| threshold }
}

fn band(above: u64, short: Short) -> Band {
    Band { above, rates: short.into() }
}

impl Tier {
    fn bands(self, name: String, above: fn(u64) -> u64) -> (String, Bands) {
        let thousands = |text: &str| text.strip_suffix('k')?.parse::<u64>().ok();
        let bands = self.t.into_iter().filter_map(|(threshold, short)| {
            Some(band(above(thousands(&threshold)?.saturating_mul(1_000)), short))
        });
        let name = if name == "batches" { "batch".into() } else { name };
        (name, Bands::new(self.rates.into(), bands))
    }
}

impl Off {
    fn into_off_peak(self) -> OffPeak {
        let rate = |dollars: Option<f64>| dollars.and_then(Rate::from_dollars_per_token);
        let rates = Rates {
            input: rate(self.input_cost_per_token),
            output: rate(self.output_cost_per_token),
            cache_read: rate(self.cache_read_input_token_cost),
            ..Rates::default()
        };
        OffPeak { hours: self.windows, bands: Bands::new(rates, []) }
    }
}

/// A fee. Like a rate it has far fewer digits than a float carries.
fn dollars(amount: f64) -> Money {
    Money::from_pico((amount * 1e12).round() as i64)
}

const fn capability(letter: char) -> Option<Capability> {
    match letter {
        'f' => Some(Capability::Tools),
        'F' => Some(Capability::ParallelTools),
        'v' => Some(Capability::Vision),
        'r' => Some(Capability::Reasoning),
        'j' => Some(Capability::JsonSchema),
        'c' => Some(Capability::Cache),
        'a' => Some(Capability::Audio),
        'p' => Some(Capability::Pdf),
        'w' => Some(Capability::Search),
        _ => None,
    }
}
