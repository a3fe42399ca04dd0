//! Starting a server, if that is allowed.

use super::definition::home_project;
use super::launch::Launching;
use super::running::Origin;
use super::shown::shown;
use super::{Messages, Place, Running, Trusted, follow};
use crate::core::Core;
use crate::questions::PATIENCE;
use llm_switch_config::mcp::{McpLaunch, McpOriginKind, McpServer};
use llm_switch_mcp::{Definition, Event, Host, HttpClient, Login, Offers, Server};
use llm_switch_net::Reach;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Questions of one server that wait for the user at most.
const OPEN_QUESTIONS: usize = 16;

/// Start the server called NAME for PLACE on behalf of the job of ID, unless
/// it runs, and wait until its tools are known.
///
/// # Errors
/// [`ErrorKind::Refused`] when the user does not trust it or has disabled it,
/// or when nothing may leave the machine and it is not marked local; [`ErrorKind::Config`] for
/// one that is not there or needs a variable; [`ErrorKind::Mcp`] when it does
/// not start.
pub(crate) async fn start(
    core: &Arc<Core>,
    id: i64,
    place: &Place,
    name: &str,
) -> Result<Arc<Running>> {
    let written = core.written_server(place, name).await?;
    let project = home_project(&written, place);
    let turn = core.mcp.one_at_a_time(&written, project);
    // Not longer than it takes to start it: who comes second waits for the
    // same, and hears the same.
    let one_at_a_time = turn.lock().await;
    may_run(core, place, &written).await?;
    is_enabled(&written)?;
    let is_meant = |it: &Arc<Running>| !it.is_over() && it.written == written;
    let running = match core.mcp.get(name, project).filter(is_meant) {
        Some(running) => {
            if project.is_none() {
                core.mcp.uncover(name, place.project());
            }
            running
        }
        None => launch(core, id, place, written).await?,
    };
    drop(one_at_a_time);
    let ready = ready(&running, id, place).await;
    ready.map_err(|error| running.explain(error))?;
    Ok(running)
}

/// Wait, as the job of ID from PLACE, until the tools of RUNNING are known.
async fn ready(running: &Running, id: i64, place: &Place) -> Result<()> {
    let _waiting = running.wait(id, place);
    running.server.ready().await?;
    let mut listed = running.listed.subscribe();
    // Whoever lists is a task of the engine, which is gone when this is too.
    let _ = listed.wait_for(|listed| *listed).await;
    // It may be over by now, and then this says why.
    running.server.ready().await?;
    let trouble = running.trouble.lock().clone();
    trouble.map_or(Ok(()), Err)
}

/// Whether a server that is WRITTEN may be used from PLACE: its own sockets
/// are seen by no guard of ours, so where nothing may leave the machine the
/// user's word is needed.
pub(crate) async fn may_run(core: &Core, place: &Place, written: &McpServer) -> Result<()> {
    if written.local || !place.is_local_only(&*core.setup().await?)? {
        return Ok(());
    }
    let what = "nothing may leave this machine here, and what this server opens nobody watches";
    let advice = format!(
        "If it opens no connection beyond this machine write `local = true` into [mcp.{}] \
         of the configuration, or choose another mode with M-x llm-switch-backend",
        written.name
    );
    Err(Error::new(ErrorKind::Refused, what).at(at(&written.name)).advise(advice))
}

/// That a server that is WRITTEN was not switched off in its file.
fn is_enabled(written: &McpServer) -> Result<()> {
    if written.enabled {
        return Ok(());
    }
    let advice = match written.origin.kind {
        McpOriginKind::Config => {
            let file = written.origin.file.display();
            format!("Take `enabled = false` out of [mcp.{}] in {file}", written.name)
        }
        _ => "Take its name out of disabledMcpServers and disabledMcpjsonServers of this project \
              in ~/.claude.json, where Claude Code notes it"
            .to_owned(),
    };
    let error = Error::new(ErrorKind::Refused, "it was not started: it is disabled");
    Err(error.at(at(&written.name)).advise(advice))
}

fn at(name: &str) -> String {
    format!("MCP server {name}")
}

async fn launch(
    core: &Arc<Core>,
    id: i64,
    place: &Place,
    written: McpServer,
) -> Result<Arc<Running>> {
    let environment = core.environment(id, &[]).await?;
    let reading = core.reading(place, &written).await?;
    let (of, read, environment_now) = (&written, &reading, &environment);
    let launching =
        Launching { core, id, place, written: of, reading: read, environment: environment_now };
    trust(&launching).await?;
    let definition = launching.definition().await?;
    let project = launching.project().map(ToOwned::to_owned);
    let client = client(&written).map_err(|error| error.at(at(&written.name)))?;
    let login = launching.login().await?;
    let way = Way { environment, client, login };
    let origin = Origin { written, project, identity: reading.identity };
    let running = run(core, origin, definition, way);
    let others_have = others_have(core, &running).await?;
    for other in core.mcp.add(Arc::clone(&running), place.project(), others_have) {
        core.tasks.background(async move {
            other.server.stop().await;
        });
    }
    Ok(running)
}

/// Whether other projects than that of RUNNING have a server of its name, which
/// is there for all of them and only here hidden by it.
async fn others_have(core: &Core, running: &Running) -> Result<bool> {
    if running.project.is_none() {
        return Ok(false);
    }
    let files = core.written_servers(&Place::nowhere(None)).await?;
    Ok(files.servers.iter().any(|it| it.name == running.name()))
}

/// Have the user say whether to trust what LAUNCHING would start, where a
/// repository may have brought it and they have not said so before.
async fn trust(launching: &Launching<'_>) -> Result<()> {
    let Launching { core, id, written, reading, .. } = launching;
    let trusted = launching.trusted()?;
    if trusted == Trusted::Yes {
        return Ok(());
    }
    let mut question = shown(written, reading);
    question.insert("server".into(), json!(written.name));
    question.insert("project".into(), json!(launching.project()));
    question.insert("file".into(), json!(written.origin.file));
    question.insert("line".into(), json!(written.origin.line));
    question.insert("changed".into(), json!(trusted == Trusted::Changed));
    if core.ask(*id, "mcp-trust", question.into(), PATIENCE).await != Some(Value::Bool(true)) {
        let what =
            "it was not started: a project brings it, and you have not said that you trust it";
        let advice = "Look at its definition, then start it in M-x llm-switch-mcp";
        return Err(Error::new(ErrorKind::Refused, what).at(at(&written.name)).advise(advice));
    }
    core.mcp.trust.give(&written.name, launching.project(), &reading.identity.hash)
}

/// What a server is reached with, beside its definition.
struct Way {
    environment: BTreeMap<String, String>,
    client: Option<HttpClient>,
    login: Login,
}

/// The client for a server that is WRITTEN, if it needs one. What the user
/// marked as local cannot be reached beyond this machine either.
fn client(written: &McpServer) -> Result<Option<HttpClient>> {
    let reach = if written.local { Reach::Loopback } else { Reach::Anywhere };
    match written.launch {
        McpLaunch::Stdio { .. } => Ok(None),
        McpLaunch::Http { .. } => HttpClient::guarded(reach).map(Some),
    }
}

fn run(core: &Arc<Core>, origin: Origin, definition: Definition, way: Way) -> Arc<Running> {
    let Way { environment, client: http, login } = way;
    let (events, heard) = mpsc::unbounded_channel();
    let (questions, asked) = mpsc::channel(OPEN_QUESTIONS);
    let hash = definition.hash();
    let messages = Arc::<Messages>::default();
    let said = Arc::clone(&messages);
    let hear = move |event| match event {
        Event::Message { level, logger, data } => said.add(&level, logger.as_deref(), data),
        // Nobody hears it any more when the engine ends.
        event => drop(events.send(event)),
    };
    let host = Host {
        environment,
        http,
        login: Some(login),
        questions,
        offers: Offers { elicitation: true, sampling: true, roots: true },
        events: Arc::new(hear),
        stderr: Arc::new(|_| {}),
        era: core.mcp.eras.get().ok().and_then(|eras| eras.get(&hash).copied()),
    };
    let server = Server::start(definition, host);
    let running = Arc::new(Running::new(origin, server, messages));
    follow::follow(core, &running, hash, heard);
    super::asking::listen(core, &running, asked);
    running
}
