//! A deployment that could have been asked, and what it charges.

use super::caching::Caching;
use crate::methods::plans::charged;
use crate::methods::spend::wrong;
use crate::setup::Setup;
use llm_switch_catalog::{Catalog, Circumstances, Price};
use llm_switch_types::{Money, Payer, Percent, Rates, Result, Usage};

/// A model at a provider, as somebody would pay it.
#[derive(Clone, Debug)]
pub(super) struct Offer<'a> {
    catalog: &'a Catalog,
    provider: String,
    model: String,
    payer: Payer,
    /// `None` where the user set the price, or nobody pays.
    listed: Option<&'a Price>,
    rates: Rates,
    /// How many tokens it can be sent.
    context: Option<u64>,
    fee: Percent,
    /// The user has an account there.
    pub(super) has_account: bool,
}

/// Why something was left where it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// Its prompt is larger than what the model can be sent.
    TooLarge,
    /// No price is known for a part of it.
    Unpriced,
}

impl<'a> Offer<'a> {
    /// That of NAME, `account/model`, or `provider/model` where the user has no
    /// such account.
    ///
    /// # Errors
    /// For what nobody knows, or knows the price of.
    pub(super) fn named(setup: &'a Setup, name: &str) -> Result<Offer<'a>> {
        let unknown = || wrong(format!("{name:?} is no deployment and no plan"));
        let (place, model) = name.split_once('/').ok_or_else(unknown)?;
        let account = setup.accounts.get(place).filter(|it| it.named || it.payer == Payer::Free);
        let offer = match account {
            Some(it) => Offer::at(setup, &it.provider.name, model, it.payer, it.fee, true),
            None => {
                let provider = setup.catalog.provider(place).ok_or_else(unknown)?;
                let fee = Percent::from_hundredths(provider.credit_fee);
                Offer::at(setup, place, model, Payer::Metered, fee, false)
            }
        };
        offer.ok_or_else(|| {
            wrong(format!("no price is known for {name}"))
                .advise("Set it with M-x llm-switch-set-price, or choose another one")
        })
    }

    /// MODEL at PROVIDER for one who is said to be PAYER; `None` without a
    /// price. What a plan covers is told as it would be metered.
    pub(super) fn at(
        setup: &'a Setup,
        provider: &str,
        model: &str,
        payer: Payer,
        fee: Percent,
        has_account: bool,
    ) -> Option<Offer<'a>> {
        let catalog = &setup.catalog;
        let payer = if payer == Payer::Free { payer } else { Payer::Metered };
        let by_list = payer == Payer::Metered && !catalog.is_own(provider, model);
        let listed = catalog.priced(provider, model).and_then(|it| it.price.as_ref());
        let listed = listed.filter(|_| by_list);
        if by_list && listed.is_none() {
            return None;
        }
        Some(Offer {
            catalog,
            listed,
            payer,
            fee,
            has_account,
            provider: provider.to_owned(),
            model: model.to_owned(),
            rates: catalog.usual_rates(provider, model).copied().unwrap_or_default(),
            context: catalog.model(provider, model).and_then(|it| it.context),
        })
    }

    /// What USAGE would have cost with caches as CACHING says.
    pub(super) fn cost(
        &self,
        usage: &Usage,
        caching: Caching,
        circumstances: &Circumstances,
    ) -> std::result::Result<Money, Unfit> {
        if self.context.is_some_and(|most| usage.total_input() > most) {
            return Err(Unfit::TooLarge);
        }
        let usage = caching.of(usage, &self.rates);
        let amount = match self.listed {
            Some(price) => charged(price, &usage, circumstances),
            None => {
                let (catalog, provider, model) = (self.catalog, &self.provider, &self.model);
                catalog.price(provider, model, self.payer, &usage, circumstances).amount
            }
        };
        amount.map(|amount| self.fee.on_top_of(amount)).ok_or(Unfit::Unpriced)
    }
}
