//! `cost.preview`: what a request would cost.

use super::Job;
use crate::{answer, intake};
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::Value;

/// `{request}`, the text that would be submitted -> see [`answer::preview`].
/// Nothing is sent.
///
/// # Errors
/// Those of the request and of the configuration.
pub(super) async fn run(job: Job) -> Result<Value> {
    let text = job.params["request"]
        .as_str()
        .ok_or_else(|| Error::new(ErrorKind::Module, "cost.preview wants a request"))?;
    let mut ask = intake::read(text)?;
    job.core.memory.restore_in(&mut ask.request);
    answer::preview(&job.core, job.id, &ask).await
}
