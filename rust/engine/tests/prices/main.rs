//! Newer prices: fetched, shown, accepted or not; and a price by hand.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod bench;
mod by_hand;
mod lists;
mod server;

use serde_json::{Value, json};

/// A list in which gpt-5 costs INPUT instead of 1.25, and a model is new.
fn list(input: f64) -> String {
    let entry = |provider: &str, input: f64| {
        json!({"litellm_provider": provider, "mode": "chat",
            "input_cost_per_token": input / 1e6, "output_cost_per_token": 1e-5})
    };
    json!({"gpt-5": entry("openai", input), "gpt-new": entry("openai", 2.0)}).to_string()
}

fn config(address: &str) -> String {
    format!("[account.openai]\n[prices]\naddress = '{address}'\n")
}

fn change<'a>(offer: &'a Value, model: &str) -> &'a Value {
    let mut changes = offer["changes"].as_array().unwrap().iter();
    changes.find(|it| it["model"] == model).unwrap()
}

/// A simulator as a metered openai, and its prices from ADDRESS.
fn billed(address: &str, base_url: &str) -> String {
    format!(
        "[provider.openai]\nbase-url = '{base_url}'\nlocality = 'proxy'\nauth = 'none'\n\
         dialect = 'openai-chat'\n[account.openai]\nunpriced = ['*']\n[prices]\naddress = '{address}'\n"
    )
}
