//! Prices that the user sets.

use crate::{Catalog, Circumstances, names};
use llm_switch_types::{Basis, Cost, Money, OwnPrice, Payer, Usage};

impl Catalog {
    /// The user's price of MODEL at PROVIDER, or that of all its models.
    pub(crate) fn own(&self, provider: &str, model: &str) -> Option<(String, &OwnPrice)> {
        let mut names = names::full(provider, model).chain([format!("{provider}/*")]);
        names.find_map(|name| self.own.get(&name).map(|price| (name, price)))
    }

    /// Whether the user set the price of MODEL at PROVIDER.
    pub fn is_own(&self, provider: &str, model: &str) -> bool {
        self.own(provider, model).is_some()
    }

    /// What USAGE costs by the user's own price, where there is one.
    ///
    /// What a service charges is charged to the metered accounts only: the
    /// same provider may have a free one. What a machine costs, it costs
    /// whoever is said to pay.
    pub(crate) fn own_cost(
        &self,
        provider: &str,
        model: &str,
        payer: Payer,
        usage: &Usage,
        circumstances: &Circumstances,
    ) -> Option<Cost> {
        let (name, price) = self.own(provider, model)?;
        let (amount, basis) = match *price {
            OwnPrice::Charged { .. } if payer != Payer::Metered => return None,
            OwnPrice::Charged { rates, per_request } => {
                let tokens = rates.bill(usage);
                let fees = per_request.saturating_add(usage.fees);
                (tokens.map(|amount| amount.saturating_add(fees)), Basis::Computed)
            }
            OwnPrice::PerMillion(rate) => (Some(rate.of(usage.total())), Basis::Estimated),
            OwnPrice::Electricity { watts, per_kwh } => {
                let amount = OwnPrice::electricity(watts, per_kwh, circumstances.duration);
                (Some(amount), Basis::Estimated)
            }
        };
        Some(amount.map_or(Cost::UNKNOWN, |amount: Money| Cost {
            amount: Some(amount),
            basis,
            price: Some(format!("{name}@configuration")),
        }))
    }
}
