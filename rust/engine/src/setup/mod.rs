//! Catalogue and configuration joined: who can be called.

mod account;
mod provider;

pub(crate) use account::Account;

use crate::choice::built_in;
use account::{account, implicit};
use jiff::tz::TimeZone;
use llm_switch_catalog::Catalog;
use llm_switch_config::mcp::{McpAccess, McpRules};
use llm_switch_config::{Config, PriceSource};
use llm_switch_types::{
    Budget, Credit, Deployment, Error, ErrorKind, Limit, Locality, Mode, Money, Payer, Plan,
    Provider, Result, Route, Scope,
};
use once_cell::sync::OnceCell;
use provider::{providers, usable};
use std::collections::BTreeMap;

/// Who can be called: every account with its provider; and what is to be
/// held to when it is.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) catalog: Catalog,
    pub(crate) accounts: BTreeMap<String, Account>,
    /// Where newer prices are, where the user says it.
    pub(crate) price_source: Option<PriceSource>,
    /// The budgets in force, default ones among them.
    pub(crate) budgets: Vec<Budget>,
    pub(crate) plans: BTreeMap<String, Plan>,
    pub(crate) credits: BTreeMap<String, Credit>,
    pub(crate) routes: BTreeMap<String, Route>,
    /// Those that are there without the file, made when they are first needed.
    built_in_routes: OnceCell<BTreeMap<String, Route>>,
    /// The modes in force, built-in ones among them.
    pub(crate) modes: BTreeMap<String, Mode>,
    /// What the file lets tools of MCP servers do.
    pub(crate) mcp_rules: McpRules,
    /// Who may use which tools.
    pub(crate) mcp_access: Vec<McpAccess>,
    /// The mode of who names none, where the file says it.
    pub(crate) default_mode: Option<String>,
    /// The most that one request may cost, where its route does not say.
    pub(crate) max_cost: Option<Money>,
    /// The clock of all windows: the file's, else the system's.
    pub(crate) time_zone: TimeZone,
}

impl Setup {
    /// Join CATALOG and CONFIG.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for an account or a price at an unknown provider,
    /// and for what [`Config::check`] and [`Config::check_prices`] refuse.
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
        let known: Vec<_> = accounts.values().map(Account::known).collect();
        config.check(&providers.keys().map(String::as_str).collect::<Vec<_>>(), &known)?;
        let catalog = catalog.with_own_prices(config.prices.clone());
        config.check_prices(&known, |provider, model| priced(&catalog, config, provider, model))?;
        Ok(Setup {
            budgets: config.budgets_for(&known),
            plans: config.plans.clone(),
            credits: config.credits.clone(),
            routes: config.routes.clone(),
            built_in_routes: OnceCell::new(),
            modes: config.modes.clone(),
            mcp_rules: config.mcp_rules.clone(),
            mcp_access: config.mcp_access.clone(),
            default_mode: config.default_mode.clone(),
            max_cost: config.max_cost,
            time_zone: config.time_zone.clone().unwrap_or_else(TimeZone::system),
            price_source: config.price_source.clone(),
            catalog,
            accounts,
        })
    }

    /// The same with the price list of CATALOG.
    pub(crate) fn with_prices_of(&self, catalog: &Catalog) -> Setup {
        let catalog = self.catalog.clone().with_list_of(catalog);
        // Who is best and cheapest depends on the prices.
        Setup { catalog, built_in_routes: OnceCell::new(), ..self.clone() }
    }

    /// Refuse the prices of CATALOG when a budget counts dollars of a model
    /// that has none there: the file would be wrong at the next start.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`].
    pub(crate) fn check_budgets(&self, catalog: &Catalog) -> Result<()> {
        let catalog = self.catalog.clone().with_list_of(catalog);
        let metered: Vec<_> =
            self.accounts.values().filter(|it| it.payer == Payer::Metered).collect();
        let lost = |model: &str| {
            let has = |it: &&Account| catalog.usual_rates(&it.provider.name, model).is_some();
            !metered.is_empty() && !metered.iter().any(has)
        };
        let lost = self.budgets.iter().find_map(|budget| match (&budget.on, budget.limit) {
            (Scope::Model(model), Limit::Dollars(_)) => Some(model).filter(|it| lost(it)),
            _ => None,
        });
        lost.map_or(Ok(()), |model| {
            let what =
                format!("a budget counts dollars of {model}, and this list has no price for it");
            let advice =
                "The prices in force stay. Set that price with M-x llm-switch-set-price first";
            Err(Error::new(ErrorKind::Refused, what).advise(advice))
        })
    }

    /// How far what is for no account may go: beyond the user's own machines
    /// only when some account is there.
    pub(crate) fn reach(&self) -> Locality {
        let own = [Locality::Local, Locality::Lan];
        let at_home = self.accounts.values().all(|it| own.contains(&it.provider.locality));
        if at_home { Locality::Local } else { Locality::Cloud }
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

impl Setup {
    /// The routes that are there without the file, but for those that it
    /// defines.
    pub(crate) fn built_in_routes(&self) -> &BTreeMap<String, Route> {
        self.built_in_routes.get_or_init(|| built_in(self))
    }

    /// The route called NAME.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none.
    pub(crate) fn route(&self, name: &str) -> Result<&Route> {
        let built_in = || self.built_in_routes().get(name);
        self.routes.get(name).or_else(built_in).ok_or_else(|| {
            let advice = did_you_mean(name, self.routes.keys()).unwrap_or_else(|| {
                format!("Write [route.{name}], or name a deployment as account/model")
            });
            Error::new(ErrorKind::Config, format!("there is no route {name:?}")).advise(advice)
        })
    }
}

impl Setup {
    /// The mode called NAME.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none.
    pub(crate) fn mode(&self, name: &str) -> Result<&Mode> {
        self.modes.get(name).ok_or_else(|| {
            let advice = did_you_mean(name, self.modes.keys())
                .unwrap_or_else(|| format!("Write [mode.{name}], or choose another mode"));
            Error::new(ErrorKind::Config, format!("there is no mode {name:?}")).advise(advice)
        })
    }
}

/// Whether a bill for MODEL at PROVIDER can be computed: by what the service
/// charges, or by what the user says that it costs.
fn priced(catalog: &Catalog, config: &Config, provider: &str, model: &str) -> bool {
    let own = [format!("{provider}/{model}"), format!("{provider}/*")];
    own.iter().any(|name| config.prices.contains_key(name))
        || catalog.usual_rates(provider, model).is_some()
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
    fn what_names_an_unknown_account_or_provider_is_told_with_line_and_suggestion() {
        let file = |rest: &str| format!("[account.work]\nprovider = 'openai'\n{rest}");
        let told = |rest: &str| setup(&file(rest)).err().unwrap().what;
        let budget = "[[budget]]\nwindow = 'day'\nlimit = '3'\non = { provider = 'opnai' }";
        assert_eq!(
            told(budget),
            "line 6: there is no provider \"opnai\": did you mean \"openai\"?"
        );
        assert_eq!(
            told("[route.best]\nuse = [\n'work/gpt-5',\n'wrk/gpt-5']"),
            "line 6: there is no account \"wrk\": did you mean \"work\"?"
        );
        let plan = "[plan.x]\nprice = '20'\ncovers = ['nobody-knows']";
        assert_eq!(
            told(plan),
            "line 5: there is no account \"nobody-knows\": write [account.nobody-knows]"
        );
    }

    #[test]
    fn a_model_without_price_has_no_budget_in_dollars() {
        let file = |more: &str| {
            let budget = "[[budget]]\nwindow = 'day'\nlimit = '3'\non = { model = 'nobody-9' }";
            setup(&format!("[account.openai]\n{budget}\n{more}"))
        };
        let told = file("").err().unwrap().what;
        assert!(told.starts_with("line 5: this budget counts dollars, and no price of"), "{told}");
        assert!(file("[price.'openai/nobody-9']\ninput = '1'\noutput = '2'").is_ok());
        assert!(file("[price.'openai/*']\nper-million = '2'").is_ok());
        let known =
            "[account.openai]\n[[budget]]\nwindow = 'day'\nlimit = '3'\non = { model = 'gpt-5' }";
        assert!(setup(known).is_ok());
    }

    #[test]
    fn the_first_metered_account_comes_with_a_default_budget() {
        let setup = setup("[account.openai]\n[account.ollama]").unwrap();
        let names: Vec<_> = setup.budgets.iter().map(|budget| budget.name.as_str()).collect();
        assert_eq!(names, ["openai, day, default"]);
        assert!(setup.budgets[0].is_default());
        assert!(super::tests::setup("").unwrap().budgets.is_empty(), "local servers are free");
    }

    #[test]
    fn what_the_manual_shows_is_accepted() {
        let setup = setup(include_str!("../../../config/tests/manual.toml")).unwrap();
        assert!(setup.budgets.iter().all(|budget| !budget.is_default()), "openai is limited");
    }

    #[test]
    fn the_clock_is_that_of_the_file() {
        let setup = setup("time-zone = 'Asia/Kathmandu'").unwrap();
        assert_eq!(setup.time_zone.iana_name(), Some("Asia/Kathmandu"));
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
