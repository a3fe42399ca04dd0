//! What is known before anything is asked: providers, models, dated prices.
//!
//! The rows are embedded from `data/*.toml`. Nothing here touches the network
//! or the clock: a price is asked for with the usage it applies to.

mod bands;
mod changes;
mod circumstances;
mod entry;
mod hours;
mod list;
mod model;
mod names;
mod own;
mod pack;
mod price;
mod providers;
mod public;
mod row;
mod served;
mod sound;

pub use bands::{Band, Bands};
pub use changes::{Change, ChangeKind, RateChange};
pub use circumstances::Circumstances;
pub use hours::Hours;
pub use list::PriceList;
pub use model::{Capability, Model};
pub use pack::{pack, unpack};
pub use price::{OffPeak, Price, SearchFee};
pub use served::is_same_model;

use jiff::civil::Date;
use llm_switch_types::{Cost, OwnPrice, Payer, Provider, Rates, Usage};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of providers and models, and what the user says of prices.
#[derive(Clone, Debug)]
pub struct Catalog {
    providers: Vec<Provider>,
    models: BTreeMap<String, Model>,
    models_as_of: Date,
    /// A list that the user fetched; the embedded one where there is none.
    fetched: Option<Arc<PriceList>>,
    own: BTreeMap<String, OwnPrice>,
}

impl Catalog {
    /// The rows that come with this version.
    ///
    /// # Errors
    /// When the embedded files do not parse, which the tests rule out.
    pub fn embedded() -> Result<Catalog, toml::de::Error> {
        let rows: row::Rows = toml::from_str(include_str!("../data/models.toml"))?;
        let models = rows.model.into_iter().map(|row| row.into_model(rows.as_of));
        Ok(Catalog {
            providers: providers::embedded()?,
            models: models.map(|model| (model.name.clone(), model)).collect(),
            models_as_of: rows.as_of,
            fetched: None,
            own: BTreeMap::new(),
        })
    }

    /// The same with the user's OWN prices, by `provider/model`; the model
    /// `*` stands for all models of the provider.
    pub fn with_own_prices(self, own: BTreeMap<String, OwnPrice>) -> Catalog {
        Catalog { own, ..self }
    }

    /// The same with a price LIST in the place of the embedded one.
    pub fn with_list(self, list: impl Into<Arc<PriceList>>) -> Catalog {
        Catalog { fetched: Some(list.into()), ..self }
    }

    /// The same with the list of OTHER.
    pub fn with_list_of(self, other: &Catalog) -> Catalog {
        Catalog { fetched: other.fetched.clone(), ..self }
    }

    /// Where a newer price list is published.
    pub fn list_address() -> &'static str {
        names::address()
    }

    /// The day on which the prices were read: of what came with this version
    /// and a fetched list, the later one.
    pub fn as_of(&self) -> Date {
        self.models_as_of.max(self.list_as_of())
    }

    fn list_as_of(&self) -> Date {
        self.fetched.as_ref().map_or_else(names::as_of, |list| list.as_of())
    }

    /// The price list that is in force.
    pub fn list(&self) -> &PriceList {
        self.fetched.as_deref().unwrap_or_else(|| PriceList::embedded())
    }

    /// All providers, in the order of the file.
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider called NAME.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// What is known of MODEL at PROVIDER.
    pub fn model(&self, provider: &str, model: &str) -> Option<&Model> {
        names::full(provider, model)
            .find_map(|name| self.models.get(&name).or_else(|| self.list().model(&name)))
    }

    /// The known models of PROVIDER, by name.
    pub fn models_of(&self, provider: &str) -> impl Iterator<Item = &Model> {
        let prefix = format!("{provider}/");
        let listed = self.list().models().filter(|it| !self.models.contains_key(&it.name));
        self.models.values().chain(listed).filter(move |model| model.name.starts_with(&prefix))
    }

    /// MODEL at PROVIDER with the price that is in force: the newest one.
    ///
    /// `models.toml` and the list that comes with it are of the same day:
    /// there the former wins, for people have read it, and the list need not
    /// be unpacked. A list of that day that the user fetched wins over both,
    /// for the user has read what it changes.
    pub fn priced(&self, provider: &str, model: &str) -> Option<&Model> {
        names::full(provider, model).find_map(|name| self.priced_as(&name))
    }

    /// The model called NAME, `provider/model` and no other way.
    fn priced_as(&self, name: &str) -> Option<&Model> {
        let has_price = |model: &&Model| model.price.is_some();
        let row = || self.models.get(name).filter(has_price);
        let listed = || self.list().model(name).filter(has_price);
        let list_wins = self.fetched.as_ref().is_some_and(|it| it.as_of() >= self.models_as_of);
        if list_wins { listed().or_else(row) } else { row().or_else(listed) }
    }

    /// All prices that are in force but for the user's own, as one list.
    pub fn in_force(&self) -> PriceList {
        let names: BTreeSet<&String> =
            self.models.keys().chain(self.list().models().map(|model| &model.name)).collect();
        let models = names.into_iter().filter_map(|name| self.priced_as(name).cloned());
        PriceList::of(models, self.as_of())
    }

    /// What MODEL at PROVIDER charges for a short prompt at an hour like any
    /// other, for people to compare.
    pub fn usual_rates(&self, provider: &str, model: &str) -> Option<&Rates> {
        match self.own(provider, model) {
            Some((_, OwnPrice::Charged { rates, .. })) => Some(rates),
            _ => self.priced(provider, model)?.price.as_ref()?.standard.rates(1),
        }
    }

    /// What USAGE of MODEL at PROVIDER in CIRCUMSTANCES costs the one who
    /// PAYS.
    pub fn price(
        &self,
        provider: &str,
        model: &str,
        payer: Payer,
        usage: &Usage,
        circumstances: &Circumstances,
    ) -> Cost {
        let own = || self.own_cost(provider, model, payer, usage, circumstances);
        match payer {
            Payer::Plan => Cost::PLAN,
            Payer::Free => own().unwrap_or(Cost::FREE),
            Payer::Metered => own().unwrap_or_else(|| {
                let priced = self.priced(provider, model);
                priced.map_or(Cost::UNKNOWN, |it| it.cost(usage, circumstances))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Deployment;

    fn catalog() -> Catalog {
        Catalog::embedded().unwrap()
    }

    #[test]
    fn every_model_belongs_to_a_provider() {
        let catalog = catalog();
        for name in catalog.models.keys() {
            let deployment: Deployment = name.parse().unwrap();
            assert!(catalog.provider(&deployment.account).is_some(), "{name}");
        }
    }
}
