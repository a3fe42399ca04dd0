//! What a user writes about routes, and what it means.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_types::{Effort, Route, Strategy};
use serde_json::json;
use std::fmt::Write;

fn route(rest: &str) -> Route {
    let text = format!("[route.best]\nuse = ['openai/gpt-5', 'ollama/qwen3:8b']\n{rest}");
    Config::parse(&text).unwrap().routes.remove("best").unwrap()
}

#[test]
fn a_route_that_says_no_more_asks_in_order_and_sets_nothing() {
    let route = route("");
    let asked: Vec<_> = route.deployments.iter().map(ToString::to_string).collect();
    assert_eq!(asked, ["openai/gpt-5", "ollama/qwen3:8b"]);
    assert_eq!((route.name.as_str(), route.strategy), ("best", Strategy::Ordered));
    assert!(route.weights.is_empty() && route.extra.is_empty() && route.fallback.is_empty());
    assert_eq!(
        (route.max_output_tokens, route.temperature, route.on_content_filter),
        (None, None, false)
    );
}

#[test]
fn every_key_of_a_route_arrives() {
    let route = route(
        "strategy = 'weighted'\nweights = [3, 1]\nmax-output-tokens = 4000\ntemperature = 1\n\
         effort = 'high'\nsystem = 'Be brief.'\nrpm = 60\ntpm = 90000\nparallel = 4\n\
         max-cost = '0.02'\ntags = ['work']\nfallback = ['cheap']\non-content-filter = true\n\
         first-token-within = 20\n\
         [route.best.extra]\ntop_p = 0.9\nstop = ['x']\nmetadata = { team = 'a' }\n\
         [route.cheap]\nuse = ['ollama/x']\n",
    );
    assert_eq!((route.strategy, route.weights.as_slice()), (Strategy::Weighted, [3, 1].as_slice()));
    assert_eq!((route.max_output_tokens, route.temperature), (Some(4000), Some(1.0)));
    assert_eq!((route.effort, route.system.as_deref()), (Some(Effort::High), Some("Be brief.")));
    assert_eq!((route.rpm, route.tpm, route.parallel), (Some(60), Some(90_000), Some(4)));
    assert_eq!(route.max_cost.unwrap().to_string(), "0.02");
    assert_eq!((route.tags[0].as_str(), route.fallback[0].as_str()), ("work", "cheap"));
    assert!(route.on_content_filter);
    assert_eq!(route.first_token_within, Some(20));
    let extra = json!({"top_p": 0.9, "stop": ["x"], "metadata": {"team": "a"}});
    assert_eq!(serde_json::Value::Object(route.extra), extra);
}

#[test]
fn what_counts_reasoning_is_extra_for_it_is_no_limit_of_the_answer() {
    let route = route("extra = { reasoning = { max_tokens = 500 } }\n");
    assert_eq!(route.extra["reasoning"]["max_tokens"], 500);
}

#[test]
fn fallbacks_may_meet_again_as_long_as_none_leads_back() {
    let text = "[route.a]\nuse = ['x/m']\nfallback = ['b', 'c']\n\
                [route.b]\nuse = ['x/m']\nfallback = ['d']\n\
                [route.c]\nuse = ['x/m']\nfallback = ['d']\n[route.d]\nuse = ['x/m']\n";
    assert_eq!(Config::parse(text).unwrap().routes.len(), 4);
}

#[test]
fn a_wide_net_of_fallbacks_is_checked_once() {
    // Each of the layers falls back to both routes of the next: 2^40 chains.
    let mut text = String::new();
    for layer in 0..40 {
        for side in ["a", "b"] {
            let next = layer + 1;
            writeln!(text, "[route.{side}{layer}]\nuse = ['x/m']").unwrap();
            if layer < 39 {
                writeln!(text, "fallback = ['a{next}', 'b{next}']").unwrap();
            }
        }
    }
    assert_eq!(Config::parse(&text).unwrap().routes.len(), 80);
}
