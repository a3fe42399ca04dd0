//! `deployments.list`: what can be called, and what was found to be up.

use super::Job;
use crate::choice::Permission;
use crate::core::Core;
use crate::setup::{Account, Setup};
use futures_util::future::join_all;
use llm_switch_catalog::{Capability, Model};
use llm_switch_net::Client;
use llm_switch_providers::{FoundModel, models};
use llm_switch_types::{Deployment, Error, Locality, Payer, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// `{ask?, mode?, pins?}` -> `{deployments: [{deployment, account, title,
/// locality, payer, context, input, output, can, pace}…], problems: [{account,
/// message}…]}`; prices
/// are dollars per million tokens as text, and null where they are not known;
/// `can` is those of `tools`, `vision` and `reasoning` that are known; `pace` is
/// [`crate::choice::Paces::told`], or null.
///
/// The user's own servers are asked for their models: on this machine, on the
/// network, and proxies, as far away as `mode`, or else the
/// user's default mode, and `pins` allow anything; what
/// is farther is listed as far as it is known. Nothing is sent to a cloud, but
/// to that of the account that `ask` names. A server that is down is a problem
/// only when the user named it.
///
/// # Errors
/// Those of the configuration, such as an `ask` that names no account, or a
/// pin that is no mode.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    job.core.remember_paces().await;
    let wish = job.params["ask"].as_str();
    wish.map(|name| setup.account_named(name)).transpose()?;
    let limits = limits(&setup, &job.params)?;
    let within =
        |it: &Account| limits.as_ref().is_none_or(|all| all.extends_to(it.provider.locality));
    let asked = setup.accounts.values().map(|account| {
        let wished = wish == Some(&account.name);
        let client = client(&job.core, account, wished).filter(|_| within(account));
        found(&job.core, job.id, account, client)
    });
    let answers = join_all(asked).await;
    let (mut deployments, mut problems) = (Vec::new(), Vec::new());
    for (account, answer) in setup.accounts.values().zip(answers) {
        let found = answer.unwrap_or_else(|error| {
            problems.extend(account.named.then(|| problem(account, &error)));
            Vec::new()
        });
        deployments.extend(rows(&job.core, &setup, account, &found));
    }
    Ok(json!({"deployments": deployments, "problems": problems}))
}

/// The `mode` of PARAMS, or else the user's default, and the `pins`, if there
/// are any.
fn limits(setup: &Setup, params: &Value) -> Result<Option<Permission>> {
    let pins = params["pins"].as_array().into_iter().flatten();
    let mode = params["mode"].as_str().or(setup.default_mode.as_deref());
    let names = mode.into_iter().chain(pins.filter_map(Value::as_str));
    let names: Vec<String> = names.map(str::to_owned).collect();
    let limits = names.split_first().map(|(first, pins)| Permission::of(setup, first, pins));
    limits.transpose()
}

/// Who asks ACCOUNT for its models. A cloud is asked only when that is WISHED
/// for.
fn client<'a>(core: &'a Core, account: &Account, wished: bool) -> Option<&'a Client> {
    let locality = account.provider.locality;
    match locality {
        _ if wished => Some(core.clients.question(locality)),
        Locality::Local | Locality::Lan | Locality::Proxy => Some(core.clients.knock(locality)),
        Locality::Cloud => None,
    }
}

/// The models that ACCOUNT offers now, asked by CLIENT, if by any.
async fn found(
    core: &Core,
    id: i64,
    account: &Account,
    client: Option<&Client>,
) -> Result<Vec<FoundModel>> {
    let Some(client) = client else { return Ok(Vec::new()) };
    let key = core.key(id, account).await?;
    let found = models(client, &account.provider, key.as_ref()).await?;
    core.contexts.told(&account.name, &found);
    Ok(found)
}

/// The models that the user named, that were FOUND, and, at a cloud, that the
/// catalogue knows.
fn rows(core: &Core, setup: &Setup, account: &Account, found: &[FoundModel]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let named = account.models.iter().map(|name| (name.as_str(), None));
    let found = found.iter().map(|model| (model.name.as_str(), model.context));
    let prefix = account.provider.name.len() + 1;
    // What a server of the user's own has it tells itself, while it runs.
    let is_cloud = account.provider.locality == Locality::Cloud;
    let known = setup.catalog.models_of(&account.provider.name).filter(|_| is_cloud);
    let known = known.map(|it| (&it.name[prefix..], None));
    let all = named.chain(found).chain(known).filter(|(name, _)| seen.insert(*name));
    all.map(|(name, context)| row(core, setup, account, name, context)).collect()
}

fn row(core: &Core, setup: &Setup, account: &Account, name: &str, context: Option<u64>) -> Value {
    let deployment = Deployment { account: account.name.clone(), model: name.to_owned() };
    let model = setup.catalog.model(&account.provider.name, name);
    let price = setup.catalog.usual_rates(&account.provider.name, name);
    let price = price.filter(|_| account.payer == Payer::Metered);
    json!({
        "deployment": deployment.to_string(),
        "account": account.name,
        "title": account.provider.title,
        "locality": account.provider.locality,
        "payer": account.payer,
        "context": context.or(model.and_then(|it| it.context)),
        "input": price.and_then(|it| it.input).map(|rate| rate.to_string()),
        "output": price.and_then(|it| it.output).map(|rate| rate.to_string()),
        "can": model.map(can).unwrap_or_default(),
        "pace": core.paces.told(&deployment),
    })
}

/// What is worth knowing of MODEL when choosing.
fn can(model: &Model) -> Vec<&'static str> {
    use Capability::{Reasoning, Tools, Vision};
    let told = [(Tools, "tools"), (Vision, "vision"), (Reasoning, "reasoning")];
    told.into_iter().filter(|(what, _)| model.can(*what)).map(|(_, word)| word).collect()
}

fn problem(account: &Account, error: &Error) -> Value {
    json!({"account": account.name, "message": error.clone().at(&account.name).to_string()})
}
