//! One credential at a provider, and who pays.

use super::did_you_mean;
use llm_switch_config::{Account as AccountEntry, KeySource, Known};
use llm_switch_types::{Error, ErrorKind, Payer, Percent, Provider, Result};
use std::collections::BTreeMap;

/// One credential at a provider, and who pays, with nothing left to look up.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) provider: Provider,
    pub(crate) payer: Payer,
    pub(crate) key: Option<KeySource>,
    pub(crate) models: Vec<String>,
    /// What the service takes on top when credit is bought.
    pub(crate) fee: Percent,
    /// Models that may be asked without a price; `*` stands for all.
    pub(crate) unpriced: Vec<String>,
    /// The user named it, as opposed to the usual port of a local server.
    pub(crate) named: bool,
}

impl Account {
    /// Whether the user lets MODEL be asked although its price is not known.
    pub(crate) fn may_be_unpriced(&self, model: &str) -> bool {
        self.unpriced.iter().any(|name| name == "*" || name == model)
    }

    /// It, as far as the file can be wrong about it.
    pub(super) fn known(&self) -> Known<'_> {
        Known {
            account: &self.name,
            provider: &self.provider.name,
            payer: self.payer,
            named: self.named,
        }
    }
}

/// The account that bears the name of PROVIDER and that no table describes;
/// NAMED says whether the user has named the provider.
pub(super) fn implicit(provider: &Provider, named: bool) -> Account {
    Account {
        name: provider.name.clone(),
        payer: provider.payer,
        provider: provider.clone(),
        key: None,
        models: Vec::new(),
        fee: usual_fee(provider, provider.payer),
        unpriced: Vec::new(),
        named,
    }
}

/// The account called NAME, as ENTRY describes it.
///
/// # Errors
/// [`ErrorKind::Config`] when its provider is not one of PROVIDERS.
pub(super) fn account(
    name: &str,
    entry: &AccountEntry,
    providers: &BTreeMap<String, Provider>,
) -> Result<Account> {
    let provider = providers.get(&entry.provider).ok_or_else(|| {
        let what = format!("account.{name} is at an unknown provider {:?}", entry.provider);
        let advice = did_you_mean(&entry.provider, providers.keys())
            .unwrap_or_else(|| format!("Add [provider.{}] with its base-url", entry.provider));
        Error::new(ErrorKind::Config, what).advise(advice)
    })?;
    let payer = entry.payer.unwrap_or(provider.payer);
    Ok(Account {
        name: name.to_owned(),
        payer,
        provider: provider.clone(),
        key: entry.key.clone(),
        models: entry.models.clone(),
        fee: entry.fee.unwrap_or_else(|| usual_fee(provider, payer)),
        unpriced: entry.unpriced.clone(),
        named: true,
    })
}

/// What PROVIDER takes on top when credit is bought, if PAYER buys any.
fn usual_fee(provider: &Provider, payer: Payer) -> Percent {
    match payer {
        Payer::Metered => Percent::from_hundredths(provider.credit_fee),
        Payer::Free | Payer::Plan => Percent::default(),
    }
}
