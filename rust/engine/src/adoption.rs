//! Backends of another package, taken over as accounts for as long as the
//! engine runs.
//!
//! They go where the file's own tables go, before anything is joined, so that
//! what holds for an account of the file holds for them: its checks, its
//! localities, its default cap.

use llm_switch_catalog::Catalog;
use llm_switch_config::{Account, Config, KeySource, ProviderEntry};
use llm_switch_types::{
    Auth, Deployment, Dialect, Error, ErrorKind, Locality, Money, OwnPrice, Payer, Provider, Rate,
    Rates, Result,
};
use serde::Deserialize;

/// A backend as Emacs describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Adoption {
    /// What the user calls it.
    pub(crate) name: String,
    base_url: String,
    dialect: Dialect,
    #[serde(default)]
    models: Vec<AdoptedModel>,
    /// Where Emacs finds its key, if it has one.
    key: Option<KeySource>,
    /// Who pays, where the user says it.
    payer: Option<Payer>,
}

/// A model of a backend, with what that charges for it as far as it says so:
/// dollars per million tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct AdoptedModel {
    name: String,
    input: Option<Rate>,
    output: Option<Rate>,
}

/// Each of ADOPTIONS by the account that it became in CONFIG, or why it
/// became none.
pub(crate) fn join(
    config: &mut Config,
    catalog: &Catalog,
    adoptions: &[Adoption],
) -> Vec<Result<String>> {
    adoptions.iter().map(|it| it.join(config, catalog).map_err(|e| e.at(&it.name))).collect()
}

impl Adoption {
    fn join(&self, config: &mut Config, catalog: &Catalog) -> Result<String> {
        let provider = self.provider(config, catalog)?;
        let name = self.account_name(config, catalog, provider.as_deref());
        let provider = match provider {
            Some(known) => known,
            None => {
                config.providers.insert(name.clone(), self.entry()?);
                name.clone()
            }
        };
        self.price(config, catalog, &provider);
        let account = Account {
            payer: self.payer.or_else(|| payer(config, catalog.provider(&provider))),
            provider,
            key: self.key.clone(),
            models: self.models.iter().map(|model| model.name.clone()).collect(),
            unpriced: Vec::new(),
            fee: None,
        };
        config.accounts.insert(name.clone(), account);
        Ok(name)
    }

    /// The provider that answers at its address: one that the file names,
    /// else one of the catalogue.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when that provider must not be used.
    fn provider(&self, config: &Config, catalog: &Catalog) -> Result<Option<String>> {
        let own = config.providers.iter().find(|(_, entry)| {
            entry.base_url.as_deref().is_some_and(|url| same_place(url, &self.base_url))
                && entry.dialect.unwrap_or(Dialect::OpenaiChat) == self.dialect
        });
        if let Some((name, _)) = own {
            return Ok(Some(name.clone()));
        }
        // A subscription's row has the address of the service whose it is.
        let here = || catalog.providers().iter().filter(|row| answers(row, &self.base_url));
        let usable = here().find(|row| row.refused.is_none() && !moved(config, row));
        match (usable, here().find_map(|row| row.refused.as_ref())) {
            (Some(row), _) => Ok(Some(row.name.clone())),
            (None, Some(refused)) => {
                let what = format!("its service {}", refused.reason);
                Err(Error::new(ErrorKind::Config, what).advise(&refused.instead))
            }
            (None, None) => Ok(None),
        }
    }

    /// A name that stands for nothing else: its own in small letters, or with
    /// `-gptel` behind it.
    fn account_name(&self, config: &Config, catalog: &Catalog, provider: Option<&str>) -> String {
        let own = slug(&self.name);
        let taken = |name: &str| {
            let known = config.providers.contains_key(name) || catalog.provider(name).is_some();
            config.accounts.contains_key(name) || (known && provider != Some(name))
        };
        let numbered = (2..).map(|number| format!("{own}-gptel-{number}"));
        let mut names = [own.clone(), format!("{own}-gptel")].into_iter().chain(numbered);
        names.find(|name| !taken(name)).unwrap_or(own)
    }

    fn entry(&self) -> Result<ProviderEntry> {
        let mut entry = ProviderEntry::at(&self.base_url).map_err(|what| {
            let advice = "Describe it in the configuration, in a table [provider.NAME]";
            Error::new(ErrorKind::Config, what).advise(advice)
        })?;
        entry.title = Some(self.name.clone());
        entry.dialect = Some(self.dialect);
        entry.auth = match self.dialect {
            Dialect::Anthropic => Some(Auth::Header("x-api-key".into())),
            Dialect::Gemini => Some(Auth::Header("x-goog-api-key".into())),
            _ => None,
        };
        entry.auth = entry.auth.filter(|_| self.key.is_some());
        Ok(entry)
    }

    /// Take its own word for prices that nobody else knows.
    fn price(&self, config: &mut Config, catalog: &Catalog, provider: &str) {
        for model in &self.models {
            let name = format!("{provider}/{}", model.name);
            let known = [name.as_str(), &format!("{provider}/*")]
                .iter()
                .any(|it| config.prices.contains_key(*it))
                || catalog.usual_rates(provider, &model.name).is_some();
            if let (false, Some(input), Some(output)) = (known, model.input, model.output) {
                config.prices.insert(name, charged(input, output));
            }
        }
    }
}

/// Who pays at ROW where a key shows nothing of it: what may cost money is
/// taken to cost it, so that it counts and has a cap.
fn payer(config: &Config, row: Option<&Provider>) -> Option<Payer> {
    let row = row?;
    let said = config.providers.get(&row.name).and_then(|entry| entry.payer).is_some();
    let may_cost = row.locality == Locality::Cloud
        && row.payer == Payer::Free
        && row.other_payers.contains(&Payer::Metered);
    (may_cost && !said).then_some(Payer::Metered)
}

/// Whether the file lets ROW answer somewhere else.
fn moved(config: &Config, row: &Provider) -> bool {
    config.providers.get(&row.name).is_some_and(|entry| entry.base_url.is_some())
}

/// Whether ROW answers at URL, in whichever dialect.
fn answers(row: &Provider, url: &str) -> bool {
    let others = row.other_endpoints.iter().map(|endpoint| &endpoint.base_url);
    std::iter::once(&row.base_url).chain(others).any(|known| same_place(known, url))
}

/// Whether A and B lead to the same service: `/v1` is written or not, and
/// this machine has two names.
fn same_place(a: &str, b: &str) -> bool {
    let place = |url: &str| {
        let url = url.trim_end_matches('/').to_lowercase();
        let url = url.strip_suffix("/v1").unwrap_or(&url);
        url.replacen("://localhost", "://127.0.0.1", 1)
    };
    place(a) == place(b)
}

/// NAME as an account's name.
fn slug(name: &str) -> String {
    let sound = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let dashed: String = name.chars().map(sound).collect();
    let parts: Vec<_> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    let slug = parts.join("-");
    if Deployment::is_account_name(&slug) { slug } else { "gptel".into() }
}

/// Cached input costs as much as fresh input: nothing is said of it, and the
/// figure errs on the side that does not surprise.
fn charged(input: Rate, output: Rate) -> OwnPrice {
    let rates = Rates {
        input: Some(input),
        output: Some(output),
        cache_read: Some(input),
        cache_write_5m: Some(input),
        cache_write_1h: Some(input),
        ..Rates::default()
    };
    OwnPrice::Charged { rates, per_request: Money::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;
    use serde_json::{Value, json};

    fn adopt(file: &str, backend: Value) -> (Result<String>, Setup) {
        let mut config = Config::parse(file).unwrap();
        let catalog = Catalog::embedded().unwrap();
        let backend: Adoption = serde_json::from_value(backend).unwrap();
        let joined = join(&mut config, &catalog, &[backend]).pop().unwrap();
        (joined, Setup::new(catalog, &config).unwrap())
    }

    fn backend(name: &str, base_url: &str, dialect: &str) -> Value {
        json!({"name": name, "base-url": base_url, "dialect": dialect, "key": "gptel:it",
               "models": [{"name": "m", "input": 1.5, "output": 3}]})
    }

    #[test]
    fn a_known_address_becomes_an_account_of_that_provider() {
        for (name, url, dialect, provider) in [
            ("ChatGPT", "https://api.openai.com/v1", "openai-responses", "openai"),
            ("Claude", "https://api.anthropic.com", "anthropic", "anthropic"),
            ("DeepSeek", "https://api.deepseek.com/v1", "openai-chat", "deepseek"),
            ("Home", "http://localhost:11434", "ollama", "ollama"),
        ] {
            let (joined, setup) = adopt("", backend(name, url, dialect));
            let account = &setup.accounts[&joined.unwrap()];
            assert_eq!((account.provider.name.as_str(), account.named), (provider, true));
            assert_eq!(account.models, ["m"]);
        }
    }

    #[test]
    fn an_unknown_address_becomes_a_provider_at_it() {
        let (joined, setup) = adopt("", backend("My Box!", "https://box.example/api", "anthropic"));
        let account = &setup.accounts[&joined.unwrap()];
        assert_eq!((account.name.as_str(), account.payer), ("my-box", Payer::Metered));
        assert_eq!(account.provider.title, "My Box!");
        assert_eq!(account.provider.auth, Auth::Header("x-api-key".into()));
        assert!(setup.catalog.usual_rates("my-box", "m").is_some(), "gptel knew the price");
        assert!(setup.budgets.iter().any(|it| it.name == "my-box, day, default"));
    }

    #[test]
    fn a_server_on_this_machine_is_free() {
        let (joined, setup) = adopt("", backend("x", "http://127.0.0.1:9/v1", "openai-chat"));
        let account = &setup.accounts[&joined.unwrap()];
        assert_eq!((account.payer, account.provider.locality), (Payer::Free, Locality::Local));
    }

    #[test]
    fn a_free_tier_is_metered_until_the_user_says_that_it_is_free() {
        let url = "https://api.groq.com/openai/v1";
        let (joined, setup) = adopt("", backend("g", url, "openai-chat"));
        let account = &setup.accounts[&joined.unwrap()];
        assert_eq!((account.provider.name.as_str(), account.payer), ("groq", Payer::Metered));
        let mut said = backend("g", url, "openai-chat");
        said["payer"] = json!("free");
        let (joined, setup) = adopt("", said);
        assert_eq!(setup.accounts[&joined.unwrap()].payer, Payer::Free);
    }

    #[test]
    fn accounts_of_the_file_keep_their_names() {
        let file =
            "[account.openai]\nkey = 'env:X'\n[provider.box]\nbase-url = 'http://127.0.0.1:9/v1'";
        let (joined, setup) =
            adopt(file, backend("OpenAI", "https://api.openai.com/v1", "openai-responses"));
        assert_eq!(joined.unwrap(), "openai-gptel");
        assert!(setup.accounts["openai"].models.is_empty());
        let (joined, setup) = adopt(file, backend("Box", "http://localhost:9/v1", "openai-chat"));
        assert_eq!(setup.accounts[&joined.unwrap()].provider.name, "box");
    }

    #[test]
    fn the_name_of_a_provider_is_not_given_to_another_address() {
        let (joined, setup) =
            adopt("", backend("OpenAI", "https://proxy.example/v1", "openai-chat"));
        let name = joined.unwrap();
        assert_eq!(name, "openai-gptel");
        assert_eq!(setup.accounts[&name].provider.base_url, "https://proxy.example/v1");
    }

    #[test]
    fn what_cannot_be_adopted_says_why() {
        let why = |name, url, dialect| {
            let (joined, _) = adopt("", backend(name, url, dialect));
            joined.unwrap_err().to_string()
        };
        let clear = why("Lan", "http://192.168.1.5:11434", "ollama");
        assert!(clear.contains("in clear"), "{clear}");
        let copilot = why("Copilot", "https://api.individual.githubcopilot.com", "openai-chat");
        assert!(copilot.starts_with("Copilot: its service"), "{copilot}");
    }
}
