//! Which price is in force.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_catalog::{Capability, Catalog, Circumstances, Model, PriceList};
use llm_switch_types::{Basis, Cost, Money, OwnPrice, Payer, Rate, Rates, Usage};
use std::time::Duration;

fn catalog() -> Catalog {
    Catalog::embedded().unwrap()
}

fn list(as_of: &str, json: &str) -> PriceList {
    PriceList::parse(json.as_bytes(), as_of.parse().unwrap()).unwrap()
}

fn input(model: Option<&Model>) -> String {
    model.unwrap().price.as_ref().unwrap().named_rates()["input"].clone()
}

fn rate(text: &str) -> Rate {
    text.parse().unwrap()
}

/// The cost of a thousand tokens in and ten out that took nine seconds.
fn cost(catalog: &Catalog, provider: &str, model: &str, payer: Payer) -> Cost {
    let usage = Usage { input: 600, cache_read: 400, output: 10, ..Usage::default() };
    let circumstances = Circumstances {
        at: "2026-11-20T02:00:00Z".parse().unwrap(),
        service_tier: None,
        duration: Duration::from_secs(9),
    };
    catalog.price(provider, model, payer, &usage, &circumstances)
}

fn own(name: &str, price: OwnPrice) -> Catalog {
    catalog().with_own_prices([(name.to_owned(), price)].into())
}

#[test]
fn the_embedded_list_is_whole() {
    let list = PriceList::embedded();
    assert_eq!(list.as_of().to_string(), "2026-11-20");
    assert_eq!(list.models().count(), 3_177);
    assert!(list.models().any(|model| model.price.is_none()), "zero is not a price");
}

#[test]
fn no_price_that_we_know_is_finer_than_a_pico_dollar_a_token() {
    let catalog = catalog();
    let models = catalog.providers().iter().flat_map(|row| catalog.models_of(&row.name));
    for model in models.chain(catalog.list().models()) {
        let rates = model.price.iter().flat_map(|price| price.named_rates());
        for (name, rate) in rates.filter(|(name, _)| !name.starts_with("per-")) {
            let decimals = rate.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            assert!(decimals <= 6, "{} {name}: {rate} per million", model.name);
        }
    }
}

#[test]
fn our_providers_are_found_under_the_lists_names() {
    let known = |provider, model| catalog().priced(provider, model).is_some();
    assert!(known("fireworks", "accounts/fireworks/models/deepseek-v3"));
    assert!(known("together", "meta-llama/Llama-3.3-70B-Instruct-Turbo"));
    assert!(known("bedrock", "anthropic.claude-haiku-5-5"));
    assert!(known("github-copilot", "claude-fable-5"));
    assert!(known("cloudflare", "@cf/openai/gpt-oss-120b"));
    assert!(known("gemini", "models/gemini-2.5-pro"));
}

#[test]
fn a_dated_name_has_the_price_of_the_undated_one() {
    let catalog = catalog();
    let model = catalog.priced("anthropic", "claude-opus-5-20260801").unwrap();
    assert_eq!(model.name, "anthropic/claude-opus-5");
    assert!(catalog.priced("openai", "gpt-5-nano-nano").is_none(), "no guessing");
}

#[test]
fn the_models_that_people_read_win_over_a_list_of_the_same_day() {
    assert_eq!(input(catalog().priced("mistral", "mistral-large-4")), "0.7");
    assert_eq!(input(catalog().list().model("mistral/mistral-large-4")), "0.68");
    assert_eq!(input(catalog().priced("dashscope", "qwen3.7-plus")), "0.4", "it has no price");
}

#[test]
fn a_newer_list_wins_and_an_older_one_does_not() {
    let json =
        r#"{"mistral/mistral-large-4": {"p": "mistral", "m": "c", "r": {"in": 9, "out": 9}}}"#;
    let newer = catalog().with_list(list("2026-12-24", json));
    assert_eq!(input(newer.priced("mistral", "mistral-large-4")), "9");
    assert_eq!(newer.as_of().to_string(), "2026-12-24");
    let older = catalog().with_list(list("2025-12-24", json));
    assert_eq!(input(older.priced("mistral", "mistral-large-4")), "0.7");
    assert_eq!(older.as_of().to_string(), "2026-11-20");
    let same_day = catalog().with_list(list("2026-11-20", json));
    assert_eq!(input(same_day.priced("mistral", "mistral-large-4")), "9", "the user fetched it");
    let again = newer.with_list_of(&catalog());
    assert_eq!(input(again.priced("mistral", "mistral-large-4")), "0.7");
}

#[test]
fn what_is_in_force_is_compared_and_not_only_the_lists() {
    let json =
        r#"{"mistral/mistral-large-4": {"p": "mistral", "m": "c", "r": {"in": 9, "out": 2.1}}}"#;
    let old = catalog();
    let new = old.clone().with_list(list("2026-12-24", json));
    let changes = old.in_force().changes(&new.in_force());
    let of = |name: &str| changes.iter().find(|it| it.model == name);
    let rate = &of("mistral/mistral-large-4").unwrap().rates;
    let input = rate.iter().find(|it| it.rate == "input").unwrap();
    assert_eq!(input.old.as_deref(), Some("0.7"), "that of models.toml, not 0.68 of the list");
    assert_eq!(of("openai/gpt-5"), None, "models.toml has it, whatever the list leaves out");
    assert!(of("deepseek/deepseek-reasoner").is_some(), "the list alone had it");
}

#[test]
fn the_users_own_price_stays_whatever_list_comes() {
    let price = OwnPrice::PerMillion(rate("3"));
    let json = r#"{"gpt-5": {"p": "openai", "m": "c", "r": {"in": 9, "out": 9}}}"#;
    let catalog = own("openai/gpt-5", price).with_list(list("2026-12-24", json));
    let paid = cost(&catalog, "openai", "gpt-5", Payer::Metered);
    assert_eq!(paid.price.as_deref(), Some("openai/gpt-5@configuration"));
    assert!(catalog.is_own("openai", "gpt-5") && !catalog.is_own("openai", "gpt-5-mini"));
}

#[test]
fn an_odd_entry_costs_the_list_nothing_but_itself() {
    let list = list(
        "2026-11-20",
        r#"{"note": "made by hand", "a": {"p": "x", "m": "c", "r": {"in": "much"}},
            "b": {"p": "x", "m": "c", "r": {"in": 1, "out": 1, "new": 7}, "zz": []}}"#,
    );
    assert_eq!(list.models().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["x/b"]);
    assert!(PriceList::parse(b"<html>", list.as_of()).is_err());
}

#[test]
fn the_public_price_map_is_read_as_well_as_our_short_form() {
    let short = r#"{"gpt-x": {"p": "openai", "m": "c", "ctx": [272000, 128000], "cap": "fr",
        "dep": "2027-01-02", "q": {"search_context_size_medium": 0.01},
        "r": {"in": 1.25, "out": 10, "cr": 0.125, "cw1h": 2.5},
        "t": [[272000, {"in": 2.5, "cw1h": 5}]],
        "s": {"batches": {"in": 0.625}, "flex": {"out": 5, "t": {"272k": {"out": 7.5}}}}},
      "dashscope/q": {"p": "dashscope", "m": "c", "g": [[0, 256000, {"in": 0.05, "rs": 4}]]},
      "deepseek/d": {"p": "deepseek", "m": "c", "r": {"in": 0.3},
        "off": {"windows": [{"hours_utc": "00:00-00:00", "weekdays": [6]}],
                "input_cost_per_token": 1.5e-07}}}"#;
    let public = r#"{"sample_spec": {"mode": "one of chat, embedding", "max_tokens": "a number"},
      "gpt-x": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 272000,
        "max_output_tokens": 128000.0, "supports_function_calling": true,
        "supports_reasoning": true, "supports_vision": false,
        "deprecation_date": "2027-01-02", "input_cost_per_token": 1.25e-06,
        "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07,
        "cache_creation_input_token_cost_above_1hr": 2.5e-06,
        "cache_creation_input_token_cost_above_1hr_above_272k_tokens": 5e-06,
        "input_cost_per_token_above_272k_tokens": 2.5e-06,
        "input_cost_per_token_batches": 6.25e-07, "output_cost_per_token_flex": 5e-06,
        "output_cost_per_token_above_272k_tokens_flex": 7.5e-06,
        "search_context_cost_per_query": {"search_context_size_medium": 0.01}},
      "dashscope/q": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing":
        [{"range": [0, 256000.0], "input_cost_per_token": 5e-08,
          "output_cost_per_reasoning_token": 4e-06}]},
      "deepseek/d": {"litellm_provider": "deepseek", "mode": "chat",
        "input_cost_per_token": 3e-07, "off_peak_pricing":
          {"windows": [{"hours_utc": "00:00-00:00", "weekdays": [6]}],
           "input_cost_per_token": 1.5e-07}},
      "text-embedding-x": {"litellm_provider": "openai", "mode": "embedding",
        "input_cost_per_token": 1e-08}}"#;
    let (short, public) = (list("2026-11-20", short), list("2026-11-20", public));
    assert_eq!(short.changes(&public), []);
    assert_eq!(public.models().count(), 3);
    assert_eq!(short.model("openai/gpt-x"), public.model("openai/gpt-x"));
}

#[test]
fn a_model_is_known_with_what_it_can_do() {
    let catalog = catalog();
    let model = catalog.model("anthropic", "claude-opus-5-5").unwrap();
    assert_eq!((model.context, model.max_output), (Some(1_000_000), Some(128_000)));
    assert!(model.can(Capability::Tools) && !model.can(Capability::Audio));
    assert!(!model.temperature && !model.thinking_optional);
    assert_eq!(model.efforts.last().map(String::as_str), Some("max"));
    let listed = catalog.model("deepseek", "deepseek-chat").unwrap();
    assert_eq!(listed.deprecated.unwrap().to_string(), "2026-07-24");
    assert!(listed.can(Capability::ParallelTools) && !listed.can(Capability::Reasoning));
}

#[test]
fn the_models_of_a_provider_are_those_of_both_sources_once() {
    let catalog = catalog();
    let names: Vec<_> = catalog.models_of("openai").map(|model| &model.name).collect();
    let count = |name: &str| names.iter().filter(|known| **known == name).count();
    assert_eq!((count("openai/gpt-6-sol"), count("openai/gpt-5")), (1, 1));
    assert!(names.iter().all(|name| name.starts_with("openai/")));
}

#[test]
fn the_users_price_wins() {
    let rates = Rates {
        input: Some(rate("1")),
        output: Some(rate("2")),
        cache_read: Some(rate("0.5")),
        ..Rates::default()
    };
    let price = OwnPrice::Charged { rates, per_request: Money::from_pico(5) };
    let catalog = own("openai/gpt-5", price);
    let paid = cost(&catalog, "openai", "gpt-5-2025-08-07", Payer::Metered);
    assert_eq!(paid.amount.unwrap().to_string(), "0.000820000005");
    assert_eq!(paid.basis, Basis::Computed);
    assert_eq!(paid.price.as_deref(), Some("openai/gpt-5@configuration"));
    assert_eq!(cost(&catalog, "openai", "gpt-5", Payer::Free), Cost::FREE, "a free tier");
    assert_eq!(cost(&catalog, "openai", "gpt-5", Payer::Plan), Cost::PLAN);
}

#[test]
fn the_users_own_machine_may_cost_something() {
    let machine = own("ollama/qwen3:8b", OwnPrice::PerMillion(rate("0.05")));
    let paid = cost(&machine, "ollama", "qwen3:8b", Payer::Free);
    assert_eq!(paid.amount.unwrap().to_string(), "0.0000505");
    assert_eq!(paid.basis, Basis::Estimated);
    assert_eq!(cost(&machine, "ollama", "qwen3:4b", Payer::Free), Cost::FREE);
    let electricity = OwnPrice::Electricity { watts: 400, per_kwh: "0.30".parse().unwrap() };
    let paid = cost(&own("ollama/*", electricity), "ollama", "qwen3:4b", Payer::Free);
    assert_eq!(paid.amount.unwrap().to_string(), "0.0003");
    assert_eq!(paid.price.as_deref(), Some("ollama/*@configuration"));
}
