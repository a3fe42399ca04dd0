//! The prices that a user sets.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_types::{ErrorKind, Money, OwnPrice, Usage};

fn price(table: &str) -> OwnPrice {
    Config::parse(&format!("[price.\"x/y\"]\n{table}")).unwrap().prices["x/y"]
}

fn refusal(text: &str) -> String {
    let error = Config::parse(text).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Config);
    error.what
}

#[test]
fn a_service_is_priced_in_dollars_per_million_tokens() {
    let OwnPrice::Charged { rates, per_request } =
        price("input = '1.25'\ncache-read = '0.625'\noutput = 10\nper-request = '0.01'")
    else {
        panic!()
    };
    let usage = Usage { input: 5_005, cache_read: 257_955, output: 1_744, ..Usage::default() };
    assert_eq!(rates.bill(&usage).unwrap().to_string(), "0.184918125");
    assert_eq!(per_request.to_string(), "0.01");
}

#[test]
fn cached_input_costs_as_much_as_fresh_input_unless_told() {
    let OwnPrice::Charged { rates, .. } = price("input = '2'\noutput = '4'\n") else { panic!() };
    let usage = Usage { cache_read: 10, cache_write_1h: 10, ..Usage::default() };
    assert_eq!(rates.bill(&usage), Some(Money::from_pico(40_000_000)));
}

#[test]
fn a_machine_is_priced_by_tokens_or_by_electricity() {
    assert_eq!(price("per-million = '0.05'"), OwnPrice::PerMillion("0.05".parse().unwrap()));
    let electricity = OwnPrice::Electricity { watts: 350, per_kwh: "0.32".parse().unwrap() };
    assert_eq!(price("watts = 350\nper-kwh = '0.32'"), electricity);
}

#[test]
fn half_a_price_or_two_at_once_are_refused_with_the_line() {
    for table in [
        "input = '1'",
        "watts = 350",
        "per-million = '1'\nwatts = 350\nper-kwh = '1'",
        "per-million = '1'\ncache-read = '1'",
    ] {
        let told = refusal(&format!("[price.\"x/y\"]\n{table}\n"));
        assert!(told.starts_with("line 1: a price is input and output, or per-million"), "{told}");
    }
}

#[test]
fn what_is_no_price_is_refused() {
    let told = refusal("[price.\"x/y\"]\ninput = 'two'\noutput = '1'\n");
    assert!(told.starts_with("line 2: "), "{told}");
    assert!(refusal("[price.\"x/y\"]\nper-million = '-1'\n").starts_with("line 2: "));
    assert!(refusal("[price.\"x/y\"]\nwatts = 1\nper-kwh = '-1'\n").contains("not below 0"));
    let told = refusal("[price.\"x/y\"]\ncache-raed = '1'\n");
    assert_eq!(told, "line 2: unknown word `cache-raed`: did you mean `cache-read`?");
}

#[test]
fn a_price_names_provider_and_model() {
    assert!(refusal("[price.gpt-5]\nper-million = '1'\n").contains("provider/model"));
    let all = Config::parse("[price.\"ollama/*\"]\nper-million = '1'\n").unwrap();
    assert!(all.prices.contains_key("ollama/*"));
}

#[test]
fn an_account_may_have_a_fee_on_credit() {
    let config = Config::parse("[account.openrouter]\nfee-percent = '5.5'\n").unwrap();
    assert_eq!(config.accounts["openrouter"].fee, "5.5".parse().ok());
    let told = refusal("[account.openrouter]\nfee-percent = '550'\n");
    assert!(told.contains("between 0 and 100"), "{told}");
}
