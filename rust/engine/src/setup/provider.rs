//! Services and servers, as the catalogue knows them and the file changes them.

use llm_switch_catalog::Catalog;
use llm_switch_config::{Config, ProviderEntry};
use llm_switch_types::{Error, ErrorKind, Locality, Payer, Provider, Result};
use std::collections::BTreeMap;

/// The rows of CATALOG with what CONFIG says otherwise, and the servers that
/// only CONFIG knows.
///
/// # Errors
/// [`ErrorKind::Config`] for an unknown server without an address.
pub(super) fn providers(catalog: &Catalog, config: &Config) -> Result<BTreeMap<String, Provider>> {
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
pub(super) fn usable(provider: &Provider) -> Result<()> {
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
