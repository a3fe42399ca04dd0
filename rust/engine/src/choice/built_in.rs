//! Routes that are there without configuration.
//!
//! They are made of the accounts that the user named, so that they cost
//! nothing until the user named one that does. Of an account those models
//! count that its `models` lists, else those that the catalogue knows of its
//! provider; one must be known to call tools, because gptel sends them.
//!
//! | route | whom it asks |
//! |---|---|
//! | `coding-best` | of each account its dearest model of at most $30 a million tokens out, with a context of 100,000 or more: what a plan pays first, then the dearest, then what is free |
//! | `coding-cheap` | of each account its cheapest model, strategy `cheapest` |
//! | `coding-local` | what the servers on this machine offer now, those first that an account lists |
//! | `coding-auto` | what `coding-cheap` asks, then what `coding-best` does |
//!
//! A table of the same name in the file takes their place.

use crate::setup::{Account, Setup};
use llm_switch_catalog::{Capability, Model};
use llm_switch_types::{Deployment, Locality, Money, Payer, Rate, Route, Strategy};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The price of a model says most about how good it is, up to here: beyond
/// are models for those who know why they want them.
const DEAREST: Money = Money::from_pico(30_000_000_000_000);

const ROOM_OF_THE_BEST: u64 = 100_000;
const ROOM_OF_THE_CHEAP: u64 = 32_000;

/// The routes that SETUP has without configuration, but for those that the
/// file defines. One that would ask nobody is not there.
pub(crate) fn built_in(setup: &Setup) -> BTreeMap<String, Route> {
    let (best, cheap) = (best(setup), cheap(setup));
    let near = listed_near(setup);
    let auto: Vec<Deployment> = distinct(cheap.iter().chain(&best));
    let routes = [
        route("coding-best", best, Strategy::Ordered),
        route("coding-cheap", cheap, Strategy::Cheapest),
        route("coding-local", near, Strategy::Ordered),
        route("coding-auto", auto, Strategy::Ordered),
    ];
    let is_new = |it: &Route| !it.deployments.is_empty() && !setup.routes.contains_key(&it.name);
    routes.into_iter().filter(is_new).map(|it| (it.name.clone(), it)).collect()
}

/// A route called NAME that asks DEPLOYMENTS and says nothing else.
pub(crate) fn route(name: &str, deployments: Vec<Deployment>, strategy: Strategy) -> Route {
    Route {
        name: name.to_owned(),
        deployments,
        strategy,
        weights: Vec::new(),
        max_output_tokens: None,
        temperature: None,
        effort: None,
        system: None,
        extra: serde_json::Map::new(),
        rpm: None,
        tpm: None,
        parallel: None,
        max_cost: None,
        tags: Vec::new(),
        fallback: Vec::new(),
        strict: false,
        on_content_filter: false,
        first_token_within: None,
    }
}

/// A model at an account, and what a million tokens of it cost in and out, in
/// pico-dollars.
struct Offer<'a> {
    account: &'a Account,
    model: &'a str,
    prices: (i64, i64),
}

impl Offer<'_> {
    fn deployment(&self) -> Deployment {
        Deployment { account: self.account.name.clone(), model: self.model.to_owned() }
    }
}

fn best(setup: &Setup) -> Vec<Deployment> {
    let fits = |it: &Offer| it.prices.1 <= DEAREST.pico();
    let mut best: Vec<Offer> = named(setup)
        .filter_map(|account| {
            let offers = offers(setup, account, ROOM_OF_THE_BEST).into_iter().filter(fits);
            offers.max_by_key(|it| (it.prices.1, Reverse(it.model)))
        })
        .collect();
    let rank = |payer| match payer {
        Payer::Plan => 0,
        Payer::Metered => 1,
        Payer::Free => 2,
    };
    best.sort_by_key(|it| (rank(it.account.payer), Reverse(it.prices.1)));
    best.iter().map(Offer::deployment).collect()
}

fn cheap(setup: &Setup) -> Vec<Deployment> {
    // Of what is sent along most is read, and little written.
    let price = |it: &Offer| (3 * it.prices.0 + it.prices.1, it.model.to_owned());
    let mut cheap: Vec<Offer> = named(setup)
        .filter_map(|account| {
            offers(setup, account, ROOM_OF_THE_CHEAP).into_iter().min_by_key(price)
        })
        .collect();
    let is_paid = |it: &Offer| it.account.payer == Payer::Metered;
    cheap.sort_by_key(|it| (is_paid(it), price(it)));
    cheap.iter().map(Offer::deployment).collect()
}

/// The accounts beyond this machine, all of which the user named.
fn named(setup: &Setup) -> impl Iterator<Item = &Account> {
    setup.accounts.values().filter(|it| it.provider.locality != Locality::Local)
}

/// What the accounts on this machine list.
fn listed_near(setup: &Setup) -> Vec<Deployment> {
    let near = setup.accounts.values().filter(|it| it.provider.locality == Locality::Local);
    let listed = near.flat_map(|account| {
        let deployment =
            |model: &String| Deployment { account: account.name.clone(), model: model.clone() };
        account.models.iter().map(deployment)
    });
    listed.collect()
}

/// The models of ACCOUNT that are known to call tools, to have ROOM for so
/// many tokens, and to have a price.
fn offers<'a>(setup: &'a Setup, account: &'a Account, room: u64) -> Vec<Offer<'a>> {
    let provider = &account.provider.name;
    let fits = |model: &Model| {
        model.can(Capability::Tools)
            && model.context.is_some_and(|it| it >= room)
            && model.deprecated.is_none()
    };
    let known = setup.catalog.models_of(provider).map(|it| &it.name[provider.len() + 1..]);
    let names: Vec<&str> = match account.models.as_slice() {
        [] => known.collect(),
        listed => listed.iter().map(String::as_str).collect(),
    };
    let offer = |model: &'a str| {
        setup.catalog.model(provider, model).filter(|it| fits(it))?;
        let rates = setup.catalog.usual_rates(provider, model)?;
        let prices = (million(rates.input?), million(rates.output?));
        Some(Offer { account, model, prices })
    };
    names.into_iter().filter_map(offer).collect()
}

/// What a million tokens cost at RATE, in pico-dollars.
fn million(rate: Rate) -> i64 {
    rate.of(1_000_000).pico()
}

pub(super) fn distinct<'a>(all: impl Iterator<Item = &'a Deployment>) -> Vec<Deployment> {
    let mut found: Vec<Deployment> = Vec::new();
    for it in all {
        if !found.contains(it) {
            found.push(it.clone());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_catalog::Catalog;
    use llm_switch_config::Config;

    fn names(config: &str, route: &str) -> Vec<String> {
        let config = Config::parse(config).unwrap();
        let setup = Setup::new(Catalog::embedded().unwrap(), &config).unwrap();
        let route = built_in(&setup).remove(route);
        route.map_or_else(Vec::new, |it| it.deployments.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn who_named_nobody_who_costs_is_asked_for_nothing_that_does() {
        for route in ["coding-best", "coding-cheap", "coding-auto"] {
            assert!(names("", route).is_empty(), "{route}");
        }
        let listed = "[account.ollama]\nmodels = ['qwen3:8b']\n";
        assert_eq!(names(listed, "coding-local"), ["ollama/qwen3:8b"]);
    }

    #[test]
    fn one_model_of_each_account_that_the_user_named() {
        let config = "[account.openai]\nkey = 'env:X'\n[account.anthropic]\nkey = 'env:Y'\n";
        for route in ["coding-best", "coding-cheap"] {
            let names = names(config, route);
            let accounts: Vec<_> = names.iter().filter_map(|it| it.split('/').next()).collect();
            assert_eq!(accounts.len(), 2, "{route}: {names:?}");
        }
        assert_ne!(names(config, "coding-best")[0], names(config, "coding-cheap")[0]);
    }

    #[test]
    fn what_an_account_lists_is_all_that_is_asked_of_it() {
        let config = "[account.openai]\nkey = 'env:X'\nmodels = ['gpt-5-mini']\n";
        assert_eq!(names(config, "coding-best"), ["openai/gpt-5-mini"]);
    }

    #[test]
    fn a_route_of_the_file_takes_its_place() {
        let config =
            "[account.openai]\nkey = 'env:X'\n[route.coding-best]\nuse = ['openai/gpt-5']\n";
        assert!(names(config, "coding-best").is_empty());
    }
}
