//! `ledger.*`: what has been spent.

use super::Job;
use llm_switch_ledger::RequestKey;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};

/// `{request: KEY}` -> the request with its attempts, or null. Everything
/// that was recorded before is written first.
///
/// # Errors
/// Those of the ledger.
pub(super) async fn request(job: Job) -> Result<Value> {
    let key: RequestKey = serde_json::from_value(job.params["request"].clone())
        .map_err(|_| Error::new(ErrorKind::Module, "ledger.request wants the key of a request"))?;
    let ledger = job.core.ledger.get().await?;
    let row = job.core.tasks.blocking(move || ledger.flush().and_then(|()| ledger.request(key)));
    Ok(json!(row.await??))
}

/// `{from, to}` in Unix milliseconds -> `{requests, cost, unknown, …}`.
///
/// # Errors
/// Those of the ledger.
pub(super) async fn totals(job: Job) -> Result<Value> {
    let bound = |name: &str| {
        let what = || Error::new(ErrorKind::Module, format!("ledger.totals wants {name:?}"));
        job.params[name].as_i64().ok_or_else(what)
    };
    let (from, to) = (bound("from")?, bound("to")?);
    let ledger = job.core.ledger.get().await?;
    let totals =
        job.core.tasks.blocking(move || ledger.flush().and_then(|()| ledger.totals(from, to)));
    Ok(json!(totals.await??))
}
