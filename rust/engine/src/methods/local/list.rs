//! `local.list`: which servers are on this machine, and how they do.

use crate::core::Core;
use crate::local::{Kind, Started, State, answers, port_here};
use crate::methods::Job;
use crate::setup::{Account, Setup};
use futures_util::future::join_all;
use llm_switch_providers::{FoundModel, Load, load, models};
use llm_switch_types::{Dialect, Error, ErrorKind, Locality, Provider, Result};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// `{fresh?}` -> `[{server, kind, title, account, address, ours, pid, state,
/// problem, file, models: [{name, context, loaded}…], load: {busy, slots},
/// tokens-per-second, since}…]`: the servers that answer at an address of an
/// account on this machine, those there that the user named, and those that
/// were started here, even if they have ended.
///
/// `state` is `starting`, `ready`, `stopping`, `failed` or `stopped`; `problem`
/// says why, or what it wants.
/// What a server does not tell is null, as is `loaded` where its models do not
/// come and go, and `since`, in Unix milliseconds, for one that was not started
/// here. Models are those of the last 15 seconds, unless `fresh`.
///
/// # Errors
/// Those of the configuration.
pub(crate) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    if job.params["fresh"] == true {
        job.core.local.forget_models();
    }
    let all = job.core.local.all();
    let places = places(&setup, &all);
    let mut rows: Vec<Value> =
        join_all(places.iter().map(|it| row(&job, it))).await.into_iter().flatten().collect();
    let shown: BTreeSet<u64> =
        places.iter().filter_map(|it| it.started.as_ref()).map(|it| it.id).collect();
    let others = all.iter().filter(|it| !shown.contains(&it.id));
    rows.extend(others.map(|it| row_of_started(it, it.state().problem())));
    Ok(rows.into())
}

/// An address on this machine where a server may be.
struct Place {
    port: u16,
    account: Option<Account>,
    provider: Provider,
    /// What runs there, if it was started here.
    started: Option<Arc<Started>>,
}

/// Where to look, each address once: what the user named goes before what is
/// usual. A proxy that nobody named is looked for too, but never called.
fn places(setup: &Setup, all: &[Arc<Started>]) -> Vec<Place> {
    let mut accounts: Vec<_> = setup.accounts.values().collect();
    accounts.sort_by_key(|account| !account.named);
    let known = accounts.into_iter().map(|it| (Some(it.clone()), it.provider.clone()));
    let proxy = Kind::LiteLlm.name();
    let proxies = setup.catalog.provider(proxy).map(|row| (None, row.clone()));
    let mut ports = BTreeSet::new();
    let here = known.chain(proxies).filter_map(|(account, provider)| {
        let port = port_here(&provider.base_url).filter(|port| ports.insert(*port))?;
        let started = all.iter().find(|it| it.port == port && !it.state().is_over()).cloned();
        Some(Place { port, account, provider, started })
    });
    here.collect()
}

/// The row of PLACE; `None` for one where nothing is and nothing was expected.
async fn row(job: &Job, place: &Place) -> Option<Value> {
    if let Some(started) = place.started.as_ref().filter(|it| it.state() != State::Ready) {
        return Some(row_of_started(started, None));
    }
    let kind = kind(&place.provider);
    match &place.account {
        Some(account) => asked(job, place, account, kind).await,
        None => knocked(job, place, kind?).await,
    }
}

/// The row of PLACE where nobody may be asked: that a KIND is there.
async fn knocked(job: &Job, place: &Place, kind: Kind) -> Option<Value> {
    let url = format!("http://127.0.0.1:{}", place.port);
    let is_there = answers(&job.core, kind, &url).await;
    is_there.then(|| with_account(place, &State::Ready, Vec::new(), &Load::default()))
}

/// The row of PLACE with what it answers to ACCOUNT.
async fn asked(job: &Job, place: &Place, account: &Account, kind: Option<Kind>) -> Option<Value> {
    let (found, load) =
        tokio::join!(found(&job.core, job.id, account), how_busy(job, account, kind));
    let state = found.as_ref().map_or_else(|error| state_of(error, kind, place), |_| State::Ready);
    let is_expected = place.started.is_some() || account.named;
    if !is_expected && !matches!(state, State::Ready | State::Starting) {
        return None;
    }
    let refusal = found.as_ref().err().filter(|_| state == State::Ready).map(Error::to_string);
    let mut row = with_account(place, &state, found.unwrap_or_default(), &load);
    if refusal.is_some() {
        row["problem"] = refusal.into();
    }
    Some(row)
}

/// What is at PLACE when ERROR comes instead of models. llama-server says 503
/// while it loads.
fn state_of(error: &Error, kind: Option<Kind>, place: &Place) -> State {
    match error.kind {
        _ if error.http_status == Some(503) && kind == Some(Kind::LlamaCpp) => State::Starting,
        // It is there, and wants a key to tell more.
        ErrorKind::Auth => State::Ready,
        ErrorKind::Network if place.started.is_none() => State::Stopped,
        _ => State::Failed(error.to_string()),
    }
}

async fn found(core: &Core, id: i64, account: &Account) -> Result<Vec<FoundModel>> {
    let url = &account.provider.base_url;
    if let Some(found) = core.local.models(url) {
        return Ok(found);
    }
    let key = core.key(id, account).await?;
    let client = core.clients.knock(Locality::Local);
    let found = models(client, &account.provider, key.as_ref()).await?;
    core.local.note_models(url, found.clone());
    Ok(found)
}

/// Only those that are known to tell are asked: others would note a mistake.
async fn how_busy(job: &Job, account: &Account, kind: Option<Kind>) -> Load {
    let tells = matches!(kind, Some(Kind::LlamaCpp | Kind::Ollama));
    let Ok(key) = job.core.key(job.id, account).await else { return Load::default() };
    let client = job.core.clients.knock(Locality::Local);
    match tells {
        true => load(client, &account.provider, key.as_ref()).await.unwrap_or_default(),
        false => Load::default(),
    }
}

/// What PROVIDER is, if it is of a kind that can be started.
fn kind(provider: &Provider) -> Option<Kind> {
    let named = |kind: &Kind| {
        let after = provider.name.strip_prefix(kind.name());
        after.is_some_and(|after| after.is_empty() || after.starts_with('-'))
    };
    let speaks = (provider.dialect == Dialect::Ollama).then_some(Kind::Ollama);
    Kind::ALL.into_iter().find(named).or(speaks)
}

fn with_account(place: &Place, state: &State, found: Vec<FoundModel>, load: &Load) -> Value {
    let mut row = match &place.started {
        Some(started) => row_of_started(started, None),
        None => json!({
            "server": null, "pid": null, "since": null, "file": null, "ours": false,
            "kind": place.provider.name,
            "address": format!("127.0.0.1:{}", place.port),
        }),
    };
    row["title"] = place.provider.title.as_str().into();
    row["account"] = place.account.as_ref().map(|it| it.name.as_str()).into();
    row["state"] = state.name().into();
    row["problem"] = state.problem().into();
    row["models"] = found.iter().map(|model| model_row(model, load)).collect();
    row["load"] = json!({ "busy": load.busy, "slots": load.slots });
    row["tokens-per-second"] = load.tokens_per_second.into();
    row
}

/// One that is loaded runs with a context of its own.
fn model_row(model: &FoundModel, load: &Load) -> Value {
    let loaded = load.loaded.as_ref().map(|all| all.iter().find(|it| it.name == model.name));
    let context = loaded.flatten().and_then(|it| it.context).or(model.context);
    json!({
        "name": model.name,
        "context": context,
        "loaded": loaded.map(|it| it.is_some()),
    })
}

/// The row of STARTED as far as it can be told without asking it.
fn row_of_started(started: &Started, problem: Option<&str>) -> Value {
    json!({
        "server": started.id,
        "kind": started.kind.name(),
        "title": started.kind.title(),
        "account": null,
        "address": format!("127.0.0.1:{}", started.port),
        "ours": true,
        "pid": started.pid(),
        "state": started.state().name(),
        "problem": problem,
        "file": started.file,
        "models": [],
        "load": { "busy": null, "slots": null },
        "tokens-per-second": null,
        "since": started.since,
    })
}
