//! Logging in to servers, and out.

use super::servers::Named;
use crate::mcp::{self, Asked, Running, home_project, may_run};
use crate::methods::Job;
use llm_switch_mcp::State;
use llm_switch_types::Result;
use serde_json::Value;
use std::sync::Arc;

/// `{server, project, mode, pins}` -> its row as in `mcp.list`, when its tools
/// are known: the user logs in, anew where they were, and the server is
/// started first where it has to be.
///
/// Asks `mcp-login`, whose answer may be pasted or come from the browser by
/// itself; then the question is taken back.
///
/// # Errors
/// `config` when there is nothing to log in to, `cancelled` when the user does
/// not want to, `refused` when it would lead out of reach, those of
/// `mcp.start`, and `mcp` or `network` when it does not work out.
pub(in crate::methods) async fn login(job: Job) -> Result<Value> {
    let asked = Asked::<Named>::read(job, "mcp.login")?;
    let running = stranger(&asked).await?;
    let Asked { core, id, place, params: Named { server } } = &asked;
    {
        let _waiting = running.wait(*id, place);
        running.server.login().await?;
    }
    let running = mcp::start(core, *id, place, server).await?;
    core.server_row(place, &running.written).await
}

/// The server that ASKED names, which runs and may wait for a login.
async fn stranger(asked: &Asked<Named>) -> Result<Arc<Running>> {
    let Asked { core, id, place, params: Named { server } } = asked;
    let started = mcp::start(core, *id, place, server).await;
    let waits = |it: &Arc<Running>| matches!(it.server.state(), State::NeedsAuth { .. });
    match started {
        Ok(running) => Ok(running),
        Err(error) => running(asked).await?.filter(waits).ok_or(error),
    }
}

/// The server that ASKED names, if it was started.
async fn running(asked: &Asked<Named>) -> Result<Option<Arc<Running>>> {
    let Asked { core, place, params: Named { server }, .. } = asked;
    let written = core.written_server(place, server).await?;
    may_run(core, place, &written).await?;
    Ok(core.mcp.get(server, home_project(&written, place)))
}

/// `{server, project, mode, pins}` -> its row: its login is forgotten. One that
/// runs is connected to again, as a stranger; where it may not run, it is
/// stopped.
///
/// # Errors
/// Those of the file in which logins are kept.
pub(in crate::methods) async fn logout(job: Job) -> Result<Value> {
    let Asked { core, place, params: Named { server }, .. } = Asked::read(job, "mcp.logout")?;
    let written = core.written_server(&place, &server).await?;
    let running = core.mcp.get(&server, home_project(&written, &place));
    if let Some(running) = running.filter(|it| !it.is_over()) {
        let may_connect = may_run(&core, &place, &running.written).await.is_ok();
        match may_connect {
            true => running.server.logout().await?,
            false => drop(running.server.stop().await),
        }
    }
    // Whatever address it had before, too.
    core.mcp.tokens.forget_server(&server).await?;
    core.server_row(&place, &written).await
}
