//! Where newer prices are fetched from.

use serde::Deserialize;
use std::path::PathBuf;
use url::{Host, Url};

/// Where a price list lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PriceSource {
    /// At an address of the web.
    Web(Url),
    /// In a file; `~/` is not expanded yet.
    File(PathBuf),
}

/// `[prices]`.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) address: Option<PriceSource>,
}

impl<'de> Deserialize<'de> for PriceSource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl std::str::FromStr for PriceSource {
    type Err = String;

    /// Read `https://…`, `http://127.0.0.1…`, `file:///…`, `/…` or `~/…`.
    fn from_str(text: &str) -> Result<PriceSource, String> {
        if text.starts_with('/') || text.starts_with("~/") {
            return Ok(PriceSource::File(text.into()));
        }
        let wrong = || "address must begin with https://, file:/// or / or ~/".to_owned();
        let url = Url::parse(text).map_err(|_| wrong())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("address may hold no user or password: it is shown and kept".into());
        }
        match url.scheme() {
            "file" => url.to_file_path().map(PriceSource::File).map_err(|()| wrong()),
            // Who can change a list on its way decides what the user sees.
            "http" if !is_loopback(&url) => {
                Err("address must begin with https://: prices must not be changed on their way"
                    .into())
            }
            "http" | "https" => Ok(PriceSource::Web(url)),
            _ => Err(wrong()),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl std::fmt::Display for PriceSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PriceSource::Web(url) => url.fmt(f),
            PriceSource::File(path) => path.display().fmt(f),
        }
    }
}
