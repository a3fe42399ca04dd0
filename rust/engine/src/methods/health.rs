//! `health.*`: who is out, why, and until when.

use super::Job;
use crate::choice::{Patient, health_row};
use crate::ledger::now_ms;
use crate::setup::Setup;
use llm_switch_ledger::{Health, Traffic};
use llm_switch_types::{Deployment, Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const HOUR_MS: i64 = 3_600_000;

/// `{}` -> `[{route, deployment, account, title, locality, payer, of-account,
/// state, up, failure, reason, since, until, strikes, last-hour: {requests,
/// failed}}…]`: the deployments of each route in its order, and then, with a
/// null route, others of which something is known.
///
/// `state` is `healthy`, `cooling`, `dead-key`, `no-funds`, `quota`,
/// `half-open` (its time is due: the next request tries it) or `disabled`;
/// `up` says whether it would be asked, and `of-account` that all deployments
/// of its account are out with it. Times are Unix milliseconds.
///
/// Whenever one changes, in any Emacs, a notice of the kind `health` says so:
/// `{account, model|null, state, up, failure, reason, since, until, strikes}`.
/// It is heard at once from this process, and from others at the next request
/// or the next call of this.
///
/// # Errors
/// Those of the configuration and of the ledger.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    job.core.catch_up_on_health().await;
    let ledger = job.core.ledger.get().await?;
    let read = move || ledger.flush().and_then(|()| ledger.traffic(now_ms() - HOUR_MS));
    let traffic = job.core.tasks.blocking(read).await??;
    let all = job.core.watch.all();
    let known = all.into_iter().map(|it| ((it.account.clone(), it.model.clone()), it)).collect();
    let hour = traffic.into_iter().map(|it| ((it.account.clone(), it.model.clone()), it)).collect();
    Ok(Table { setup: &setup, known, hour, now: now_ms() }.rows())
}

/// `{deployment}` -> `{retried}`: have DEPLOYMENT, or a whole account, asked
/// by the next request that leads to it, whatever is known of it. `retried`
/// is false where it was not out.
///
/// # Errors
/// [`ErrorKind::Config`] for an account that is not there.
pub(super) async fn retry(job: Job) -> Result<Value> {
    let patient = patient(&job).await?;
    job.core.catch_up_on_health().await;
    // Who is out because of its account is not up again before that is.
    let account = (patient.0.clone(), None);
    let patients = BTreeSet::from([account, patient]);
    let retried = patients.iter().filter_map(|it| job.core.watch.retry(it, now_ms()));
    let retried: Vec<Health> = retried.collect();
    let any = !retried.is_empty();
    job.core.tell_health(retried);
    Ok(json!({ "retried": any }))
}

/// `{deployment}` -> `{disabled: true}`: have DEPLOYMENT, or a whole account,
/// asked no more until it is enabled again, not even when it is named.
///
/// # Errors
/// [`ErrorKind::Config`] for an account that is not there.
pub(super) async fn disable(job: Job) -> Result<Value> {
    set_disabled(&job, true).await
}

/// `{deployment}` -> `{disabled: false}`: undo `health.disable`.
///
/// # Errors
/// [`ErrorKind::Config`] for an account that is not there.
pub(super) async fn enable(job: Job) -> Result<Value> {
    set_disabled(&job, false).await
}

async fn set_disabled(job: &Job, disabled: bool) -> Result<Value> {
    let patient = patient(job).await?;
    job.core.catch_up_on_health().await;
    job.core.tell_health(vec![job.core.watch.disable(patient, disabled, now_ms())]);
    Ok(json!({ "disabled": disabled }))
}

/// The deployment or account that JOB names.
async fn patient(job: &Job) -> Result<Patient> {
    let setup = job.core.setup().await?;
    let name = job.params["deployment"].as_str().unwrap_or_default();
    let (account, model) = match name.split_once('/') {
        None => (name.to_owned(), None),
        Some(_) => {
            let told = |e: llm_switch_types::InvalidDeployment| {
                Error::new(ErrorKind::Config, e.to_string())
            };
            let Deployment { account, model } = name.parse().map_err(told)?;
            (account, Some(model))
        }
    };
    setup.account_named(&account)?;
    Ok((account, model))
}

/// All that the rows are made of.
struct Table<'a> {
    setup: &'a Setup,
    known: BTreeMap<Patient, Health>,
    hour: BTreeMap<(String, String), Traffic>,
    now: i64,
}

impl Table<'_> {
    fn rows(&self) -> Value {
        let routes = self.setup.routes.values().chain(self.setup.built_in_routes().values());
        let of_routes = routes.flat_map(|route| {
            route.deployments.iter().map(|it| (Some(route.name.as_str()), it.clone()))
        });
        let mut pairs: Vec<_> = of_routes.collect();
        let listed: BTreeSet<Deployment> = pairs.iter().map(|(_, it)| it.clone()).collect();
        let ill = self.known.keys().filter_map(|(account, model)| {
            Some(Deployment { account: account.clone(), model: model.clone()? })
        });
        let asked = self
            .hour
            .keys()
            .map(|(account, model)| Deployment { account: account.clone(), model: model.clone() });
        let others: BTreeSet<Deployment> =
            ill.chain(asked).filter(|it| !listed.contains(it)).collect();
        pairs.extend(others.into_iter().map(|it| (None, it)));
        pairs.iter().filter_map(|(route, it)| self.row(*route, it)).collect()
    }

    /// `None` for who is not in the configuration any more.
    fn row(&self, route: Option<&str>, deployment: &Deployment) -> Option<Value> {
        let account = self.setup.accounts.get(&deployment.account)?;
        let Deployment { account: name, model } = deployment;
        let of_model = self.known.get(&(name.clone(), Some(model.clone())));
        let is_telling = |it: &&Health| it.disabled || it.strikes > 0;
        let of_account = self.known.get(&(name.clone(), None)).filter(is_telling);
        let hour = self.hour.get(&(name.clone(), model.clone()));
        let mut row = health_row(of_account.or(of_model), self.now);
        row["of-account"] = of_account.is_some().into();
        row["route"] = route.into();
        row["deployment"] = deployment.to_string().into();
        row["account"] = name.as_str().into();
        row["title"] = account.provider.title.as_str().into();
        row["locality"] = json!(account.provider.locality);
        row["payer"] = json!(account.payer);
        row["last-hour"] = json!({
            "requests": hour.map_or(0, |it| it.attempts),
            "failed": hour.map_or(0, |it| it.failed),
        });
        Some(row)
    }
}
