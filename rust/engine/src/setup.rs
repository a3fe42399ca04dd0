//! Catalogue and configuration joined: who can be called.

use llm_switch_catalog::Catalog;
use llm_switch_config::{Account as AccountEntry, Config, KeySource, ProviderEntry};
use llm_switch_types::{Deployment, Error, ErrorKind, Locality, Payer, Percent, Provider, Result};
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
        accounts.values().try_for_each(|account| usable(&account.provider))?;
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
        self.account_named(&deployment.account).map_err(|error| error.at(deployment))
    }

    /// The account called NAME.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none.
    pub(crate) fn account_named(&self, name: &str) -> Result<&Account> {
        self.accounts.get(name).ok_or_else(|| {
            let what = format!("there is no account {name:?}");
            let advice = did_you_mean(name, self.accounts.keys()).unwrap_or(
                "Name it in the configuration, or choose with M-x llm-switch-backend".into(),
            );
            Error::new(ErrorKind::Config, what).advise(advice)
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
fn changed(row: Provider, entry: &ProviderEntry) -> Provider {
    let entry = entry.clone();
    let dialect = entry.dialect.unwrap_or(row.dialect);
    let mut row = row.speaking(dialect);
    if entry.base_url.is_some() {
        // Nothing that was known of other addresses is known of this one.
        row.models = None;
        row.balance = row.balance.filter(|balance| balance.url.starts_with('/'));
    }
    row.title = entry.title.unwrap_or(row.title);
    row.base_url = entry.base_url.unwrap_or(row.base_url);
    row.locality = entry.locality.unwrap_or(row.locality);
    row.payer = entry.payer.unwrap_or(row.payer);
    row.auth = entry.auth.unwrap_or(row.auth);
    row.max_tokens_field = entry.max_tokens_field.unwrap_or(row.max_tokens_field);
    row.quirks = entry.quirks.unwrap_or(row.quirks);
    row
}

/// A server that the catalogue does not know.
fn unknown(name: &str, entry: &ProviderEntry) -> Result<Provider> {
    let base_url = entry.base_url.as_ref().ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            format!("provider.{name} is not in the catalogue and has no base-url"),
        )
        .advise("Add base-url = \"http://…/v1\", or correct the name")
    })?;
    let mut row = Provider::unknown(name, base_url);
    if matches!(entry.locality, Some(Locality::Local | Locality::Lan)) {
        row.payer = Payer::Free;
    }
    Ok(changed(row, entry))
}

/// Whether PROVIDER can be called as it stands.
fn usable(provider: &Provider) -> Result<()> {
    let name = &provider.name;
    if let Some(refused) = &provider.refused {
        let what = format!("provider {name:?} {}", refused.reason);
        return Err(Error::new(ErrorKind::Config, what).advise(&refused.instead));
    }
    let blanks: Vec<_> = provider.blanks().collect();
    if blanks.is_empty() {
        return Ok(());
    }
    let what = format!("provider {name:?} needs your {} in its address", blanks.join(" and "));
    let advice = format!(
        "Write [provider.{name}] with base-url = {:?} and that filled in",
        provider.base_url
    );
    Err(Error::new(ErrorKind::Config, what).advise(advice))
}

fn implicit(provider: &Provider, named: bool) -> Account {
    Account {
        name: provider.name.clone(),
        payer: provider.payer,
        provider: provider.clone(),
        key: None,
        models: Vec::new(),
        fee: usual_fee(provider, provider.payer),
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
    let payer = entry.payer.unwrap_or(provider.payer);
    Ok(Account {
        name: name.to_owned(),
        payer,
        provider: provider.clone(),
        key: entry.key.clone(),
        models: entry.models.clone(),
        fee: entry.fee.unwrap_or_else(|| usual_fee(provider, payer)),
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
    fn another_dialect_of_a_known_provider_brings_its_own_address() {
        let setup = setup("[provider.deepseek]\ndialect = 'anthropic'").unwrap();
        let base_url = &setup.accounts["deepseek"].provider.base_url;
        assert_eq!(base_url, "https://api.deepseek.com/anthropic");
    }

    #[test]
    fn another_address_forgets_where_models_and_balance_were() {
        let setup = setup("[provider.deepseek]\nbase-url = 'https://example.org/v1'").unwrap();
        let provider = &setup.accounts["deepseek"].provider;
        assert_eq!(provider.models_url(), "https://example.org/v1/models");
        assert_eq!(provider.balance, None);
    }

    #[test]
    fn what_belongs_to_the_software_is_at_another_address_too() {
        let setup = setup("[provider.litellm]\nbase-url = 'https://proxy.home/v1'").unwrap();
        let balance = setup.accounts["litellm"].provider.balance_url();
        assert_eq!(balance.as_deref(), Some("https://proxy.home/key/info"));
    }

    #[test]
    fn a_provider_that_must_not_be_used_says_why_and_what_to_use() {
        let error = setup("[account.me]\nprovider = 'github-models'").err().unwrap();
        assert_eq!(error.kind, ErrorKind::Config);
        assert!(error.what.contains("closed on 2026-07-30"), "{error}");
        assert!(error.advice.unwrap().contains("groq"));
    }

    #[test]
    fn an_address_with_blanks_wants_them_filled_in() {
        let error = setup("[account.cloudflare]").err().unwrap();
        assert!(error.what.contains("needs your account"), "{error}");
        let filled = "[provider.cloudflare]\nbase-url = 'https://api.cloudflare.com/client/v4/accounts/7/ai/v1'";
        assert!(setup(filled).is_ok());
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
    fn credit_costs_what_the_service_takes_unless_the_user_says_otherwise() {
        let fee = |more: &str| {
            let setup = setup(&format!("[account.openrouter]\n{more}")).unwrap();
            setup.accounts["openrouter"].fee.to_string()
        };
        assert_eq!(fee(""), "5.5");
        assert_eq!(fee("fee-percent = '0'"), "0");
        assert_eq!(fee("payer = 'free'"), "0");
    }

    #[test]
    fn a_new_provider_without_address_is_refused() {
        assert_eq!(setup("[provider.x]\ntitle = 'X'").err().unwrap().kind, ErrorKind::Config);
    }
}
