//! Whose the opaque part of a turn is.

use crate::setup::Account;
use serde_json::{Value, json};

/// Whose the opaque part of a turn is. Signatures are bound to the model that
/// made them: nobody else is sent them.
pub(crate) struct Seal<'a> {
    account: &'a str,
    dialect: &'static str,
    model: &'a str,
}

impl<'a> Seal<'a> {
    pub(crate) fn of(account: &'a Account, model: &'a str) -> Self {
        Seal { account: &account.name, dialect: account.provider.dialect.name(), model }
    }

    pub(crate) fn close(&self, opaque: Value) -> String {
        let Seal { account, dialect, model } = self;
        json!({"account": account, "dialect": dialect, "model": model, "fields": opaque})
            .to_string()
    }

    /// What is in SEALED, if it is this one's.
    pub(crate) fn open(&self, sealed: &Value) -> Option<Value> {
        let ours = sealed["account"] == self.account
            && sealed["dialect"] == self.dialect
            && sealed["model"] == self.model;
        ours.then(|| sealed["fields"].clone())
    }
}
