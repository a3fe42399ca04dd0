//! `routes.list`: names for intents, and who serves them.

use super::Job;
use crate::setup::Setup;
use llm_switch_types::{Deployment, Origin, Payer, Rates, Result, Route};
use serde_json::{Value, json};

/// `{}` -> `[{name, use: [{deployment, locality, payer, input, output}…],
/// strategy, tags, fallback, origin}…]`: those of the file by name, then those
/// that are built in and that the file does not define (`origin` is `file` or
/// `default`).
///
/// Prices are dollars per million tokens as text, and null where nobody is
/// billed or they are not known.
///
/// # Errors
/// Those of the configuration.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let built_in = setup.built_in_routes().values();
    let built_in = built_in.filter(|it| !setup.routes.contains_key(&it.name));
    let rows = setup.routes.values().map(|it| row(&setup, it, Origin::File));
    Ok(rows.chain(built_in.map(|it| row(&setup, it, Origin::Default))).collect())
}

fn row(setup: &Setup, route: &Route, origin: Origin) -> Value {
    let serving = route.deployments.iter().map(|it| serving(setup, it));
    json!({
        "name": route.name,
        "use": serving.collect::<Vec<_>>(),
        "strategy": route.strategy,
        "tags": route.tags,
        "fallback": route.fallback,
        "origin": origin,
    })
}

fn serving(setup: &Setup, deployment: &Deployment) -> Value {
    let account = setup.accounts.get(&deployment.account);
    let rates: Option<&Rates> = account
        .filter(|account| account.payer == Payer::Metered)
        .and_then(|it| setup.catalog.usual_rates(&it.provider.name, &deployment.model));
    json!({
        "deployment": deployment.to_string(),
        "locality": account.map(|it| it.provider.locality),
        "payer": account.map(|it| it.payer),
        "input": rates.and_then(|it| it.input).map(|rate| rate.to_string()),
        "output": rates.and_then(|it| it.output).map(|rate| rate.to_string()),
    })
}
