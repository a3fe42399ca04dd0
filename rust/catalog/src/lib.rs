//! What is known before anything is asked: providers, models, dated prices.
//!
//! The rows are embedded from `data/*.toml`. Nothing here touches the network
//! or the clock: a price is asked for with the usage it applies to.

mod model;
mod price;
mod providers;
mod served;

pub use model::Model;
pub use price::Price;
pub use served::is_same_model;

use llm_switch_types::{Cost, Payer, Provider, Usage};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The embedded rows.
#[derive(Clone, Debug)]
pub struct Catalog {
    providers: Vec<Provider>,
    models: BTreeMap<String, Model>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Models {
    as_of: jiff::civil::Date,
    model: Vec<model::Row>,
}

impl Catalog {
    /// The rows that come with this version.
    ///
    /// # Errors
    /// When the embedded files do not parse, which the tests rule out.
    pub fn embedded() -> Result<Catalog, toml::de::Error> {
        let models: Models = toml::from_str(include_str!("../data/models.toml"))?;
        let models = models.model.into_iter().map(|row| row.into_model(models.as_of));
        Ok(Catalog {
            providers: providers::embedded()?,
            models: models.map(|model| (model.name.clone(), model)).collect(),
        })
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
        self.models.get(&format!("{provider}/{model}"))
    }

    /// The known models of PROVIDER, by name.
    pub fn models_of(&self, provider: &str) -> impl Iterator<Item = &Model> {
        let prefix = format!("{provider}/");
        self.models.values().filter(move |model| model.name.starts_with(&prefix))
    }

    /// What USAGE of MODEL at PROVIDER costs the one who PAYS.
    pub fn price(&self, provider: &str, model: &str, payer: Payer, usage: &Usage) -> Cost {
        match payer {
            Payer::Free => Cost::FREE,
            Payer::Plan => Cost::PLAN,
            Payer::Metered => self
                .model(provider, model)
                .and_then(|model| model.price.as_ref())
                .map_or(Cost::UNKNOWN, |price| price.of(usage)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Basis, Deployment};

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

    #[test]
    fn prices_by_bucket_to_the_pico_dollar() {
        let usage = Usage { input: 5_005, cache_read: 257_955, output: 1_744, ..Usage::default() };
        let cost = catalog().price("openai", "gpt-5", Payer::Metered, &usage);
        assert_eq!(cost.amount.unwrap().to_string(), "0.055940625");
        assert_eq!(cost.basis, Basis::Computed);
        assert_eq!(cost.price.as_deref(), Some("openai/gpt-5@2026-11-20"));
    }

    #[test]
    fn an_unknown_price_is_unknown_and_never_free() {
        let usage = Usage { input: 1, output: 1, ..Usage::default() };
        assert_eq!(catalog().price("openai", "no-such", Payer::Metered, &usage), Cost::UNKNOWN);
    }

    #[test]
    fn a_bucket_without_a_rate_makes_the_cost_unknown() {
        let usage = Usage { cache_write_1h: 1, ..Usage::default() };
        assert_eq!(catalog().price("openai", "gpt-5", Payer::Metered, &usage), Cost::UNKNOWN);
    }

    #[test]
    fn the_payer_decides_before_the_price() {
        let usage = Usage { input: 1_000_000, ..Usage::default() };
        assert_eq!(catalog().price("openai", "gpt-5", Payer::Free, &usage), Cost::FREE);
        assert_eq!(catalog().price("openai", "gpt-5", Payer::Plan, &usage).basis, Basis::Plan);
    }
}
