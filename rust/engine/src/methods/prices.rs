//! `prices.*`: the price list that is in force, and a newer one.

use super::Job;
use crate::core::Core;
use crate::prices::{Offer, locate, today};
use crate::setup::Setup;
use llm_switch_catalog::Catalog;
use llm_switch_ledger::UsedModel;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::sync::Arc;

/// `{}` -> `{as-of, days, address}`: the day on which the prices in force were
/// read, how many days ago that is, and where, which is null for those that
/// came with this version.
pub(super) async fn status(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let core = Arc::clone(&job.core);
    let told = job.core.tasks.blocking(move || told(&core, &setup.catalog));
    told.await
}

fn told(core: &Core, catalog: &Catalog) -> Value {
    let as_of = catalog.as_of();
    let days = today().since(as_of).map_or(0, |span| span.get_days());
    json!({"as-of": as_of, "days": days, "address": core.prices.address(catalog)})
}

/// `{}` -> `{offer, address, as-of, before, models, changes: [{model, kind,
/// calls, near, own, rates: [{rate, old, new}…]}…]}`, what the list at the
/// configured address would change; nothing is changed yet.
///
/// `kind` is `changed`, `added` or `removed`; `calls` says how often the user
/// called the model, and those called come first; `near` that the user has an
/// account there, and `own` that the user's own price holds whatever the list
/// says. Rates are dollars per million tokens, fees dollars, as text, and null
/// where there is none.
///
/// # Errors
/// Those of getting the list, and [`ErrorKind::Protocol`] for one that cannot
/// be true.
pub(super) async fn fetch(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let source = locate(&setup)?;
    let fetched = job.core.price_list(job.id, &setup, &source).await?;
    let used = used(&job.core).await;
    let (core, number) = (Arc::clone(&job.core), job.id);
    let compared = job.core.tasks.blocking(move || {
        let offer = Offer::new(number, source.to_string(), fetched, &setup, used);
        offer.map(|it| core.prices.propose(it).told()).map_err(|error| error.at(source))
    });
    compared.await?
}

/// Without a ledger nothing is known to be used, and the changes are the same.
async fn used(core: &Core) -> Vec<UsedModel> {
    let Ok(ledger) = core.ledger.get().await else { return Vec::new() };
    let read = core.tasks.blocking(move || ledger.flush().and_then(|()| ledger.used_models()));
    read.await.and_then(|used| used).unwrap_or_default()
}

/// `{offer}` -> as `prices.status`: keep that list, and bill by it from now
/// on. What was billed stays as it was.
///
/// # Errors
/// [`ErrorKind::Refused`] when another list was fetched since, and
/// [`ErrorKind::Store`] when it cannot be written.
pub(super) async fn accept(job: Job) -> Result<Value> {
    let offer = job.core.prices.take_offer(number(&job)?)?;
    change(&job.core, move |core| core.prices.accept(&offer)).await
}

/// `{offer}` -> null: leave everything as it was.
pub(super) async fn decline(job: Job) -> Result<Value> {
    // Gone is gone.
    let _ = job.core.prices.take_offer(number(&job)?);
    Ok(Value::Null)
}

/// `{}` -> as `prices.status`: the prices that came with this version again.
///
/// # Errors
/// [`ErrorKind::Store`] when the accepted list cannot be removed.
pub(super) async fn forget(job: Job) -> Result<Value> {
    change(&job.core, |core| core.prices.forget().map(drop)).await
}

fn number(job: &Job) -> Result<i64> {
    let what = || Error::new(ErrorKind::Module, "a price list is named by the number of its offer");
    job.params["offer"].as_i64().ok_or_else(what)
}

/// Do WORK, and put in force what is then kept. The configuration is not read
/// again: it may be half edited.
async fn change(
    core: &Arc<Core>,
    work: impl FnOnce(&Core) -> Result<()> + Send + 'static,
) -> Result<Value> {
    let setup = core.setup().await?;
    let worker = Arc::clone(core);
    let changed = core.tasks.blocking(move || -> Result<Setup> {
        work(&worker)?;
        Ok(setup.with_prices_of(&worker.prices.catalog()?))
    });
    let setup = core.replace(changed.await??);
    let core_again = Arc::clone(core);
    core.tasks.blocking(move || told(&core_again, &setup.catalog)).await
}
