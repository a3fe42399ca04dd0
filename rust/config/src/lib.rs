//! The configuration file: what the user names, checked before it is used.
//!
//! No file is fine: everything has a default that spends nothing. What is
//! wrong is told with its line, and a secret in the file is refused without
//! being repeated.

mod account;
mod document;
mod edit;
mod key;
mod price;
mod price_list;
mod provider;

pub use account::Account;
pub use edit::NewPrice;
pub use key::KeySource;
pub use price_list::PriceSource;
pub use provider::ProviderEntry;

use llm_switch_types::{Error, ErrorKind, OwnPrice, Result};
use std::{collections::BTreeMap, path::Path};

/// What the user configured. Empty when there is no file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Servers that the catalogue does not know, and changes to those it does.
    pub providers: BTreeMap<String, ProviderEntry>,
    /// Accounts by name.
    pub accounts: BTreeMap<String, Account>,
    /// Prices that win over the catalogue's, by `provider/model`; the model
    /// `*` stands for all of the provider.
    pub prices: BTreeMap<String, OwnPrice>,
    /// Where newer prices are fetched from, where it is said.
    pub price_source: Option<PriceSource>,
}

impl Config {
    /// Read the file at PATH; no file gives the empty configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with file and line.
    pub fn load(path: &Path) -> Result<Config> {
        match std::fs::read_to_string(path) {
            Ok(text) => Config::parse(&text).map_err(|error| error.at(path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(Error::new(ErrorKind::Config, format!("cannot be read: {error}"))
                .at(path.display())
                .advise("Make the file readable, or set llm-switch-config-file")),
        }
    }

    /// Parse the TEXT of a configuration file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] whose text begins with the line.
    pub fn parse(text: &str) -> Result<Config> {
        document::parse(text)
    }
}
