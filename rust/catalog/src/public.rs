//! The public price map, as its maintainers publish it.
//!
//! One object for each model, in dollars per token. What a rate is for stands
//! in the name of its field: `BUCKET[_above_272k_tokens][_priority]`.

use crate::entry::{Entry, Short, Tier};
use llm_switch_types::Rate;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The entry that OBJECT is about, or `None` when it is no chat model.
pub(crate) fn entry(object: &Map<String, Value>) -> Option<Entry> {
    let text = |field: &str| object.get(field).and_then(Value::as_str).map(str::to_owned);
    let count = |field: &str| object.get(field).and_then(whole);
    let mode = MODES.iter().find(|(theirs, _)| text("mode").as_deref() == Some(theirs))?.1;
    let mut entry = Entry {
        provider: text("litellm_provider")?,
        mode: mode.into(),
        ctx: Some((count("max_input_tokens"), count("max_output_tokens"))),
        ranges: ranges(object),
        off: object.iter().find_map(|(field, value)| off_peak(field, value)),
        search: object.get("search_context_cost_per_query").and_then(read),
        search_unit: text("web_search_billing_unit"),
        per_request: object.get("input_cost_per_request").and_then(Value::as_f64),
        capabilities: capabilities(object),
        deprecated: text("deprecation_date").and_then(|date| date.parse().ok()),
        ..Entry::default()
    };
    rates(object, &mut entry);
    Some(entry)
}

const MODES: [(&str, &str); 2] = [("chat", "c"), ("responses", "r")];

const TIERS: [(&str, &str); 5] = [
    ("_priority", "priority"),
    ("_flex", "flex"),
    ("_batches", "batch"),
    ("_balanced", "balanced"),
    ("_ultrafast", "ultrafast"),
];

const CAPABILITIES: [(&str, char); 9] = [
    ("supports_function_calling", 'f'),
    ("supports_parallel_function_calling", 'F'),
    ("supports_vision", 'v'),
    ("supports_reasoning", 'r'),
    ("supports_response_schema", 'j'),
    ("supports_prompt_caching", 'c'),
    ("supports_audio_input", 'a'),
    ("supports_pdf_input", 'p'),
    ("supports_web_search", 'w'),
];

fn capabilities(object: &Map<String, Value>) -> String {
    let can = |field: &str| object.get(field) == Some(&Value::Bool(true));
    CAPABILITIES.iter().filter(|(field, _)| can(field)).map(|(_, letter)| letter).collect()
}

fn rates(object: &Map<String, Value>, entry: &mut Entry) {
    let mut above: BTreeMap<u64, Short> = BTreeMap::new();
    for (field, value) in object {
        let (rest, tier) = split_tier(field);
        let (bucket, thousands) = split_threshold(rest);
        let short = match (tier, thousands) {
            (None, None) => &mut entry.rates,
            (None, Some(thousands)) => above.entry(thousands.saturating_mul(1_000)).or_default(),
            (Some(tier), None) => &mut entry.tiers.entry(tier.into()).or_default().rates,
            (Some(tier), Some(thousands)) => {
                let Tier { t, .. } = entry.tiers.entry(tier.into()).or_default();
                t.entry(format!("{thousands}k")).or_default()
            }
        };
        set(short, bucket, value);
    }
    entry.above = above.into_iter().collect();
}

fn split_tier(field: &str) -> (&str, Option<&'static str>) {
    let split = |(suffix, tier)| field.strip_suffix(suffix).map(|rest| (rest, Some(tier)));
    TIERS.into_iter().find_map(split).unwrap_or((field, None))
}

/// The field without `_above_272k_tokens`, and the 272.
fn split_threshold(field: &str) -> (&str, Option<u64>) {
    let split = field.rsplit_once("_above_").and_then(|(bucket, threshold)| {
        Some((bucket, Some(threshold.strip_suffix("k_tokens")?.parse().ok()?)))
    });
    split.unwrap_or((field, None))
}

/// Set the rate of BUCKET, if that is one, to the dollars per token in VALUE.
fn set(short: &mut Short, bucket: &str, value: &Value) {
    let slot = match bucket {
        "input_cost_per_token" => &mut short.r#in,
        "output_cost_per_token" => &mut short.out,
        "cache_read_input_token_cost" => &mut short.cr,
        "cache_creation_input_token_cost" => &mut short.cw,
        "cache_creation_input_token_cost_above_1hr" => &mut short.cw1h,
        "output_cost_per_reasoning_token" => &mut short.rs,
        "input_cost_per_audio_token" => &mut short.ai,
        "output_cost_per_audio_token" => &mut short.ao,
        _ => return,
    };
    *slot = value.as_f64().and_then(Rate::from_dollars_per_token);
}

fn ranges(object: &Map<String, Value>) -> Vec<(u64, u64, Short)> {
    let range = |range: &Value| {
        let mut short = Short::default();
        let fields = range.as_object()?;
        fields.iter().for_each(|(bucket, value)| set(&mut short, bucket, value));
        let border = |index: usize| fields.get("range")?.get(index).and_then(whole);
        Some((border(0)?, border(1)?, short))
    };
    let ranges = object.get("tiered_pricing").and_then(Value::as_array);
    ranges.into_iter().flatten().filter_map(range).collect()
}

fn off_peak<T: serde::de::DeserializeOwned>(field: &str, value: &Value) -> Option<T> {
    field.starts_with("off_peak").then(|| read(value)).flatten()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// A count, which the map also writes as a float: `256000.0`.
fn whole(value: &Value) -> Option<u64> {
    let count = value.as_f64()?;
    (0.0..1e15).contains(&count).then_some(count as u64)
}
