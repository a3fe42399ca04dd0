//! What programs that are started see of Emacs's environment.

use crate::core::Core;
use crate::questions::PATIENCE;
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::json;
use std::collections::BTreeMap;

impl Setup {
    /// The environment variables in which keys are: those that the
    /// configuration names, and those in which people usually keep them.
    pub(crate) fn key_variables(&self) -> Vec<String> {
        let sources = self.accounts.values().filter_map(|account| account.key.as_ref());
        let named = sources.filter_map(|it| it.to_string().strip_prefix("env:").map(str::to_owned));
        let usual = self.catalog.providers().iter().flat_map(|row| row.key_variables.clone());
        named.chain(usual).collect()
    }
}

impl Core {
    /// Emacs's environment as it is now where the job of ID was started, but
    /// for the variables named in WITHOUT, which never leave Emacs.
    ///
    /// # Errors
    /// [`ErrorKind::Module`] when Emacs does not tell.
    pub(crate) async fn environment(
        &self,
        id: i64,
        without: &[String],
    ) -> Result<BTreeMap<String, String>> {
        let answer = self.ask(id, "environment", json!({ "without": without }), PATIENCE).await;
        answer.and_then(|answer| serde_json::from_value(answer).ok()).ok_or_else(|| {
            let what = "Emacs did not tell the environment that the server is to run in";
            Error::new(ErrorKind::Module, what).advise("Try again in a buffer that stays")
        })
    }
}
