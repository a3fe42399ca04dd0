//! `config.reload`: read the configuration file again.

use super::Job;
use llm_switch_types::Result;
use serde_json::{Value, json};

/// `{}` -> `{accounts: [NAME…]}`.
///
/// # Errors
/// Those of the configuration; what was in force then stays in force.
pub(super) async fn reload(job: Job) -> Result<Value> {
    let setup = job.core.reload().await?;
    Ok(json!({"accounts": setup.accounts.keys().collect::<Vec<_>>()}))
}
