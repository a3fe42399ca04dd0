//! `probe.run`: does an account work, how fast, and at what cost?

use super::Job;
use crate::answer::{self, Known};
use crate::core::Core;
use crate::intake::{Ask, Asked};
use crate::setup::{Account, Setup};
use jiff::Timestamp;
use llm_switch_catalog::Circumstances;
use llm_switch_providers::models;
use llm_switch_types::{
    Cost, Deployment, Error, ErrorKind, Message, Money, Payer, Purpose, Request, Result, Role,
    Usage,
};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// What a probe asks, and the most that it may be answered.
const QUESTION: &str = "Reply with the word OK.";
const MAX_OUTPUT: u64 = 16;
/// What a probe uses at most: its question among whatever a service puts
/// around it, and a model that reasons whatever it was told.
const MAX_INPUT: u64 = 64;
const MAX_USED: u64 = 1024;

/// `{account, model?, max-cost?}` -> `{account, deployment, state, message,
/// advice, known}`. `max-cost` is dollars as text: a metered account whose
/// probe may cost more, or whose price is not known, is not asked.
///
/// `state` is `ok`, `no-key`, `dead-key`, `no-funds`, `quota`, `overloaded`,
/// `unreachable`, `wrong-configuration` or `not-asked`; `known` is what a
/// `Done` or `Error` event tells.
pub(super) async fn run(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let name = job.params["account"].as_str().unwrap_or_default();
    let account = setup.account_named(name)?.clone();
    let ended = probe(&job, &setup, &account).await;
    Ok(told(&account, ended))
}

/// The deployment that was asked, as far as it was found, and how it ended.
type Ended = (Option<Deployment>, std::result::Result<Known, (Error, Known)>);

async fn probe(job: &Job, setup: &Setup, account: &Account) -> Ended {
    let deployment = match model(job, setup, account).await {
        Ok(model) => Deployment { account: account.name.clone(), model },
        Err(error) => return (None, Err((error, Value::Null))),
    };
    if let Err(error) = afford(job, setup, account, &deployment.model) {
        return (Some(deployment), Err((error, Value::Null)));
    }
    let ask = question(Asked::Deployment(deployment.clone()), None);
    (Some(deployment), answer::ask(&job.core, job.id, ask).await)
}

/// What a probe asks of whom it ASKED, for at most MAX_COST: a few tokens, by
/// the user's own wish, and no second time.
pub(super) fn question(asked: Asked, max_cost: Option<Money>) -> Ask {
    let request = Request {
        messages: vec![Message::text(Role::User, QUESTION)],
        max_output_tokens: Some(MAX_OUTPUT),
        stream: true,
        ..Request::default()
    };
    Ask { mode: Some("auto".into()), max_cost, ..Ask::of_ours(asked, Purpose::Probe, request) }
}

/// The model to ask: the one given, the user's first, or of those that the
/// service lists or the catalogue knows the cheapest.
async fn model(job: &Job, setup: &Setup, account: &Account) -> Result<String> {
    let given = job.params["model"].as_str().map(str::to_owned);
    if let Some(model) = given.or_else(|| account.models.first().cloned()) {
        return Ok(model);
    }
    let listed = listed(&job.core, job.id, account).await;
    let provider = &account.provider.name;
    let known =
        setup.catalog.models_of(provider).map(|it| it.name[provider.len() + 1..].to_owned());
    let all: Vec<String> = match &listed {
        Ok(listed) if !listed.is_empty() => listed.clone(),
        _ => known.collect(),
    };
    let cost = |model: &String| {
        let cost = price(setup, provider, model, Payer::Metered);
        cost.amount.unwrap_or(Money::from_pico(i64::MAX))
    };
    all.into_iter().min_by_key(cost).ok_or_else(|| {
        listed.err().unwrap_or_else(|| {
            Error::new(ErrorKind::Config, "no model of this account is known")
                .advise("Name one with `models = [\"…\"]`")
        })
    })
}

async fn listed(core: &Arc<Core>, id: i64, account: &Account) -> Result<Vec<String>> {
    let key = core.key(id, account).await?;
    let client = core.clients.to(account.provider.locality);
    let found = models(client, &account.provider, key.as_ref()).await?;
    Ok(found.into_iter().map(|model| model.name).collect())
}

/// What a probe of MODEL at PROVIDER costs at most.
fn price(setup: &Setup, provider: &str, model: &str, payer: Payer) -> Cost {
    let usage = Usage { input: MAX_INPUT, output: MAX_USED, ..Usage::default() };
    let circumstances = Circumstances {
        at: Timestamp::now(),
        service_tier: None,
        duration: Duration::from_secs(1),
    };
    setup.catalog.price(provider, model, payer, &usage, &circumstances)
}

/// Refuse to ask MODEL when that may cost more than the caller allows.
fn afford(job: &Job, setup: &Setup, account: &Account, model: &str) -> Result<()> {
    let Some(limit) = job.params["max-cost"].as_str() else { return Ok(()) };
    let limit: Money = limit.parse().map_err(|e: llm_switch_types::InvalidMoney| {
        Error::new(ErrorKind::Refused, e.to_string())
    })?;
    let cost = price(setup, &account.provider.name, model, account.payer);
    match cost.amount {
        Some(amount) if amount <= limit => Ok(()),
        Some(amount) => Err(Error::new(
            ErrorKind::Refused,
            format!("a probe may cost ${amount}, which is above ${limit}"),
        )),
        None => Err(Error::new(ErrorKind::Refused, "what a probe costs here is not known")
            .advise("Set the price of this model, or name another with `models`")),
    }
}

fn told(account: &Account, (deployment, ended): Ended) -> Value {
    let (state, error, known) = match ended {
        Ok(known) => ("ok", None, known),
        Err((error, known)) => (state(&error), Some(error), known),
    };
    json!({
        "account": account.name,
        "deployment": deployment.map(|it| it.to_string()),
        "state": state,
        "message": error.as_ref().map(Error::in_words),
        "advice": error.as_ref().and_then(|error| error.advice.as_deref()),
        "known": known,
    })
}

fn state(error: &Error) -> &'static str {
    match error.kind {
        ErrorKind::Auth if error.http_status.is_none() => "no-key",
        ErrorKind::Auth => "dead-key",
        ErrorKind::NoFunds => "no-funds",
        ErrorKind::RateLimited | ErrorKind::Quota => "quota",
        ErrorKind::Overloaded | ErrorKind::Server => "overloaded",
        ErrorKind::Network => "unreachable",
        ErrorKind::Refused => "not-asked",
        _ => "wrong-configuration",
    }
}
