//! What a server sees of Emacs's environment.

use super::Kind;
use crate::core::Core;
use crate::questions::PATIENCE;
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::json;
use std::collections::BTreeMap;

impl Setup {
    /// The environment variables in which keys are: those that the
    /// configuration names, and those in which people usually keep them.
    fn key_variables(&self) -> Vec<String> {
        let sources = self.accounts.values().filter_map(|account| account.key.as_ref());
        let named = sources.filter_map(|it| it.to_string().strip_prefix("env:").map(str::to_owned));
        let usual = self.catalog.providers().iter().flat_map(|row| row.key_variables.clone());
        named.chain(usual).collect()
    }
}

/// Emacs's environment, asked for the job of ID, for a server of KIND. Unless
/// its file may refer to keys they are left out, and so never leave Emacs.
///
/// # Errors
/// [`ErrorKind::Module`] when Emacs does not tell.
pub(crate) async fn environment(
    core: &Core,
    id: i64,
    kind: Kind,
) -> Result<BTreeMap<String, String>> {
    let without = if kind.needs_keys() { Vec::new() } else { core.setup().await?.key_variables() };
    let answer = core.ask(id, "environment", json!({ "without": without }), PATIENCE).await;
    answer.and_then(|answer| serde_json::from_value(answer).ok()).ok_or_else(|| {
        let what = "Emacs did not tell the environment that the server is to run in";
        Error::new(ErrorKind::Module, what).advise("Try again in a buffer that stays")
    })
}
