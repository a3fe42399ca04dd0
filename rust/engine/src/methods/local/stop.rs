//! `local.stop` and `local.tail`: what was started here.

use crate::event::Body;
use crate::local::{Started, State};
use crate::methods::Job;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::sync::Arc;

/// Lines that are told where nobody says how many.
const USUAL_LINES: usize = 200;

/// `{server}` -> `{state}`, when it has ended: it is asked to, and ended by
/// force with all that it has started when it has not after five seconds.
///
/// # Errors
/// [`ErrorKind::Config`] for a server that was not started here.
pub(crate) async fn stop(job: Job) -> Result<Value> {
    let started = named(&job)?;
    started.stop();
    let state = started.reaches(State::is_over).await;
    Ok(json!({ "state": state.name() }))
}

/// `{server, lines?, follow?}` -> `{lines: [TEXT…], state}`: the last lines
/// that it said, oldest first. With `follow` they come as text, and so do new
/// ones as it says them; the value, without lines, comes when it has ended.
///
/// # Errors
/// [`ErrorKind::Config`] for a server that was not started here.
pub(crate) async fn tail(job: Job) -> Result<Value> {
    let started = named(&job)?;
    let count = job.params["lines"].as_u64().and_then(|it| usize::try_from(it).ok());
    let (lines, said) = started.log.last(count.unwrap_or(USUAL_LINES));
    if job.params["follow"] != true {
        return Ok(json!({ "lines": lines, "state": started.state().name() }));
    }
    let mut seen = said - lines.len();
    while let Some((text, said)) = started.log.after(seen).await {
        job.core.queue.push(job.id, Body::Text(text));
        seen = said;
    }
    Ok(json!({ "lines": [], "state": started.state().name() }))
}

/// The server that JOB names.
fn named(job: &Job) -> Result<Arc<Started>> {
    let id = job.params["server"].as_u64();
    id.and_then(|id| job.core.local.get(id)).ok_or_else(|| {
        Error::new(ErrorKind::Config, "this server was not started from here")
            .advise("Stop it, and look at what it says, where it was started")
    })
}
