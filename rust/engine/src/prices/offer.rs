//! What a fetched list would change.

use super::source::Fetched;
use crate::setup::Setup;
use jiff::civil::Date;
use llm_switch_catalog::{Catalog, Change, ChangeKind, PriceList, RateChange, unpack};
use llm_switch_ledger::UsedModel;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A list that waits for the user's word.
pub(crate) struct Offer {
    pub(crate) number: i64,
    pub(crate) address: String,
    pub(crate) list: Arc<PriceList>,
    /// The list as it came, uncompressed.
    pub(crate) json: Vec<u8>,
    changes: Vec<Change>,
    /// How often each model was called.
    used: BTreeMap<String, u64>,
    /// The models whose price the user set.
    own: BTreeSet<String>,
    /// The providers at which the user has an account.
    near: BTreeSet<String>,
    before: Date,
}

impl Offer {
    /// What FETCHED from ADDRESS would change in the prices of SETUP for
    /// somebody who USED these models.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] for a list that is damaged, absurd or older
    /// than what is in force.
    pub(crate) fn new(
        number: i64,
        address: String,
        fetched: Fetched,
        setup: &Setup,
        used: Vec<UsedModel>,
    ) -> Result<Offer> {
        let catalog = &setup.catalog;
        let list = Arc::new(PriceList::read(&fetched.bytes, fetched.as_of)?);
        let before = catalog.as_of();
        if list.as_of() < before {
            return Err(older(&list, before));
        }
        let new = catalog.clone().with_list(Arc::clone(&list));
        catalog.check(&new)?;
        setup.check_budgets(&new)?;
        let mut offer = Offer {
            number,
            address,
            changes: catalog.in_force().changes(&new.in_force()),
            used: by_name(&[catalog, &new], used),
            own: BTreeSet::new(),
            near: setup.accounts.values().map(|it| it.provider.name.clone()).collect(),
            list,
            // It was unpacked before, so it can be unpacked again.
            json: unpack(&fetched.bytes).unwrap_or(fetched.bytes),
            before,
        };
        offer.own = offer.overridden(catalog);
        offer.sort();
        Ok(offer)
    }

    fn overridden(&self, catalog: &Catalog) -> BTreeSet<String> {
        let names = self.changes.iter().map(|change| &change.model);
        let own = |name: &&String| {
            name.split_once('/').is_some_and(|(provider, model)| catalog.is_own(provider, model))
        };
        names.filter(own).cloned().collect()
    }

    /// What the user calls comes first, most called first; then what can be
    /// called, and what cannot; and there what changes, comes and goes.
    fn sort(&mut self) {
        let mut changes = std::mem::take(&mut self.changes);
        let kind = |change: &Change| match change.kind {
            ChangeKind::Changed => 0,
            ChangeKind::Added => 1,
            ChangeKind::Removed => 2,
        };
        changes.sort_by_key(|it| {
            (Reverse(self.calls(it)), !self.is_near(it), kind(it), it.model.clone())
        });
        self.changes = changes;
        for change in &mut self.changes {
            change.rates.sort_by_key(|it| (place(&it.rate).to_owned(), rank(&it.rate)));
        }
    }

    fn calls(&self, change: &Change) -> u64 {
        self.used.get(&change.model).copied().unwrap_or(0)
    }

    fn is_near(&self, change: &Change) -> bool {
        change.model.split_once('/').is_some_and(|(provider, _)| self.near.contains(provider))
    }

    /// As the user interface gets it; see `prices.fetch`.
    pub(crate) fn told(&self) -> Value {
        json!({
            "offer": self.number,
            "address": self.address,
            "as-of": self.list.as_of(),
            "before": self.before,
            "models": self.list.models().filter(|model| model.price.is_some()).count(),
            "changes": self.changes.iter().map(|it| self.change(it)).collect::<Vec<_>>(),
        })
    }

    fn change(&self, change: &Change) -> Value {
        let rate = |it: &RateChange| json!({"rate": it.rate, "old": it.old, "new": it.new});
        json!({
            "model": change.model,
            "kind": change.kind,
            "calls": self.calls(change),
            "near": self.is_near(change),
            "own": self.own.contains(&change.model),
            "rates": change.rates.iter().map(rate).collect::<Vec<_>>(),
        })
    }
}

fn older(list: &PriceList, before: Date) -> Error {
    let what = format!("this list is of {}, and the prices in force of {before}", list.as_of());
    Error::new(ErrorKind::Protocol, what)
        .advise("The prices in force stay. A file is as old as its modification time")
}

/// How often each model was called, by the name under which one of CATALOGS
/// prices it.
fn by_name(catalogs: &[&Catalog], used: Vec<UsedModel>) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for UsedModel { provider, model, attempts } in used {
        let names = catalogs.iter().filter_map(|it| it.priced(&provider, &model));
        let names: BTreeSet<_> = names.map(|it| &it.name).collect();
        names.into_iter().for_each(|name| *calls.entry(name.clone()).or_default() += attempts);
    }
    calls
}

/// Where a rate holds: `flex` of `flex input`; nothing for the usual ones.
fn place(rate: &str) -> &str {
    rate.rsplit_once(' ').map_or("", |(place, _)| place)
}

fn rank(rate: &str) -> usize {
    let bucket = rate.rsplit(' ').next().unwrap_or(rate);
    let order = ["input", "output", "cache-read"];
    order.iter().position(|it| *it == bucket).unwrap_or(order.len())
}
