//! Catalogue and configuration joined: who can be called.

use llm_switch_catalog::Catalog;
use llm_switch_config::{Account as AccountEntry, Config, KeySource, ProviderEntry};
use llm_switch_types::{
    Auth, Deployment, Dialect, Error, ErrorKind, Locality, Payer, Percent, Provider, Result,
};
use std::collections::BTreeMap;

/// Who can be called: every account with its provider.
pub(crate) struct Setup {
    pub(crate) catalog: Catalog,
    pub(crate) accounts: BTreeMap<String, Account>,
}

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
    /// The user named it, as opposed to the usual port of a local server.
    pub(crate) named: bool,
}

impl Setup {
    /// Join CATALOG and CONFIG.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for an account or a price at an unknown provider.
    pub(crate) fn new(catalog: Catalog, config: &Config) -> Result<Setup> {
        let providers = providers(&catalog, config)?;
        let mut accounts = BTreeMap::new();
        for provider in providers.values() {
            let named = config.providers.contains_key(&provider.name);
            // What may cost money is called only through an account that the
            // user named; a provider of the user's own is such a name.
            if provider.locality == Locality::Local || named {
                accounts.insert(provider.name.clone(), implicit(provider, named));
            }
        }
        for (name, entry) in &config.accounts {
            accounts.insert(name.clone(), account(name, entry, &providers)?);
        }
        for name in config.prices.keys() {
            check_price(name, &providers)?;
        }
        let catalog = catalog.with_own_prices(config.prices.clone());
        Ok(Setup { catalog, accounts })
    }

    /// The account that DEPLOYMENT names.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none.
    pub(crate) fn account(&self, deployment: &Deployment) -> Result<&Account> {
        self.accounts.get(&deployment.account).ok_or_else(|| {
            let what = format!("there is no account {:?}", deployment.account);
            let advice = did_you_mean(&deployment.account, self.accounts.keys()).unwrap_or(
                "Name it in the configuration, or choose with M-x llm-switch-backend".into(),
            );
            Error::new(ErrorKind::Config, what).at(deployment).advise(advice)
        })
    }
}

fn providers(catalog: &Catalog, config: &Config) -> Result<BTreeMap<String, Provider>> {
    let rows = catalog.providers().iter().map(|row| (row.name.clone(), row.clone()));
    let mut providers: BTreeMap<_, _> = rows.collect();
    for (name, entry) in &config.providers {
        let provider = match providers.get(name) {
            Some(row) => changed(row.clone(), entry),
            None => unknown(name, entry)?,
        };
        providers.insert(name.clone(), provider);
    }
    Ok(providers)
}

/// ROW with what ENTRY says otherwise.
fn changed(mut row: Provider, entry: &ProviderEntry) -> Provider {
    let entry = entry.clone();
    row.title = entry.title.unwrap_or(row.title);
    row.base_url = entry.base_url.unwrap_or(row.base_url);
    row.dialect = entry.dialect.unwrap_or(row.dialect);
    row.locality = entry.locality.unwrap_or(row.locality);
    row.payer = entry.payer.unwrap_or(row.payer);
    row.auth = entry.auth.unwrap_or(row.auth);
    row.max_tokens_field = entry.max_tokens_field.unwrap_or(row.max_tokens_field);
    row
}

/// A server that the catalogue does not know, with the defaults that the
/// unknown servers seen so far want.
fn unknown(name: &str, entry: &ProviderEntry) -> Result<Provider> {
    let base_url = entry.base_url.clone().ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            format!("provider.{name} is not in the catalogue and has no base-url"),
        )
        .advise("Add base-url = \"http://…/v1\", or correct the name")
    })?;
    let locality = entry.locality.unwrap_or(Locality::Cloud);
    let own = matches!(locality, Locality::Local | Locality::Lan);
    let row = Provider {
        name: name.to_owned(),
        title: name.to_owned(),
        base_url,
        dialect: Dialect::OpenaiChat,
        locality,
        payer: if own { Payer::Free } else { Payer::Metered },
        auth: Auth::OptionalBearer,
        max_tokens_field: Default::default(),
        source: "the configuration file".into(),
    };
    Ok(changed(row, entry))
}

fn implicit(provider: &Provider, named: bool) -> Account {
    Account {
        name: provider.name.clone(),
        payer: provider.payer,
        provider: provider.clone(),
        key: None,
        models: Vec::new(),
        fee: Percent::default(),
        named,
    }
}

fn account(
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
    Ok(Account {
        name: name.to_owned(),
        payer: entry.payer.unwrap_or(provider.payer),
        provider: provider.clone(),
        key: entry.key.clone(),
        models: entry.models.clone(),
        fee: entry.fee,
        named: true,
    })
}

/// A price that nothing will ever be billed at would be silently wrong.
fn check_price(name: &str, providers: &BTreeMap<String, Provider>) -> Result<()> {
    let provider = name.split_once('/').map_or(name, |(provider, _)| provider);
    if providers.contains_key(provider) {
        return Ok(());
    }
    let what = format!("price.{name:?} is at an unknown provider {provider:?}");
    let advice = did_you_mean(provider, providers.keys())
        .unwrap_or_else(|| "A price names the provider, not the account".into());
    Err(Error::new(ErrorKind::Config, what).advise(advice))
}

fn did_you_mean<'a>(word: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    let likeness = |other: &&String| strsim::normalized_damerau_levenshtein(word, other);
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) > 0.6).then(|| format!("Did you mean {best:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(config: &str) -> Result<Setup> {
        Setup::new(Catalog::embedded().unwrap(), &Config::parse(config)?)
    }

    #[test]
    fn without_configuration_only_this_machine_can_be_called() {
        let setup = setup("").unwrap();
        assert!(!setup.accounts.is_empty());
        assert!(
            setup.accounts.values().all(|it| it.provider.locality == Locality::Local && !it.named)
        );
    }

    #[test]
    fn an_unknown_server_on_this_machine_is_free() {
        let setup = setup("[provider.box]\nbase-url = 'http://127.0.0.1:9/v1'").unwrap();
        let account = &setup.accounts["box"];
        assert_eq!(
            (account.payer, account.provider.locality, account.named),
            (Payer::Free, Locality::Local, true)
        );
    }

    #[test]
    fn an_unknown_server_elsewhere_is_metered_until_the_user_says_otherwise() {
        let setup = setup("[provider.x]\nbase-url = 'https://example.org/v1'").unwrap();
        assert_eq!(setup.accounts["x"].payer, Payer::Metered);
    }

    #[test]
    fn an_account_at_a_known_provider_has_its_facts() {
        let setup = setup("[account.work]\nprovider = 'openai'\nkey = 'env:X'").unwrap();
        assert_eq!(setup.accounts["work"].provider.base_url, "https://api.openai.com/v1");
        assert!(!setup.accounts.contains_key("openai"));
    }

    #[test]
    fn a_misspelt_provider_or_account_is_told_with_a_suggestion() {
        let error = setup("[account.work]\nprovider = 'opnai'").err().unwrap();
        assert_eq!(error.advice.as_deref(), Some("Did you mean \"openai\"?"));
        let error = setup("").unwrap().account(&"olama/x".parse().unwrap()).err().unwrap();
        assert_eq!(error.advice.as_deref(), Some("Did you mean \"ollama\"?"));
    }

    #[test]
    fn a_price_at_a_misspelt_provider_is_told_with_a_suggestion() {
        let error = setup("[price.'opnai/gpt-5']\nper-million = '1'").err().unwrap();
        assert_eq!(error.kind, ErrorKind::Config);
        assert_eq!(error.advice.as_deref(), Some("Did you mean \"openai\"?"));
    }

    #[test]
    fn an_account_keeps_its_fee_on_credit() {
        let setup = setup("[account.work]\nprovider = 'openai'\nfee-percent = '5.5'").unwrap();
        assert_eq!(setup.accounts["work"].fee, "5.5".parse().unwrap());
    }

    #[test]
    fn a_new_provider_without_address_is_refused() {
        assert_eq!(setup("[provider.x]\ntitle = 'X'").err().unwrap().kind, ErrorKind::Config);
    }
}
