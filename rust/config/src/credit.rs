//! Money paid beforehand, as it is written.

use crate::amount::Dollars;
use crate::day::Day;
use crate::lines::Fault;
use llm_switch_types::Credit;
use serde::Deserialize;

/// `[credit.NAME]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    account: Option<String>,
    bought: Option<Dollars>,
    on: Option<Day>,
    expires: Option<Day>,
}

impl Table {
    /// The credit called NAME.
    pub(crate) fn into_credit(self, name: &str) -> Result<Credit, Fault> {
        let missing = |key, example| {
            move || Fault::new(key, format!("a credit needs {key}: write {key} = {example}"))
        };
        let account = self.account.ok_or_else(missing("account", "\"ACCOUNT\""))?;
        let Dollars(bought) = self.bought.ok_or_else(missing("bought", "\"25.00\""))?;
        let Day(on) = self.on.ok_or_else(missing("on", "2026-11-01"))?;
        let expires = self.expires.map(|Day(date)| date);
        if let Some(expires) = expires.filter(|expires| *expires <= on) {
            let what = format!("it expires on {expires} and was bought on {on}: write a later day");
            return Err(Fault::new("expires", what));
        }
        Ok(Credit { name: name.to_owned(), account, bought, on, expires })
    }
}
