//! Accounts for servers that were started where none is known.

use super::{Kind, port_here};
use llm_switch_catalog::Catalog;
use llm_switch_config::{Config, ProviderEntry};
use llm_switch_types::{Auth, Locality, Provider};
use url::Url;

/// A server that can be called: what it is, and its port on this machine.
pub(crate) type Offer = (Kind, u16);

/// Give CONFIG a provider, and so an account, for each of OFFERS that none
/// leads to: it has another port than the usual one, or is a proxy, which is
/// not called unless it is named. Starting it was naming it.
pub(crate) fn join(config: &mut Config, catalog: &Catalog, offers: &[Offer]) {
    for (kind, port) in offers {
        if let Some(row) = catalog.provider(kind.name())
            && !leads_to(config, catalog, *port)
            && let Some(entry) = entry(row, *port)
        {
            config.providers.insert(name(config, row, *port), entry);
        }
    }
}

/// Whether some account of CONFIG is at PORT of this machine.
fn leads_to(config: &Config, catalog: &Catalog, port: u16) -> bool {
    let local = catalog.providers().iter().filter(|row| row.locality == Locality::Local);
    let local = local.map(|row| row.name.as_str());
    let of_accounts = config.accounts.values().map(|account| account.provider.as_str());
    let named = config.providers.keys().map(String::as_str).chain(of_accounts);
    local.chain(named).any(|provider| {
        let own = config.providers.get(provider).and_then(|entry| entry.base_url.as_deref());
        let known = || catalog.provider(provider).map(|row| row.base_url.as_str());
        own.or_else(known).and_then(port_here) == Some(port)
    })
}

/// Its row's own name at the usual port, else that and the port: so it is the
/// same tomorrow.
fn name(config: &Config, row: &Provider, port: u16) -> String {
    let is_usual = port_here(&row.base_url) == Some(port);
    if is_usual && !config.providers.contains_key(&row.name) {
        return row.name.clone();
    }
    format!("{}-{port}", row.name)
}

/// What ROW says, at PORT.
fn entry(row: &Provider, port: u16) -> Option<ProviderEntry> {
    let mut url = Url::parse(&row.base_url).ok()?;
    url.set_port(Some(port)).ok()?;
    let auth = match &row.auth {
        // Without an account there is no key, and it may want none.
        Auth::Bearer => Auth::OptionalBearer,
        other => other.clone(),
    };
    Some(ProviderEntry {
        title: Some(row.title.clone()),
        base_url: Some(url.as_str().trim_end_matches('/').to_owned()),
        dialect: Some(row.dialect),
        locality: Some(row.locality),
        payer: Some(row.payer),
        auth: Some(auth),
        max_tokens_field: Some(row.max_tokens_field),
        quirks: Some(row.quirks.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;
    use llm_switch_types::Payer;

    fn joined(file: &str, offers: &[Offer]) -> Setup {
        let (mut config, catalog) = (Config::parse(file).unwrap(), Catalog::embedded().unwrap());
        join(&mut config, &catalog, offers);
        Setup::new(catalog, &config).unwrap()
    }

    #[test]
    fn at_its_usual_port_it_has_its_account_already() {
        let (plain, setup) = (joined("", &[]), joined("", &[(Kind::LlamaCpp, 8080)]));
        assert_eq!(
            setup.accounts.keys().collect::<Vec<_>>(),
            plain.accounts.keys().collect::<Vec<_>>()
        );
    }

    #[test]
    fn at_another_port_it_gets_an_account_that_is_local_and_free() {
        let setup = joined("", &[(Kind::LlamaCpp, 8081), (Kind::Ollama, 11500)]);
        let account = &setup.accounts["llamacpp-8081"];
        assert_eq!(account.provider.base_url, "http://127.0.0.1:8081/v1");
        assert_eq!((account.provider.locality, account.payer), (Locality::Local, Payer::Free));
        assert_eq!(setup.accounts["ollama-11500"].provider.base_url, "http://127.0.0.1:11500");
    }

    #[test]
    fn an_account_of_the_file_at_its_port_is_its_account() {
        let file = "[provider.box]\nbase-url = 'http://localhost:8081/v1'";
        let setup = joined(file, &[(Kind::LlamaCpp, 8081)]);
        assert!(!setup.accounts.contains_key("llamacpp-8081"));
        let moved = "[provider.llamacpp]\nbase-url = 'http://127.0.0.1:9000/v1'";
        let setup = joined(moved, &[(Kind::LlamaCpp, 8080)]);
        assert!(setup.accounts.contains_key("llamacpp-8080"));
    }

    #[test]
    fn a_proxy_is_metered_and_has_its_cap() {
        let setup = joined("", &[(Kind::LiteLlm, 4000)]);
        let account = &setup.accounts["litellm"];
        assert_eq!((account.provider.locality, account.payer), (Locality::Proxy, Payer::Metered));
        assert_eq!(account.provider.auth, Auth::OptionalBearer);
        assert!(setup.budgets.iter().any(|it| it.name == "litellm, day, default"));
    }
}
