//! `accounts.*`: who can be called, and what is left of it.

use super::Job;
use crate::ledger::now_ms;
use crate::setup::{Account, Setup};
use futures_util::future::join_all;
use llm_switch_ledger::{AccountState, Seen};
use llm_switch_types::{Balance, Error, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `{}` -> `[{account, title, provider, locality, payer, dialect, named,
/// fee-percent, keeps, trains, terms}…]`, by name. Those that are not named by
/// the user are the usual ports of local servers.
///
/// `fee-percent` is what buying credit costs on top, as text; `keeps` and
/// `trains` are what the service says it does with what it is sent (`yes`,
/// `no`, `opt-out`, `unknown`); `terms` is a note on its terms, or null.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let rows = setup.accounts.values().map(|account| {
        let provider = &account.provider;
        json!({
            "account": account.name,
            "title": provider.title,
            "provider": provider.name,
            "locality": provider.locality,
            "payer": account.payer,
            "dialect": provider.dialect,
            "named": account.named,
            "fee-percent": account.fee.to_string(),
            "keeps": provider.data.keeps,
            "trains": provider.data.trains,
            "terms": provider.terms,
        })
    });
    Ok(rows.collect())
}

/// `{}` -> `[{account, provider, payer, windows: [{name, model, limit,
/// remaining, resets-at, seen-at}…], balance: {purses: [{remaining, spent,
/// limit}…], seen-at}|null}…]`, by name: what was last seen of each account,
/// by any Emacs. Nobody is asked.
///
/// Times are Unix milliseconds. A window whose `model` is null is the whole
/// account's; one whose `resets-at` is over is full again, as far as is
/// known. Figures are `{number, unit, amount}` or null: `amount` is
/// pico-dollars where the unit is `USD`, and null elsewhere.
///
/// # Errors
/// Those of the configuration and of the ledger.
pub(super) async fn state(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let seen = seen(&job).await?;
    let nothing = AccountState::default();
    let row = |account: &Account| row(account, seen.get(&account.name).unwrap_or(&nothing));
    Ok(setup.accounts.values().map(row).collect())
}

/// `{account?}` -> rows as `accounts.state` gives them, with `error` and
/// `advice`, which are null where the service told: of ACCOUNT, or of all
/// whose services tell what is left. They are asked now, at the same time.
/// What they told is kept; what one did not tell leaves what was kept before.
///
/// # Errors
/// Those of the configuration and of the ledger.
pub(super) async fn balance(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let asked = asked(&setup, job.params["account"].as_str())?;
    let answers = join_all(asked.iter().map(|account| ask(&job, account))).await;
    let ledger = job.core.ledger.get().await?;
    let mut errors = Vec::new();
    for (account, answer) in asked.iter().zip(answers) {
        let seen = Seen { account: account.name.clone(), model: None, at_ms: now_ms() };
        errors.push(answer.map(|balance| ledger.see_balance(seen, balance)).err());
    }
    let seen = seen(&job).await?;
    let nothing = AccountState::default();
    let rows = asked.into_iter().zip(errors).map(|(account, error)| {
        let mut row = row(account, seen.get(&account.name).unwrap_or(&nothing));
        row["error"] = error.as_ref().map(Error::in_words).into();
        row["advice"] = error.and_then(|error| error.advice).into();
        row
    });
    Ok(rows.collect())
}

/// The account called NAME, or all whose services tell what is left.
fn asked<'a>(setup: &'a Setup, name: Option<&str>) -> Result<Vec<&'a Account>> {
    match name {
        Some(name) => Ok(vec![setup.account_named(name)?]),
        None => {
            let telling = setup.accounts.values().filter(|it| it.provider.balance.is_some());
            Ok(telling.collect())
        }
    }
}

async fn ask(job: &Job, account: &Account) -> Result<Balance> {
    let key = job.core.key(job.id, account).await?;
    let client = job.core.clients.question(account.provider.locality);
    llm_switch_providers::balance(client, &account.provider, key.as_ref()).await
}

/// What the ledger has seen, with all that was recorded before.
async fn seen(job: &Job) -> Result<BTreeMap<String, AccountState>> {
    let ledger = job.core.ledger.get().await?;
    let read = job.core.tasks.blocking(move || ledger.flush().and_then(|()| ledger.accounts()));
    read.await?
}

fn row(account: &Account, state: &AccountState) -> Value {
    json!({
        "account": account.name,
        "provider": account.provider.name,
        "payer": account.payer,
        "windows": state.windows,
        "balance": state.balance,
    })
}
