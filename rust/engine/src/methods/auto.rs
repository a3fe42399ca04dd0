//! `auto.*`: the automatic choice, and what the user thought of it.

use super::Job;
use crate::choice::permission;
use crate::intake;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};

/// `{request}`, the text that would be submitted -> `{tier, route, reason}`, or
/// null where no rule holds. Nothing is sent.
///
/// # Errors
/// Those of the request, and [`ErrorKind::Config`] when the rules are wrong.
pub(super) async fn choose(job: Job) -> Result<Value> {
    let text = job.params["request"]
        .as_str()
        .ok_or_else(|| Error::new(ErrorKind::Module, "auto.choose wants a request"))?;
    let (setup, ask) = (job.core.setup().await?, intake::read(text)?);
    let permission = permission(&setup, &ask)?;
    let circumstances = job.core.circumstances(&setup, &ask, &permission).await;
    let chosen = job.core.auto.choose(&ask, &circumstances)?;
    Ok(chosen.map_or(Value::Null, |it| it.value()))
}

/// `{}` -> `[{project, rule, times, learnt}…]`: how often the user asked again,
/// one step up, what a rule had decided; `learnt` says that the rule now goes
/// a step up there by itself.
pub(super) async fn escalations(job: Job) -> Result<Value> {
    Ok(job.core.auto.escalations())
}

/// `{project?, rule?}` -> `{cleared}`: forget that table, or its rows of PROJECT
/// and RULE.
pub(super) async fn clear(job: Job) -> Result<Value> {
    let (project, rule) = (job.params["project"].as_str(), job.params["rule"].as_str());
    Ok(json!({"cleared": job.core.auto.clear(project, rule)}))
}
