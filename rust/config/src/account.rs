//! An account: one credential at a provider, and who pays.

use crate::KeySource;
use llm_switch_types::{Payer, Percent};
use serde::Deserialize;

/// One credential at a provider, and who pays for what it uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The provider's name.
    pub provider: String,
    /// Where the key is kept.
    pub key: Option<KeySource>,
    /// Who pays; the provider's default where it is not said.
    pub payer: Option<Payer>,
    /// Models to offer, beside those that are known or found.
    pub models: Vec<String>,
    /// What the service takes on top when credit is bought; the provider's
    /// default where it is not said.
    pub fee: Option<Percent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    provider: Option<String>,
    key: Option<KeySource>,
    payer: Option<Payer>,
    #[serde(default)]
    models: Vec<String>,
    fee_percent: Option<Percent>,
}

impl Table {
    /// An account that names no provider bears its provider's name.
    pub(crate) fn into_account(self, name: &str) -> Result<Account, String> {
        if self.models.iter().any(String::is_empty) {
            return Err(format!("account.{name}.models holds an empty name"));
        }
        Ok(Account {
            provider: self.provider.unwrap_or_else(|| name.to_owned()),
            key: self.key,
            payer: self.payer,
            models: self.models,
            fee: self.fee_percent,
        })
    }
}
