//! The rows of providers, with the rules for their refusals.

use llm_switch_types::{ErrorRule, Provider};
use serde::Deserialize;

#[derive(Deserialize)]
struct Rows {
    provider: Vec<Provider>,
}

#[derive(Deserialize)]
struct Errors {
    group: Vec<Group>,
}

/// Rules and the providers whose words they are: plans and pay-as-you-go
/// addresses of one company share them. Where they were read stands beside
/// them in the file, for who corrects them.
#[derive(Deserialize)]
struct Group {
    at: Vec<String>,
    rules: Vec<ErrorRule>,
}

/// The embedded rows, in the order of the file.
pub(crate) fn embedded() -> Result<Vec<Provider>, toml::de::Error> {
    let mut rows: Rows = toml::from_str(include_str!("../data/providers.toml"))?;
    for group in errors()? {
        for row in rows.provider.iter_mut().filter(|row| group.at.contains(&row.name)) {
            row.errors.extend(group.rules.iter().cloned());
        }
    }
    Ok(rows.provider)
}

fn errors() -> Result<Vec<Group>, toml::de::Error> {
    let errors: Errors = toml::from_str(include_str!("../data/errors.toml"))?;
    Ok(errors.group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Deployment, Locality};
    use std::collections::BTreeSet;

    #[test]
    fn no_name_stands_twice_and_each_can_name_an_account() {
        let mut names = BTreeSet::new();
        for row in embedded().unwrap() {
            assert!(Deployment::is_account_name(&row.name), "{} cannot name an account", row.name);
            assert!(names.insert(row.name.clone()), "{} stands twice", row.name);
            assert!(!row.title.is_empty() && !row.source.is_empty(), "{}: no source", row.name);
        }
    }

    #[test]
    fn addresses_agree_with_their_locality_and_carry_no_key_in_clear() {
        for row in embedded().unwrap() {
            let others = row.other_endpoints.iter().map(|endpoint| &endpoint.base_url);
            let own_machine = matches!(row.locality, Locality::Local | Locality::Proxy);
            for url in [&row.base_url].into_iter().chain(others).chain(&row.mirrors) {
                assert!(!url.ends_with('/'), "{}: {url} ends with /", row.name);
                let loopback = url.starts_with("http://127.0.0.1:");
                assert_eq!(loopback, own_machine, "{}: {url}", row.name);
                assert!(loopback || url.starts_with("https://"), "{}: keys in clear", row.name);
            }
        }
    }

    #[test]
    fn no_dialect_or_payer_is_offered_twice() {
        for row in embedded().unwrap() {
            let mut dialects: Vec<_> = row.other_endpoints.iter().map(|it| it.dialect).collect();
            dialects.push(row.dialect);
            let different: BTreeSet<_> = dialects.iter().map(|dialect| dialect.name()).collect();
            assert_eq!(different.len(), dialects.len(), "{}", row.name);
            assert!(!row.other_payers.contains(&row.payer), "{}", row.name);
        }
    }

    #[test]
    fn every_group_of_rules_has_a_source() {
        let file: toml::Table = include_str!("../data/errors.toml").parse().unwrap();
        for group in file["group"].as_array().unwrap() {
            let source = group.get("source").and_then(toml::Value::as_str);
            assert!(source.is_some_and(|source| !source.is_empty()), "{:?}", group["at"]);
        }
    }

    #[test]
    fn every_group_of_rules_is_of_known_providers() {
        let rows = embedded().unwrap();
        for group in errors().unwrap() {
            assert!(!group.at.is_empty() && !group.rules.is_empty(), "{:?}", group.at);
            for name in &group.at {
                assert!(rows.iter().any(|row| row.name == *name), "no provider is called {name}");
            }
        }
    }

    #[test]
    fn what_is_refused_says_why_and_names_a_provider_that_is_not() {
        let rows = embedded().unwrap();
        for refused in rows.iter().filter_map(|row| row.refused.as_ref()) {
            assert!(!refused.reason.is_empty());
            let usable = rows.iter().filter(|row| row.refused.is_none());
            let named = usable.filter(|row| refused.instead.contains(&format!("\"{}\"", row.name)));
            assert!(named.count() > 0 || refused.instead.contains("gptel"), "{}", refused.instead);
        }
        for name in
            ["github-models", "qwen-portal", "gemini-cli", "claude-subscription", "chatgpt-codex"]
        {
            assert!(rows.iter().any(|row| row.name == name && row.refused.is_some()), "{name}");
        }
    }
}
