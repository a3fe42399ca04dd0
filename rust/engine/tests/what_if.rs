//! What would it have cost elsewhere: exactly, and with all that is supposed.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod filled;

use filled::{Bench, DAY, DOLLAR, HOUR, Made, ms};
use jiff::Timestamp;
use llm_switch_catalog::{Catalog, Circumstances};
use llm_switch_ledger::Ledger;
use llm_switch_types::{Money, Payer, Percent, Usage};
use serde_json::{Value, json};
use std::time::Duration;

const NOW: &str = "2026-11-20T08:30:00Z";

const CONFIG: &str = "
time-zone = 'UTC'
[account.openai]
key = 'env:X'
[account.openrouter]
key = 'env:X'
[price.'openrouter/qwen/qwen3-coder']
input = '0.22'
output = '0.95'
[plan.max]
title = 'Claude Max'
price = '100'
covers = ['openai']
windows = [{ hours = 5, requests = 2 }]
";

/// Random numbers, the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

fn usage(input: u64, cache_read: u64, output: u64) -> Usage {
    Usage { input, cache_read, output, ..Usage::default() }
}

fn made(at: i64, usage: Usage, pico: i64) -> Made<'static> {
    Made {
        at,
        route: "best",
        provider: "openai",
        account: "openai",
        model: "gpt-5",
        payer: Payer::Metered,
        usage,
        pico: Some(pico),
    }
}

/// Attempts of all sizes at all hours of this month, some beyond long-context
/// thresholds and some beyond contexts.
fn random(seed: u64) -> Vec<Made<'static>> {
    let mut dice = Dice(seed);
    let mut one = |_| {
        let at = ms("2026-11-01T00:00:00Z") + dice.below(19 * DAY as u64) as i64;
        let size = [3_000, 90_000, 300_000, 1_500_000][dice.below(4) as usize];
        let output = dice.below(9_000);
        let usage = Usage {
            input: dice.below(size),
            cache_read: dice.below(size),
            cache_write_5m: dice.below(2) * dice.below(size),
            cache_write_1h: dice.below(2) * dice.below(900),
            output,
            reasoning: dice.below(output + 1),
            ..Usage::default()
        };
        made(at, usage, dice.below(DOLLAR as u64) as i64)
    };
    (0..300).map(&mut one).collect()
}

fn row(told: &Value, candidate: &str) -> Value {
    let rows = told["rows"].as_array().unwrap();
    rows.iter()
        .find(|row| row["candidate"] == candidate)
        .unwrap_or_else(|| panic!("{told}"))
        .clone()
}

fn bench(attempts: &[Made]) -> Bench {
    Bench::new(NOW, CONFIG, |ledger| attempts.iter().for_each(|it| it.record(ledger)))
}

/// What MADE costs at MODEL of PROVIDER, counted by hand; `None` where it
/// stays where it was.
fn by_hand(catalog: &Catalog, provider: &str, model: &str, made: &Made, off: bool) -> Option<i64> {
    let known = catalog.model(provider, model).unwrap();
    if made.usage.total_input() > known.context.unwrap() {
        return None;
    }
    let circumstances = Circumstances {
        at: Timestamp::from_millisecond(made.at).unwrap(),
        service_tier: None,
        duration: Duration::from_secs(1),
    };
    let mut usage = made.usage;
    let rates = catalog.usual_rates(provider, model).unwrap();
    let mut fresh = |tokens: &mut u64, rate: bool| {
        if off || !rate {
            usage.input += std::mem::take(tokens);
        }
    };
    fresh(&mut usage.cache_read, rates.cache_read.is_some());
    fresh(&mut usage.cache_write_5m, rates.cache_write_5m.is_some());
    fresh(&mut usage.cache_write_1h, rates.cache_write_1h.is_some());
    let cost = catalog.price(provider, model, Payer::Metered, &usage, &circumstances);
    let fee = catalog.provider(provider).unwrap().credit_fee;
    Some(Percent::from_hundredths(fee).on_top_of(cost.amount.unwrap()).pico())
}

#[test]
fn every_attempt_is_priced_by_itself_to_the_pico_dollar() {
    let (attempts, catalog) = (random(7), Catalog::embedded().unwrap());
    let bench = bench(&attempts);
    let names = [
        "openai/gpt-5.5",
        "anthropic/claude-sonnet-5-5",
        "deepseek/deepseek-v4-pro",
        "mistral/devstral-2512",
    ];
    let paid: i64 = attempts.iter().map(|it| it.pico.unwrap()).sum();
    for (cache, off) in [("as-it-was", false), ("off", true)] {
        let told = bench.call("what_if.run", json!({"candidates": names, "cache": cache}));
        assert_eq!((&told["paid"], &told["attempts"]), (&json!(paid), &json!(300)));
        for name in names {
            let (provider, model) = name.split_once('/').unwrap();
            let costs = attempts.iter().map(|it| (it, by_hand(&catalog, provider, model, it, off)));
            let (mut cost, mut stays, mut too_large) = (0, 0, 0);
            for (made, priced) in costs {
                match priced {
                    Some(priced) => cost += priced,
                    None => (stays, too_large) = (stays + made.pico.unwrap(), too_large + 1),
                }
            }
            let row = row(&told, name);
            assert_eq!(
                (&row["cost"], &row["too-large"]),
                (&json!(cost), &json!(too_large)),
                "{name}"
            );
            assert_eq!(row["total"], cost + stays, "{name}");
            assert_eq!(row["difference"], cost + stays - paid);
            assert_eq!(row["taken"], 300 - too_large);
        }
        let totals =
            told["rows"].as_array().unwrap().iter().map(|it| it["total"].as_i64().unwrap());
        assert!(totals.is_sorted(), "{told}");
    }
}

#[test]
fn with_the_cache_on_everything_has_the_share_of_the_dearest_route() {
    let dear = made(ms(NOW) - DAY, usage(10_000, 30_000, 500), DOLLAR);
    let cheap =
        Made { route: "cheap", ..made(ms(NOW) - 2 * DAY, usage(40_000, 0, 500), DOLLAR / 9) };
    let bench = bench(&[dear, cheap]);
    let told = bench.call("what_if.run", json!({"candidates": ["openai/gpt-5"], "cache": "on"}));
    assert_eq!(told["hits"], json!({"route": "best", "read": 30_000, "input": 40_000}));
    // $1.25 fresh, $0.125 cached and $10 out a million, twice.
    let each = 10_000_i64 * 1_250_000 + 30_000 * 125_000 + 500 * 10_000_000;
    assert_eq!(row(&told, "openai/gpt-5")["cost"], 2 * each);
    let texts = told["assumptions"].to_string();
    assert!(texts.contains("75% of all input is read from a cache, as of best"), "{texts}");
    let usual = bench.call("what_if.run", json!({}));
    assert_eq!(row(&usual, "as it was, cache on")["total"], 2 * each);
    let off = 2 * (40_000_i64 * 1_250_000 + 500 * 10_000_000);
    assert_eq!(row(&usual, "as it was, cache off")["total"], off);
}

#[test]
fn what_stays_where_it_was_is_counted_and_told() {
    let small = made(ms(NOW) - DAY, usage(1_000, 0, 100), DOLLAR);
    let huge = made(ms(NOW) - DAY, usage(390_000, 0, 100), 3 * DOLLAR);
    let told = bench(&[small, huge])
        .call("what_if.run", json!({"candidates": ["mistral/devstral-2512", "openai/gpt-5"]}));
    let devstral = row(&told, "mistral/devstral-2512");
    assert_eq!((&devstral["too-large"], &devstral["taken"]), (&json!(1), &json!(1)));
    assert!(devstral["total"].as_i64().unwrap() > 3 * DOLLAR);
    assert_eq!(row(&told, "openai/gpt-5")["too-large"], 0);
    let texts = told["assumptions"].to_string();
    assert!(texts.contains("1 model has too small a context for up to 1 attempt"), "{texts}");
}

#[test]
fn a_plan_costs_whole_months_and_what_is_beyond_its_windows_stays() {
    let at = ms(NOW) - DAY;
    let attempts: Vec<_> = [0, 1, 2, 3, 6]
        .map(|hour| made(at + hour * HOUR, usage(1_000, 0, 100), 50 * DOLLAR))
        .into();
    let told = bench(&attempts).call("what_if.run", json!({"candidates": ["max", "$200"]}));
    let max = row(&told, "max");
    assert_eq!((&max["beyond"], &max["taken"], &max["months"]), (&json!(2), &json!(3), &json!(1)));
    assert_eq!(max["total"], (100 + 2 * 50) * DOLLAR);
    assert_eq!(
        (&max["title"], &max["own"], &max["limited"]),
        (&json!("Claude Max"), &json!(true), &json!(true))
    );
    let supposed = row(&told, "$200");
    assert_eq!(
        (&supposed["total"], &supposed["difference"]),
        (&json!(200 * DOLLAR), &json!(-50 * DOLLAR))
    );
    let texts = told["assumptions"].to_string();
    for word in [
        "tokenizers differ by up to 47%",
        "not compared",
        "whole month",
        "own programs",
        "limits are not known",
    ] {
        assert!(texts.contains(word), "{word}: {texts}");
    }
}

#[test]
fn what_was_free_or_under_a_plan_is_looked_at_only_when_asked() {
    let at = ms(NOW) - DAY;
    let metered = made(at, usage(1_000, 0, 0), DOLLAR);
    let free = Made { payer: Payer::Free, pico: Some(0), ..metered };
    let both = bench(&[metered, free]);
    let count = |bench: &Bench, params: Value| {
        let told = bench.call("what_if.run", params);
        (told["attempts"].as_u64().unwrap(), told["all"].as_bool().unwrap())
    };
    assert_eq!(count(&both, json!({"candidates": []})), (1, false));
    assert_eq!(count(&both, json!({"candidates": [], "all": true})), (2, true));
    assert_eq!(count(&both, json!({"candidates": [], "filter": {"payer": "free"}})), (1, true));
    assert_eq!(
        count(&bench(&[free]), json!({"candidates": []})),
        (1, true),
        "there is nothing else"
    );
    assert_eq!(count(&both, json!({"candidates": [], "filter": {"route": "other"}})), (0, true));
    assert_eq!(count(&both, json!({"candidates": [], "span": "day"})), (0, true));
}

#[test]
fn the_usual_candidates_are_those_of_the_accounts_well_known_ones_and_plans() {
    let told = bench(&[made(ms(NOW) - DAY, usage(1_000, 0, 10), DOLLAR)])
        .call("what_if.run", json!({"also": ["openrouter/qwen/qwen3-coder"]}));
    for name in ["openai/gpt-5", "openai/gpt-5-mini", "deepseek/deepseek-flash", "max", "$200"] {
        row(&told, name);
    }
    let has = |name: &str| row(&told, name)["account"].as_bool().unwrap();
    assert_eq!((has("openai/gpt-5"), has("deepseek/deepseek-flash")), (true, false));
    // The user's own price, and the 5.5% that the service takes on top.
    let fee: Percent = "5.5".parse().unwrap();
    let bill = Money::from_pico(1_000 * 220_000 + 10 * 950_000);
    assert_eq!(row(&told, "openrouter/qwen/qwen3-coder")["cost"], fee.on_top_of(bill).pico());
    let names: Vec<_> = told["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["candidate"].as_str().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains("2025-08-07")), "no dated copies: {names:?}");
    let rows = told["rows"].as_array().unwrap();
    assert!(
        (20..90).contains(&rows.len()),
        "a shop with hundreds of models is not emptied: {}",
        rows.len()
    );
}

#[test]
fn an_hour_is_priced_for_a_month_without_any_history() {
    let bench = Bench::new(NOW, CONFIG, |_: &Ledger| {});
    let params = json!({"level": "heavy", "hours": 40, "candidates": ["openai/gpt-5", "$200", "groq/llama-3.1-8b-instant"]});
    let told = bench.call("what_if.hour", params);
    // 6,000 fresh, 24,000 cached, 700 out; 90 of them an hour.
    let one = 6_000 * 1_250_000 + 24_000 * 125_000 + 700 * 10_000_000_i64;
    assert_eq!(row(&told, "openai/gpt-5")["total"], one * 90 * 40);
    assert_eq!(row(&told, "$200")["total"], 200 * DOLLAR);
    assert_eq!((&told["requests"], &told["usage"]["cache-read"]), (&json!(90), &json!(24_000)));
    let usual = bench.call("what_if.hour", json!({"level": "very-heavy", "hours": 1}));
    assert!(usual["rows"].as_array().unwrap().len() > 10);
}

#[test]
fn what_cannot_be_asked_is_told() {
    let bench = bench(&[]);
    for (method, params, word) in [
        ("what_if.run", json!({"candidates": ["nobody/x"]}), "nobody/x"),
        ("what_if.run", json!({"candidates": ["openai/nobody-9"]}), "no price is known"),
        ("what_if.run", json!({"candidates": ["maxx"]}), "no deployment and no plan"),
        ("what_if.run", json!({"candidates": ["$many"]}), "no price of a plan"),
        ("what_if.hour", json!({"level": "lazy", "hours": 1}), "typical"),
        ("what_if.hour", json!({"level": "heavy", "hours": 745}), "744"),
    ] {
        let error = bench.try_call(method, params).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    let names = bench.call("what_if.candidates", json!({}));
    let names: Vec<_> = names.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    for name in ["max", "$200", "openai/gpt-5", "deepseek/deepseek-flash"] {
        assert!(names.contains(&name), "{name}");
    }
}
