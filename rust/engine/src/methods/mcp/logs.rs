//! What servers said, and what was said to them.

use crate::mcp::{Asked, Running};
use crate::methods::Job;
use llm_switch_types::Result;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct Log {
    server: String,
    kind: Kind,
    #[serde(default)]
    after: usize,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Stderr,
    Protocol,
    Message,
}

/// `{server, kind, after?, project}` -> `{lines, next, run}`: the last of what the
/// server wrote to its standard error (`stderr`, texts), of the messages to
/// and from it (`protocol`, each `{at, direction, text, cut}`), or of what it
/// said to whom it may concern (`message`, each `{level, logger, data}`).
///
/// `after` is the `next` of the last call, for what is new since, as long as
/// `run` is the same: that is another number each time it is started. The values
/// of its environment and headers do not stand in any of them.
pub(in crate::methods) async fn log(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Log>::read(job, "mcp.log")?;
    let Some(running) = core.mcp.seen(&params.server, place.project()) else {
        core.written_server(&place, &params.server).await?;
        return Ok(json!({"lines": [], "next": 0, "run": 0}));
    };
    let (lines, next) = lines(&running, &params);
    Ok(json!({"lines": lines, "next": next, "run": running.run}))
}

fn lines(running: &Arc<Running>, params: &Log) -> (Vec<Value>, usize) {
    match params.kind {
        Kind::Message => running.messages.after(params.after),
        Kind::Stderr => as_json(running.server.stderr_after(params.after)),
        Kind::Protocol => as_json(running.server.protocol_after(params.after)),
    }
}

fn as_json<T: serde::Serialize>((new, next): (Vec<T>, usize)) -> (Vec<Value>, usize) {
    (new.iter().map(|it| json!(it)).collect(), next)
}
