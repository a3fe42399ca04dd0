//! The servers, and starting and stopping them.

use crate::mcp::{self, Asked, home_project};
use crate::methods::Job;
use llm_switch_types::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) server: String,
}

/// `{project}` -> `{servers, problems}`: all servers that are written down for
/// the project, and texts that say what is wrong in the files.
///
/// A server is `{server, kind, file, line, transport, launch, env-names,
/// values, cwd, env-file, variables, inputs, local, enabled, trusted, hash,
/// state, problem}`: `kind` is `config`, `claude-local`,
/// `claude-user`, `project` or `vs-code`, `transport` `stdio` or `http`,
/// `launch` the command or address as it is written, `env-names` the names of
/// what it is given in its environment or headers, `values` that with those of
/// its `env-file`, each `{name, value}`, whose value is a length where it may
/// be secret, `inputs` the ids of what it asks the user for, `variables` those of the
/// user's environment that its definition reads, `local` whether the user
/// says that it opens no connection beyond this machine, and `state` `off`,
/// `disabled`, `needs-trust`, `starting`, `ready`, `needs-login`, `failed` or
/// `stopped`. One that was started has `tools`, `tools-on`, `resources` and
/// `prompts` (numbers), `schema-tokens` (of the tools that are on, in each
/// request), `pid`, `changed` (it was started with another definition), and
/// once it is ready `version` (of the protocol), `title`, `release` and
/// `instructions`. One that runs and stands in no file any more has `gone`, and
/// can be stopped.
pub(in crate::methods) async fn list(job: Job) -> Result<Value> {
    let Asked { core, place, .. } = Asked::<Map<String, Value>>::read(job, "mcp.list")?;
    let files = core.written_servers(&place).await?;
    let mut rows = Vec::new();
    for written in &files.servers {
        rows.push(core.server_row(&place, written).await?);
    }
    rows.extend(core.rows_of_gone(&place, &files.servers).await?);
    let problems: Vec<String> = files.problems.iter().map(Error::to_string).collect();
    Ok(json!({"servers": rows, "problems": problems}))
}

/// `{server, project, mode, pins}` -> its row as in `mcp.list`, when its tools
/// are known.
///
/// Asks `mcp-trust` and `mcp-input` where it has to. Cancelling gives up
/// waiting.
///
/// # Errors
/// `refused` when the user does not trust it or nothing may leave the machine,
/// `config` when it is not there or needs a variable, `mcp` when it does not
/// start.
pub(in crate::methods) async fn start(job: Job) -> Result<Value> {
    let Asked { core, id, place, params: Named { server } } = Asked::read(job, "mcp.start")?;
    let running = mcp::start(&core, id, &place, &server).await?;
    core.server_row(&place, &running.written).await
}

/// `{server, …}` -> its row, as `mcp.start`; it is stopped before, if it runs.
pub(in crate::methods) async fn restart(job: Job) -> Result<Value> {
    let Asked { core, id, place, params: Named { server } } = Asked::read(job, "mcp.restart")?;
    let written = core.written_server(&place, &server).await?;
    let project = home_project(&written, &place);
    core.mcp.inputs.forget(&server, project);
    if let Some(running) = core.mcp.get(&server, project) {
        running.server.stop().await;
    }
    let running = mcp::start(&core, id, &place, &server).await?;
    core.server_row(&place, &running.written).await
}

/// `{server, project}` -> its row, when it is over. One that ignores that its
/// input is closed is killed, with all that it has started.
pub(in crate::methods) async fn stop(job: Job) -> Result<Value> {
    let Asked { core, place, params: Named { server }, .. } = Asked::read(job, "mcp.stop")?;
    let written = core.written_server(&place, &server).await;
    let project = written.as_ref().ok().and_then(|it| home_project(it, &place));
    let written_one = written.as_ref().ok().and_then(|_| core.mcp.get(&server, project));
    let running = written_one.or_else(|| core.mcp.seen(&server, place.project()));
    let Some(running) = running else { return core.server_row(&place, &written?).await };
    running.server.stop().await;
    core.server_row(&place, written.as_ref().unwrap_or(&running.written)).await
}
