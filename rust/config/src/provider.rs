//! A server that the user names.

use llm_switch_types::{Auth, Dialect, Locality, MaxTokensField, Payer, Quirks};
use serde::Deserialize;
use url::{Host, Url};

/// A server that the catalogue does not know, or a change to one it does.
/// What is `None` comes from the catalogue, else from the base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEntry {
    /// The name on the screen.
    pub title: Option<String>,
    /// Where it answers, without a trailing slash.
    pub base_url: Option<String>,
    /// What it speaks.
    pub dialect: Option<Dialect>,
    /// How far away it is; loopback is always `local` and nothing else is.
    pub locality: Option<Locality>,
    /// Who pays.
    pub payer: Option<Payer>,
    /// How a request proves who sends it.
    pub auth: Option<Auth>,
    /// Which field limits the output.
    pub max_tokens_field: Option<MaxTokensField>,
    /// What it does differently, all of it.
    pub quirks: Option<Quirks>,
}

impl ProviderEntry {
    /// A server at BASE_URL of which nothing else is said.
    ///
    /// # Errors
    /// What is wrong with the address, in words.
    pub fn at(base_url: &str) -> Result<ProviderEntry, String> {
        Table { base_url: Some(base_url.to_owned()), ..Table::default() }.try_into()
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    title: Option<String>,
    base_url: Option<String>,
    dialect: Option<Dialect>,
    locality: Option<Locality>,
    payer: Option<Payer>,
    auth: Option<Auth>,
    max_tokens_field: Option<MaxTokensField>,
    quirks: Option<Quirks>,
}

impl TryFrom<Table> for ProviderEntry {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let url = table.base_url.as_deref().map(read_url).transpose()?;
        let found = url.as_ref().map(locality_of);
        Ok(ProviderEntry {
            title: table.title,
            locality: agree(found, table.locality, url.as_ref())?,
            base_url: url.map(|url| url.as_str().trim_end_matches('/').to_owned()),
            dialect: table.dialect,
            payer: table.payer,
            auth: table.auth,
            max_tokens_field: table.max_tokens_field,
            quirks: table.quirks,
        })
    }
}

fn read_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("base-url {text:?} is not an address: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("base-url {text:?} must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err("base-url may hold no user, password or query: they would be logged".into());
    }
    Ok(url)
}

/// Whether the host of URL is this machine.
pub(crate) fn locality_of(url: &Url) -> Locality {
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if loopback { Locality::Local } else { Locality::Cloud }
}

/// What the address shows and what the user says must not contradict: local
/// is a promise about the machine, and a key never leaves it in clear.
fn agree(
    found: Option<Locality>,
    said: Option<Locality>,
    url: Option<&Url>,
) -> Result<Option<Locality>, String> {
    let locality = match (found, said) {
        (Some(Locality::Cloud) | None, Some(Locality::Local)) => {
            return Err("locality = \"local\" needs a base-url on 127.0.0.1, [::1] or localhost; \
                        a machine of your own network is \"lan\""
                .into());
        }
        (Some(Locality::Local), Some(Locality::Cloud | Locality::Lan)) => {
            return Err("a base-url on this machine is \"local\" or \"proxy\"".into());
        }
        (found, said) => said.or(found),
    };
    match (locality, url.map(Url::scheme)) {
        (Some(Locality::Cloud), Some("http")) => {
            Err("base-url must begin with https://, or the key \
            would be sent in clear; a machine of your own network has locality = \"lan\""
                .into())
        }
        _ => Ok(locality),
    }
}
