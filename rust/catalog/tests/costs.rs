//! What requests cost, to the pico-dollar.
//!
//! Each vector was worked out by hand from the service's rates; the usage is
//! what the dialect's decoder makes of the service's own counts.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_catalog::{Catalog, Circumstances, Price};
use llm_switch_types::{Basis, Cost, Payer, Rate, Rates, Usage};
use std::time::Duration;

/// A Friday, at an hour when everybody charges the full price.
const FRIDAY_02: &str = "2026-11-20T02:00:00Z";

fn at(at: &str) -> Circumstances<'static> {
    Circumstances { at: at.parse().unwrap(), service_tier: None, duration: Duration::ZERO }
}

fn served(service_tier: &str) -> Circumstances<'_> {
    Circumstances { service_tier: Some(service_tier), ..at(FRIDAY_02) }
}

fn cost_in(circumstances: &Circumstances, deployment: &str, usage: Usage) -> Cost {
    let (provider, model) = deployment.split_once('/').unwrap();
    let catalog = Catalog::embedded().unwrap();
    catalog.price(provider, model, Payer::Metered, &usage, circumstances)
}

fn dollars_in(circumstances: &Circumstances, deployment: &str, usage: Usage) -> String {
    let cost = cost_in(circumstances, deployment, usage);
    assert_eq!(cost.basis, Basis::Computed, "{deployment}");
    cost.amount.unwrap().to_string()
}

fn dollars(deployment: &str, usage: Usage) -> String {
    dollars_in(&at(FRIDAY_02), deployment, usage)
}

fn rate(text: &str) -> Option<Rate> {
    Some(text.parse().unwrap())
}

#[test]
fn cached_tokens_are_billed_once_and_at_their_own_rate() {
    let rates = Rates {
        input: rate("1.25"),
        cache_read: rate("0.625"),
        output: rate("10"),
        ..Rates::default()
    };
    let price = Price::flat("2026-11-20".parse().unwrap(), rates);
    let usage =
        Usage { input: 262_960 - 257_955, cache_read: 257_955, output: 1_744, ..Usage::default() };
    assert_eq!(price.of(&usage, &at(FRIDAY_02)).unwrap().to_string(), "0.184918125");
}

#[test]
fn a_prompt_that_was_cached_but_for_one_token() {
    let usage = Usage { input: 1, cache_read: 27_146, output: 351, ..Usage::default() };
    assert_eq!(dollars("zai/glm-5.2", usage), "0.00860376");
}

#[test]
fn anthropic_bills_both_cache_writes() {
    let usage = Usage {
        input: 11,
        cache_read: 20_003,
        cache_write_5m: 4_001,
        cache_write_1h: 2_007,
        output: 503,
        ..Usage::default()
    };
    // 22 + 2000.3 + 10002.5 + 8028 + 5030 millionths.
    assert_eq!(dollars("anthropic/claude-sonnet-5-5", usage), "0.0250828");
}

#[test]
fn anthropic_bills_a_long_prompt_with_its_cache_at_the_higher_tier() {
    let usage =
        Usage { input: 1, cache_read: 99_000, cache_write_1h: 999, output: 10, ..Usage::default() };
    assert_eq!(dollars("anthropic/claude-haiku-5-5", usage), "0.0011949");
    let over = Usage { input: 2, ..usage };
    assert_eq!(dollars("anthropic/claude-haiku-5-5", over), "0.005975");
}

#[test]
fn gemini_bills_thoughts_as_output_below_the_tier_and_above_it() {
    // promptTokenCount 200000 of which 150000 cached, candidates 800, thoughts 1200.
    let below = Usage {
        input: 50_000,
        cache_read: 150_000,
        output: 2_000,
        reasoning: 1_200,
        ..Usage::default()
    };
    assert_eq!(dollars("gemini/gemini-2.5-pro", below), "0.10125");
    let above = Usage { input: 50_001, ..below };
    assert_eq!(dollars("gemini/gemini-2.5-pro", above), "0.1925025");
}

#[test]
fn deepseek_bills_hits_and_misses_apart() {
    let usage = Usage { input: 1_003, cache_read: 40_007, output: 2_011, ..Usage::default() };
    assert_eq!(dollars("deepseek/deepseek-flash", usage), "0.002954142");
}

#[test]
fn deepseek_costs_half_off_peak() {
    let usage = Usage { input: 1_003, cache_read: 40_007, output: 2_011, ..Usage::default() };
    let when = |time: &str| dollars_in(&at(time), "deepseek/deepseek-flash", usage);
    assert_eq!(when("2026-11-20T00:59:59Z"), "0.001477071");
    assert_eq!(when("2026-11-20T01:00:00Z"), "0.002954142");
    assert_eq!(when("2026-11-20T04:00:00Z"), "0.001477071");
    assert_eq!(when("2026-11-20T09:59:59Z"), "0.002954142");
    assert_eq!(when("2026-11-20T10:00:00Z"), "0.001477071");
    assert_eq!(when("2026-11-21T02:00:00Z"), "0.001477071", "a Saturday");
}

#[test]
fn xai_charges_more_from_the_threshold_on_and_openai_above_it() {
    let prompt = |input| Usage { input, output: 1, ..Usage::default() };
    assert_eq!(dollars("xai/grok-4.7", prompt(199_999)), "0.400004");
    assert_eq!(dollars("xai/grok-4.7", prompt(200_000)), "0.800012");
    assert_eq!(dollars("xai/grok-4.20", prompt(199_999)), "0.25000125", "from the list");
    assert_eq!(dollars("xai/grok-4.20", prompt(200_000)), "0.500005", "from the list");
    assert_eq!(dollars("openai/gpt-6-sol", prompt(272_000)), "0.54401");
    assert_eq!(dollars("openai/gpt-6-sol", prompt(272_001)), "1.088019");
}

#[test]
fn dashscope_prices_every_token_by_the_range_that_holds_the_prompt() {
    let prompt = |input| Usage { input, output: 1_000, ..Usage::default() };
    assert_eq!(dollars("dashscope/qwen-flash", prompt(256_000)), "0.0132");
    assert_eq!(dollars("dashscope/qwen-flash", prompt(256_001)), "0.06600025");
    let beyond = cost_in(&at(FRIDAY_02), "dashscope/qwen-flash", prompt(1_000_001));
    assert_eq!(beyond, Cost::UNKNOWN);
}

#[test]
fn reasoning_has_its_own_rate_where_the_service_has_one() {
    let usage = Usage { input: 1_000, output: 1_000, reasoning: 600, ..Usage::default() };
    assert_eq!(dollars("dashscope/qwen-plus-2025-07-28", usage), "0.00328");
}

#[test]
fn the_tier_that_served_it_prices_it() {
    let usage = Usage { input: 1_000, cache_read: 2_000, output: 100, ..Usage::default() };
    let at_tier = |tier: &str| dollars_in(&served(tier), "openai/gpt-5", usage);
    assert_eq!(at_tier("default"), "0.0025");
    assert_eq!(at_tier("flex"), "0.00125");
    assert_eq!(at_tier("priority"), "0.005");
    let gemini = dollars_in(&served("ON_DEMAND_PRIORITY"), "gemini/gemini-2.5-pro", usage);
    assert_eq!(gemini, "0.0045");
}

#[test]
fn a_tier_without_a_price_is_unknown() {
    let usage = Usage { input: 1_000, output: 1, ..Usage::default() };
    let unknown = |tier, model| cost_in(&served(tier), model, usage) == Cost::UNKNOWN;
    assert!(unknown("provisioned_throughput", "gemini/gemini-2.5-pro"));
    assert!(unknown("priority", "deepseek/deepseek-flash"));
    let long = Usage { input: 272_001, ..usage };
    let priority = cost_in(&served("priority"), "openai/gpt-5.4", long);
    assert_eq!(priority, Cost::UNKNOWN, "no priority price is told for long prompts");
}

#[test]
fn searches_and_requests_are_billed_beside_the_tokens() {
    let usage = Usage { input: 1_000, output: 100, searches: 3, ..Usage::default() };
    assert_eq!(dollars("anthropic/claude-sonnet-4-5", Usage { searches: 0, ..usage }), "0.0045");
    assert_eq!(dollars("openai/gpt-5", usage), "0.03225");
    assert_eq!(dollars("gemini/gemini-3.8-flash", usage), "0.043125", "each query");
    assert_eq!(dollars("gemini/gemini-2.5-pro", usage), "0.03725", "once a prompt");
    let request = Usage { searches: 0, ..usage };
    assert_eq!(dollars("perplexity/sonar-small-online", request), "0.005028");
    assert_eq!(cost_in(&at(FRIDAY_02), "mistral/codestral-2508", usage), Cost::UNKNOWN);
}

#[test]
fn audio_has_its_own_rate_where_the_service_has_one() {
    let usage = Usage { input: 1_000, audio_input: 400, output: 10, ..Usage::default() };
    assert_eq!(dollars("gemini/gemini-2.5-flash", usage), "0.000605");
    assert_eq!(dollars("gemini/gemini-2.5-pro", usage), "0.00135", "like text");
}

#[test]
fn the_price_is_named_with_its_date() {
    let usage = Usage { input: 1, ..Usage::default() };
    let name = |model| cost_in(&at(FRIDAY_02), model, usage).price.unwrap();
    assert_eq!(name("openai/gpt-5-2025-08-07"), "openai/gpt-5-2025-08-07@2026-11-20");
    assert_eq!(name("anthropic/claude-opus-5-20260801"), "anthropic/claude-opus-5@2026-11-20");
}

#[test]
fn an_unknown_price_is_unknown_and_never_free() {
    let usage = Usage { input: 1, output: 1, ..Usage::default() };
    let unknown = |model| cost_in(&at(FRIDAY_02), model, usage) == Cost::UNKNOWN;
    assert!(unknown("openai/no-such"));
    assert!(unknown("zai/glm-5.3-highspeed"), "a row without rates");
    assert!(unknown("github-copilot/gpt-4.1"), "the list says zero");
    let written = Usage { cache_write_1h: 1, ..Usage::default() };
    assert_eq!(cost_in(&at(FRIDAY_02), "openai/gpt-5", written), Cost::UNKNOWN);
}

#[test]
fn the_payer_decides_before_the_price() {
    let catalog = Catalog::embedded().unwrap();
    let usage = Usage { input: 1_000_000, ..Usage::default() };
    let paid_by = |payer| catalog.price("openai", "gpt-5", payer, &usage, &at(FRIDAY_02));
    assert_eq!(paid_by(Payer::Free), Cost::FREE);
    assert_eq!(paid_by(Payer::Plan), Cost::PLAN);
}
