//! What `call` can do, by name. The user interface knows these names and
//! nothing of what is behind them.

mod accounts;
mod config;
mod deployments;
#[cfg(feature = "faults")]
mod faults;
mod ledger;
mod probe;

use crate::core::Core;
use futures_util::future::BoxFuture;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::Value;
use std::sync::Arc;

/// A call of a method.
pub(crate) struct Job {
    pub(crate) core: Arc<Core>,
    pub(crate) id: i64,
    pub(crate) params: Value,
}

type Method = fn(Job) -> BoxFuture<'static, Result<Value>>;

const METHODS: &[(&str, Method)] = &[
    ("accounts.balance", |job| Box::pin(accounts::balance(job))),
    ("accounts.list", |job| Box::pin(accounts::list(job))),
    ("accounts.state", |job| Box::pin(accounts::state(job))),
    ("config.reload", |job| Box::pin(config::reload(job))),
    ("deployments.list", |job| Box::pin(deployments::list(job))),
    ("ledger.request", |job| Box::pin(ledger::request(job))),
    ("ledger.totals", |job| Box::pin(ledger::totals(job))),
    ("probe.run", |job| Box::pin(probe::run(job))),
    ("question.answer", |job| Box::pin(async move { job.core.questions.answer(&job.params) })),
];

/// Run METHOD with PARAMS for ID.
///
/// # Errors
/// [`ErrorKind::Module`] for an unknown method, and those of the method.
pub(crate) async fn call(core: Arc<Core>, id: i64, method: &str, params: &str) -> Result<Value> {
    let params = crate::read_object(params)?;
    let job = Job { core, id, params };
    #[cfg(feature = "faults")]
    if let Some(fault) = method.strip_prefix("fault.") {
        return faults::call(job, fault).await;
    }
    match METHODS.iter().find(|(name, _)| *name == method) {
        Some((_, run)) => run(job).await,
        None => Err(Error::new(ErrorKind::Module, format!("the module has no method {method:?}"))),
    }
}
