//! `accounts.list`: who can be called.

use super::Job;
use llm_switch_types::Result;
use serde_json::{Value, json};

/// `{}` -> `[{account, title, provider, locality, payer, dialect, named}…]`,
/// by name. Those that are not named by the user are the usual ports of local
/// servers.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let rows = setup.accounts.values().map(|account| {
        json!({
            "account": account.name,
            "title": account.provider.title,
            "provider": account.provider.name,
            "locality": account.provider.locality,
            "payer": account.payer,
            "dialect": account.provider.dialect,
            "named": account.named,
        })
    });
    Ok(rows.collect())
}
