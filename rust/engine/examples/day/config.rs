//! The configuration that a user would write for all of them.

use crate::world::{MODEL, STRICT, UPSTREAMS, Upstream, accounts, route, upstream};
use llm_switch_types::Dialect;
use std::fmt::Write;

/// The configuration, where each upstream is found at what URL says.
pub fn config(url: impl Fn(&Upstream) -> String) -> String {
    let mut text = String::from(
        "time-zone = 'UTC'\n[mode.free]\nwhen-none = 'fail'\n\
         [[budget]]\nname = 'day'\non = 'global'\nwindow = 'day'\nlimit = '20'\n",
    );
    for upstream in &UPSTREAMS {
        text += &provider(upstream, &url(upstream));
    }
    for account in accounts() {
        text += &way(&account);
    }
    text
}

/// How each dialect wants the key.
fn auth(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => "{ header = 'x-api-key' }",
        Dialect::Gemini => "{ header = 'x-goog-api-key' }",
        _ => "'bearer'",
    }
}

/// The provider that UPSTREAM is, at URL, and its accounts. It stands on this
/// machine and is none of it: what follows for servers far away holds.
fn provider(upstream: &Upstream, url: &str) -> String {
    let Upstream { name, payer, .. } = upstream;
    let mut text = format!(
        "[provider.{name}]\nbase-url = '{url}'\nlocality = 'proxy'\npayer = '{}'\ndialect = '{}'\n\
         auth = {}\n",
        payer.name(),
        upstream.dialect().name(),
        auth(upstream.dialect())
    );
    if upstream.price() > 0 {
        let dollars = upstream.price() / 1_000_000;
        let _ = write!(text, "[price.'{name}/*']\ninput = '{dollars}'\noutput = '{dollars}'\n");
    }
    for account in upstream.accounts() {
        let _ = write!(text, "[account.{account}]\nprovider = '{name}'\nkey = 'env:KEY'\n");
    }
    text
}

/// The route that leads to ACCOUNT first.
fn way(account: &str) -> String {
    let uses: Vec<String> = route(account).iter().map(|it| format!("'{it}/{MODEL}'")).collect();
    let is_strict = upstream(account).is_some_and(|it| it.group == STRICT);
    let strict = if is_strict { "strict = true\n" } else { "" };
    format!("[route.to-{account}]\nuse = [{}]\n{strict}", uses.join(", "))
}
