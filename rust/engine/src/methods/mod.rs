//! What `call` can do, by name. The user interface knows these names and
//! nothing of what is behind them.

mod accounts;
mod adopt;
mod answer;
mod auto;
mod budget;
mod compare;
mod config;
mod deployments;
#[cfg(feature = "faults")]
mod faults;
mod health;
mod ledger;
mod local;
mod mcp;
mod modes;
mod own_price;
mod plans;
mod preview;
mod prices;
mod probe;
mod probe_route;
mod routes;
mod spend;
mod what_if;

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
    ("accounts.adopt", |job| Box::pin(adopt::adopt(job))),
    ("accounts.balance", |job| Box::pin(accounts::balance(job))),
    ("accounts.list", |job| Box::pin(accounts::list(job))),
    ("accounts.state", |job| Box::pin(accounts::state(job))),
    ("answer.stands", |job| Box::pin(answer::stands(job))),
    ("auto.choose", |job| Box::pin(auto::choose(job))),
    ("auto.clear", |job| Box::pin(auto::clear(job))),
    ("auto.escalations", |job| Box::pin(auto::escalations(job))),
    ("budget.allow", |job| Box::pin(budget::allow(job))),
    ("budget.list", |job| Box::pin(budget::list(job))),
    ("compare.vote", |job| Box::pin(compare::vote(job))),
    ("compare.votes", |job| Box::pin(compare::votes(job))),
    ("config.reload", |job| Box::pin(config::reload(job))),
    ("config.set_price", |job| Box::pin(own_price::set(job))),
    ("cost.preview", |job| Box::pin(preview::run(job))),
    ("deployments.list", |job| Box::pin(deployments::list(job))),
    ("health.disable", |job| Box::pin(health::disable(job))),
    ("health.enable", |job| Box::pin(health::enable(job))),
    ("health.list", |job| Box::pin(health::list(job))),
    ("health.retry", |job| Box::pin(health::retry(job))),
    ("ledger.request", |job| Box::pin(ledger::request(job))),
    ("ledger.totals", |job| Box::pin(ledger::totals(job))),
    ("local.list", |job| Box::pin(local::list(job))),
    ("local.start", |job| Box::pin(local::start(job))),
    ("local.stop", |job| Box::pin(local::stop(job))),
    ("local.tail", |job| Box::pin(local::tail(job))),
    ("mcp.call", |job| Box::pin(mcp::call(job))),
    ("mcp.calls", |job| Box::pin(mcp::calls(job))),
    ("mcp.complete", |job| Box::pin(mcp::complete(job))),
    ("mcp.cost", |job| Box::pin(mcp::cost(job))),
    ("mcp.list", |job| Box::pin(mcp::list(job))),
    ("mcp.log", |job| Box::pin(mcp::log(job))),
    ("mcp.login", |job| Box::pin(mcp::login(job))),
    ("mcp.logout", |job| Box::pin(mcp::logout(job))),
    ("mcp.permit", |job| Box::pin(mcp::permit(job))),
    ("mcp.prompt", |job| Box::pin(mcp::prompt(job))),
    ("mcp.prompts", |job| Box::pin(mcp::prompts(job))),
    ("mcp.read", |job| Box::pin(mcp::read(job))),
    ("mcp.resources", |job| Box::pin(mcp::resources(job))),
    ("mcp.restart", |job| Box::pin(mcp::restart(job))),
    ("mcp.rules", |job| Box::pin(mcp::rules(job))),
    ("mcp.set", |job| Box::pin(mcp::set(job))),
    ("mcp.start", |job| Box::pin(mcp::start(job))),
    ("mcp.stop", |job| Box::pin(mcp::stop(job))),
    ("mcp.tools", |job| Box::pin(mcp::tools(job))),
    ("mcp.trust", |job| Box::pin(mcp::trust(job))),
    ("plans.list", |job| Box::pin(plans::list(job))),
    ("plans.set_balance", |job| Box::pin(plans::set_balance(job))),
    ("modes.list", |job| Box::pin(modes::list(job))),
    ("prices.accept", |job| Box::pin(prices::accept(job))),
    ("prices.decline", |job| Box::pin(prices::decline(job))),
    ("prices.fetch", |job| Box::pin(prices::fetch(job))),
    ("prices.forget", |job| Box::pin(prices::forget(job))),
    ("prices.status", |job| Box::pin(prices::status(job))),
    ("probe.route", |job| Box::pin(probe_route::run(job))),
    ("probe.run", |job| Box::pin(probe::run(job))),
    ("routes.list", |job| Box::pin(routes::list(job))),
    ("spend.export", |job| Box::pin(spend::export(job))),
    ("spend.overview", |job| Box::pin(spend::overview(job))),
    ("spend.report", |job| Box::pin(spend::report(job))),
    ("spend.requests", |job| Box::pin(spend::requests(job))),
    ("spend.series", |job| Box::pin(spend::series(job))),
    ("what_if.candidates", |job| Box::pin(what_if::candidates(job))),
    ("what_if.hour", |job| Box::pin(what_if::hour(job))),
    ("what_if.run", |job| Box::pin(what_if::run(job))),
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
