//! The resources of servers.

use super::servers::Named;
use crate::mcp::{Asked, Running, home_project, may_run};
use crate::methods::Job;
use llm_switch_mcp::{Part, Resource, Template};
use llm_switch_types::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Deserialize)]
struct Filter {
    server: Option<String>,
}

/// `{server?, project}` -> `{resources, templates}` of servers that are ready,
/// each with its `server`: resources are `{server, uri, name, title,
/// description, mime, size}`, templates the same without a size, with `{gaps}`
/// in `uri`.
pub(in crate::methods) async fn resources(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Filter>::read(job, "mcp.resources")?;
    let (mut resources, mut templates) = (Vec::new(), Vec::new());
    for running in core.mcp.for_project(place.project()) {
        let is_meant = params.server.as_deref().is_none_or(|name| name == running.name());
        if is_meant && running.is_ready() {
            let lists = running.lists();
            resources.extend(lists.resources.iter().map(|it: &Resource| of(&running, json!(it))));
            templates.extend(lists.templates.iter().map(|it: &Template| of(&running, json!(it))));
        }
    }
    Ok(json!({"resources": resources, "templates": templates}))
}

/// ROW, which is of RUNNING.
pub(super) fn of(running: &Arc<Running>, mut row: Value) -> Value {
    row["server"] = running.name().into();
    row
}

/// The server that ASKED names, which must be ready and usable there.
pub(super) async fn ready<T>(asked: &Asked<T>, named: &Named) -> Result<Arc<Running>> {
    let Asked { core, place, .. } = asked;
    let written = core.written_server(place, &named.server).await?;
    may_run(core, place, &written).await?;
    let running = core.mcp.get(&named.server, home_project(&written, place));
    let running = running.filter(|it| it.is_ready()).ok_or_else(|| {
        Error::new(ErrorKind::Mcp, "it is not ready")
            .at(format!("MCP server {}", named.server))
            .advise("Start it in M-x llm-switch-mcp")
    })?;
    // It is as it was started, whatever was written since.
    may_run(core, place, &running.written).await?;
    Ok(running)
}

#[derive(Deserialize)]
struct Reading {
    #[serde(flatten)]
    named: Named,
    uri: String,
}

/// `{server, uri, project, mode, pins}` -> `{text, cut, path, handles, mime}`:
/// what the resource holds, as the result of a tool does (`mcp.call`).
///
/// # Errors
/// `mcp` when the server is not ready or has no such resource; `refused` when
/// nothing may leave the machine.
pub(in crate::methods) async fn read(job: Job) -> Result<Value> {
    let asked = Asked::<Reading>::read(job, "mcp.read")?;
    let running = ready(&asked, &asked.params.named).await?;
    let _waiting = running.wait(asked.id, &asked.place);
    let contents = running.server.read(&asked.params.uri).await?;
    let mime = contents.first().and_then(|it| it.mime.clone());
    let parts: Vec<Part> = contents.into_iter().map(Part::Resource).collect();
    let mut told = asked.core.tell_given(&running, vec![parts]).await?.pop().unwrap_or_default();
    told["mime"] = mime.into();
    Ok(told)
}
