//! What tokens would have cost at metered list prices.

use jiff::Timestamp;
use llm_switch_catalog::{Catalog, Circumstances, Model, Price, PriceList, is_same_model};
use llm_switch_ledger::Used;
use llm_switch_types::{Money, Usage};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The list prices of models by provider and name, each looked up once.
pub(in crate::methods) struct Prices<'a> {
    catalog: &'a Catalog,
    all: OnceLock<PriceList>,
    known: HashMap<Name, Option<Arc<Model>>>,
}

/// Provider and model.
type Name = (Arc<str>, Arc<str>);

impl<'a> Prices<'a> {
    pub(in crate::methods) fn new(catalog: &'a Catalog) -> Self {
        Prices { catalog, all: OnceLock::new(), known: HashMap::new() }
    }

    /// What USED would have cost where it is paid by the token; `None` where
    /// no list has a price for it.
    pub(in crate::methods) fn worth(&mut self, used: &Used) -> Option<Money> {
        let model = self.model(&used.provider, &used.model)?;
        charged(model.price.as_ref()?, &used.usage, &circumstances(used))
    }

    /// MODEL at PROVIDER with its price. Of a model that its plan's service
    /// does not sell by the token it is the cheapest offer of another one, so
    /// that no plan looks better than it is.
    fn model(&mut self, provider: &Arc<str>, model: &Arc<str>) -> Option<Arc<Model>> {
        let key = (Arc::clone(provider), Arc::clone(model));
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let own = self.catalog.priced(provider, model).filter(|it| charges(it));
        let found = own.or_else(|| self.elsewhere(model)).cloned().map(Arc::new);
        self.known.insert(key, found.clone());
        found
    }

    fn elsewhere(&self, model: &str) -> Option<&Model> {
        let same = |it: &&Model| {
            it.name.split_once('/').is_some_and(|(_, name)| is_same_model(model, name))
        };
        let all = self.all.get_or_init(|| self.catalog.in_force()).models();
        all.filter(same).filter(|it| charges(it)).min_by_key(|it| sample(it))
    }
}

/// A price list says zero for what a plan covers as well.
fn charges(model: &Model) -> bool {
    model.price.as_ref().and_then(|it| it.standard.rates(1)).is_some_and(|rates| rates.charge())
}

/// What a usual request costs there, for comparing.
fn sample(model: &Model) -> Option<Money> {
    let rates = model.price.as_ref()?.standard.rates(1)?;
    rates.bill(&Usage { input: 3_000, output: 1_000, ..Usage::default() })
}

/// What USAGE costs at PRICE. What that has no rate for is billed as a service
/// without it would: cached input as fresh input, searches not apart.
pub(in crate::methods) fn charged(
    price: &Price,
    usage: &Usage,
    circumstances: &Circumstances,
) -> Option<Money> {
    price.of(usage, circumstances).or_else(|| {
        let searches = if price.search.is_some() { usage.searches } else { 0 };
        price.of(&Usage { searches, ..uncached(price, *usage) }, circumstances)
    })
}

/// USAGE with those cache buckets counted as fresh input that PRICE lacks.
fn uncached(price: &Price, usage: Usage) -> Usage {
    let rates = price.standard.rates(usage.total_input()).copied().unwrap_or_default();
    let mut usage = usage;
    let buckets = [
        (&mut usage.cache_read, rates.cache_read),
        (&mut usage.cache_write_5m, rates.cache_write_5m),
        (&mut usage.cache_write_1h, rates.cache_write_1h),
    ];
    for (tokens, _) in buckets.into_iter().filter(|(_, rate)| rate.is_none()) {
        usage.input = usage.input.saturating_add(std::mem::take(tokens));
    }
    usage
}

/// Those in which USED was made. At which tier is not in the ledger.
pub(in crate::methods) fn circumstances(used: &Used) -> Circumstances<'static> {
    Circumstances {
        at: Timestamp::from_millisecond(used.started_ms).unwrap_or_default(),
        service_tier: None,
        duration: Duration::from_millis(used.lasted_ms.try_into().unwrap_or(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use llm_switch_types::Rates;

    fn price(rates: Rates) -> Price {
        Price::flat(date(2026, 11, 20), rates)
    }

    fn plain() -> Circumstances<'static> {
        let duration = Duration::ZERO;
        Circumstances { at: Timestamp::UNIX_EPOCH, service_tier: None, duration }
    }

    #[test]
    fn a_service_without_a_cache_bills_cached_input_as_fresh() {
        let rate = |text: &str| text.parse().ok();
        let none = Rates { input: rate("2"), output: rate("4"), ..Rates::default() };
        let reads = Rates { cache_read: rate("0.5"), ..none };
        let usage = Usage {
            input: 10,
            cache_read: 20,
            cache_write_5m: 40,
            output: 5,
            searches: 3,
            ..Usage::default()
        };
        let pico = |rates| charged(&price(rates), &usage, &plain()).unwrap().pico();
        assert_eq!(pico(none), 70 * 2_000_000 + 5 * 4_000_000);
        assert_eq!(pico(reads), 50 * 2_000_000 + 20 * 500_000 + 5 * 4_000_000);
    }

    #[test]
    fn a_model_that_is_sold_only_in_a_plan_is_worth_the_cheapest_offer_elsewhere() {
        let catalog = Catalog::embedded().unwrap();
        let prices = Prices::new(&catalog);
        let found = prices.elsewhere("glm-5.2").unwrap();
        let offers = catalog.in_force();
        let all: Vec<_> = offers
            .models()
            .filter(|it| it.name.ends_with("/glm-5.2") && charges(it))
            .map(sample)
            .collect();
        assert!(all.len() > 1 && all.iter().all(|it| *it >= sample(found)), "{}", found.name);
        assert!(prices.elsewhere("nobody-9").is_none());
    }
}
