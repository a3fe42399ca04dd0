//! Which candidates there are.

use super::caching::{Caching, Hits};
use super::candidate::{Candidate, Way};
use super::offer::Offer;
use super::subscription::Subscription;
use crate::methods::Job;
use crate::methods::spend::wrong;
use crate::setup::{Account, Setup};
use jiff::civil::Date;
use llm_switch_catalog::{Capability, Model, is_same_model};
use llm_switch_types::{Money, Payer, Result};
use serde_json::{Value, json};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Good ones and cheap ones of services that most people can have, whether
/// they have an account there or not.
const WELL_KNOWN: [&str; 10] = [
    "openai/gpt-5-mini",
    "openai/gpt-6-luna",
    "openai/gpt-6-sol",
    "anthropic/claude-haiku-5-5",
    "anthropic/claude-sonnet-5-5",
    "gemini/gemini-3.5-flash",
    "deepseek/deepseek-flash",
    "deepseek/deepseek-v4-pro",
    "mistral/devstral-2512",
    "zai/glm-5.3",
];

/// What the dearest plans of most services cost a month.
const SUPPOSED: &str = "$200";

/// Of a service with more models than these, which sells what others make,
/// only those are tried that the user has to do with.
const MOST_MODELS: usize = 60;

/// `{}` -> names for `candidates` of `what_if.run`, those of the user's
/// accounts first: deployments, the models of all providers with a known
/// price, plans, and plans of some dollars a month.
///
/// # Errors
/// Those of the configuration.
pub(in crate::methods) async fn candidates(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let names = job.core.tasks.blocking(move || all(&setup));
    Ok(json!(names.await?))
}

fn all(setup: &Setup) -> Vec<String> {
    let plans = setup.plans.keys().cloned();
    let supposed = ["$20", "$100", "$200"].map(str::to_owned);
    let named = setup.accounts.values().filter(|it| it.named);
    let own = named.flat_map(|account| {
        sold(setup, account).into_iter().map(|model| deployment(account, model))
    });
    let listed = setup.catalog.in_force();
    let others = listed.models().map(|model| model.name.clone());
    let mut seen = BTreeSet::new();
    let names = plans.chain(supposed).chain(own).chain(others);
    names.filter(|name| seen.insert(name.clone())).collect()
}

/// The usual candidates: what the user's accounts sell, USED being deployments
/// of the window, what is well known, and plans.
pub(super) fn usual(setup: &Setup, used: &BTreeSet<String>, today: Date) -> Vec<String> {
    let mut providers = BTreeMap::new();
    let mut names = BTreeSet::new();
    let metered = setup.accounts.values().filter(|it| it.named && it.payer == Payer::Metered);
    for account in metered {
        names.extend(wanted(setup, account, used));
        // Two accounts at a service charge the same.
        if let Entry::Vacant(entry) = providers.entry(account.provider.name.as_str()) {
            entry.insert(account.name.as_str());
            let current = current(setup, account, today);
            names.extend(Some(current).filter(|it| it.len() <= MOST_MODELS).into_iter().flatten());
        }
    }
    let known = WELL_KNOWN.iter().filter_map(|name| name.split_once('/'));
    names.extend(known.map(|(provider, model)| {
        let place = providers.get(provider).copied().unwrap_or(provider);
        format!("{place}/{model}")
    }));
    names.extend(setup.plans.keys().cloned());
    names.insert(SUPPOSED.to_owned());
    names.into_iter().collect()
}

/// The deployments of ACCOUNT that the user names or has USED.
fn wanted(setup: &Setup, account: &Account, used: &BTreeSet<String>) -> Vec<String> {
    let named = account.models.iter().map(|model| format!("{}/{model}", account.name));
    let routes = setup.routes.values().flat_map(|route| route.deployments.iter());
    let routes = routes.filter(|it| it.account == account.name).map(ToString::to_string);
    let prefix = format!("{}/", account.name);
    let used = used.iter().filter(|it| it.starts_with(&prefix)).cloned();
    let all = named.chain(routes).chain(used);
    all.filter(|name| Offer::named(setup, name).is_ok()).collect()
}

/// The models of ACCOUNT's service that the price list knows.
fn sold<'a>(setup: &'a Setup, account: &Account) -> Vec<&'a Model> {
    let rates = |model: &Model| model.price.as_ref()?.standard.rates(1).copied();
    let models = setup.catalog.models_of(&account.provider.name);
    models.filter(|it| rates(it).is_some_and(|rates| rates.charge())).collect()
}

/// Those of them that one would begin to use TODAY: they call tools, are no
/// dated copy of another one, and are not about to be withdrawn.
fn current(setup: &Setup, account: &Account, today: Date) -> Vec<String> {
    let sold = sold(setup, account);
    let is_copy = |model: &Model| {
        let of = |other: &&&Model| other.name.len() < model.name.len();
        sold.iter().filter(of).any(|other| is_same_model(&other.name, &model.name))
    };
    let is_current = |model: &&&Model| {
        let gone = model.deprecated.is_some_and(|date| date <= today);
        model.can(Capability::Tools) && !gone && !is_special(model) && !is_copy(model)
    };
    sold.iter().filter(is_current).map(|model| deployment(account, model)).collect()
}

/// Whether MODEL is somebody's own, or for speech or for searching.
fn is_special(model: &Model) -> bool {
    ["/ft:", "-audio", "-realtime", "-search-"].iter().any(|part| model.name.contains(part))
}

fn deployment(account: &Account, model: &Model) -> String {
    format!("{}/{}", account.name, &model.name[account.provider.name.len() + 1..])
}

/// The candidate called NAME over so many MONTHS, with caches as CACHING says.
///
/// # Errors
/// For what is neither a deployment, nor a plan, nor dollars a month.
pub(super) fn named<'a>(
    setup: &'a Setup,
    name: &str,
    caching: Caching,
    months: u64,
) -> Result<Candidate<'a>> {
    let zone = &setup.time_zone;
    let way = if let Some(dollars) = name.strip_prefix('$') {
        let monthly: Money = dollars.parse().map_err(|_| {
            wrong(format!("{name:?} is no price of a plan")).advise("Write one such as $200")
        })?;
        Way::Plan(Subscription::supposed(monthly, zone), months)
    } else if let Some(plan) = setup.plans.get(name) {
        Way::Plan(Subscription::of(plan, zone), months)
    } else {
        Way::Deployment(Offer::named(setup, name)?, caching)
    };
    Ok(Candidate::new(name, way))
}

/// What was done, without caches and, where there are HITS, with them.
pub(super) fn same(setup: &Setup, hits: Option<Hits>) -> Vec<Candidate<'_>> {
    let way = |caching| Way::Same(setup, caching, Default::default());
    let on = hits.map(|hits| Candidate::new("as it was, cache on", way(Caching::On(hits))));
    std::iter::once(Candidate::new("as it was, cache off", way(Caching::Off))).chain(on).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_catalog::Catalog;

    #[test]
    fn what_is_well_known_has_a_price() {
        let catalog = Catalog::embedded().unwrap();
        for name in WELL_KNOWN {
            let (provider, model) = name.split_once('/').unwrap();
            assert!(catalog.priced(provider, model).is_some(), "{name}");
        }
    }
}
