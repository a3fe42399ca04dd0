//! `accounts.adopt`: backends of another package become accounts.

use super::Job;
use crate::adoption::Adoption;
use crate::setup::Account;
use llm_switch_types::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Params {
    accounts: Vec<Adoption>,
}

/// `{accounts: [{name, base-url, dialect, models: [{name, input?, output?}…],
/// key?, payer?}…]}` -> `{adopted: [{name, account, provider, title, locality,
/// payer}…], refused: [{name, message}…]}`, both in the order given.
///
/// The accounts are there until the next call, which names all of them again
/// or none; reading the file again leaves them. `key` says where Emacs keeps
/// the key; `payer` is that of the provider unless it is given, and `metered`
/// where a free tier can also be paid. Prices, in dollars per million tokens,
/// are taken only where none is known.
///
/// # Errors
/// [`ErrorKind::Module`] for anything else, and those of the configuration.
pub(super) async fn adopt(job: Job) -> Result<Value> {
    let Params { accounts } = serde_json::from_value(job.params).map_err(|error| {
        Error::new(ErrorKind::Module, format!("accounts.adopt does not understand: {error}"))
    })?;
    let names: Vec<String> = accounts.iter().map(|it| it.name.clone()).collect();
    let (setup, joined) = job.core.adopt(accounts).await?;
    let (mut adopted, mut refused) = (Vec::new(), Vec::new());
    for (name, joined) in names.iter().zip(joined) {
        match joined {
            Ok(account) => adopted.push(row(name, setup.account_named(&account)?)),
            Err(error) => refused.push(json!({"name": name, "message": error.to_string()})),
        }
    }
    Ok(json!({"adopted": adopted, "refused": refused}))
}

fn row(name: &str, account: &Account) -> Value {
    json!({
        "name": name,
        "account": account.name,
        "provider": account.provider.name,
        "title": account.provider.title,
        "locality": account.provider.locality,
        "payer": account.payer,
    })
}
