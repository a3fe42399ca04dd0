//! Keys, which Emacs keeps and the engine only borrows.

use crate::core::Core;
use crate::questions::PATIENCE;
use crate::setup::Account;
use llm_switch_types::{Auth, Error, ErrorKind, Result};
use parking_lot::Mutex;
use secrecy::SecretString;
use serde_json::json;
use std::collections::HashMap;

/// Keys that Emacs has told, by account, for as long as the engine runs.
#[derive(Default)]
pub(crate) struct Keys(Mutex<HashMap<String, SecretString>>);

impl Keys {
    /// Ask again next time: the key was refused, or may have changed.
    pub(crate) fn forget(&self, account: &str) {
        self.0.lock().remove(account);
    }

    pub(crate) fn forget_all(&self) {
        self.0.lock().clear();
    }
}

impl Core {
    /// The key of ACCOUNT, asked of Emacs at first use for the job of ID.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] when it should have one and Emacs finds none.
    pub(crate) async fn key(&self, id: i64, account: &Account) -> Result<Option<SecretString>> {
        let Some(source) = account.key.as_ref().filter(|_| account.provider.auth != Auth::None)
        else {
            return Ok(None);
        };
        if let Some(key) = self.keys.0.lock().get(&account.name) {
            return Ok(Some(key.clone()));
        }
        let details = json!({"account": account.name, "source": source.to_string()});
        let answer = self.ask(id, "key", details, PATIENCE).await;
        let key = answer.as_ref().and_then(|answer| answer.as_str()).filter(|key| !key.is_empty());
        let key = SecretString::from(key.ok_or_else(|| {
            Error::new(ErrorKind::Auth, format!("Emacs finds no key at {source}"))
                .at(&account.name)
                .advise("Put the key there, or correct `key` in the configuration")
        })?);
        self.keys.0.lock().insert(account.name.clone(), key.clone());
        Ok(Some(key))
    }
}
