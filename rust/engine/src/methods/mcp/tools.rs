//! The tools of servers that are ready.

use crate::mcp::{Asked, Decided, Decision, Entry, Place, as_told, tokens};
use crate::methods::Job;
use crate::setup::Setup;
use llm_switch_types::{Deployment, Error, ErrorKind, Money, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Filter {
    server: Option<String>,
}

/// `{server?, project}` -> `{tools}`, each `{name, server, tool, title,
/// description, parameters, output-schema, read-only, destructive, idempotent,
/// open-world, on, rule, tokens}`.
///
/// `name` is what models call it, `parameters` and `output-schema` are JSON
/// text as the server wrote it, the hints what the server says of itself,
/// `on` whether models are told of it, `rule` `allow`, `ask` or `deny`, and
/// `tokens` roughly what it takes in each request.
pub(in crate::methods) async fn tools(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Filter>::read(job, "mcp.tools")?;
    let setup = core.setup().await?;
    let all = core.tools_for(&place).into_iter();
    let meant = |it: &Entry| params.server.as_deref().is_none_or(|name| it.running.name() == name);
    let decided = core.mcp.choices.of(place.project())?;
    let told = all.filter(meant).map(|it| tell(&decided, &setup, &place, &it));
    Ok(json!({"tools": told.collect::<Vec<_>>()}))
}

fn tell(decided: &Decided, setup: &Setup, place: &Place, entry: &Entry) -> Value {
    let tool = &entry.tool;
    let told = as_told(entry);
    json!({
        "name": entry.name,
        "server": entry.running.name(),
        "tool": tool.name,
        "title": tool.title,
        "description": told.description,
        "parameters": told.parameters.to_string(),
        "output-schema": tool.output_schema.as_ref().map(|it| Value::from(it.clone()).to_string()),
        "read-only": tool.hints.read_only,
        "destructive": tool.hints.destructive,
        "idempotent": tool.hints.idempotent,
        "open-world": tool.hints.open_world,
        "on": decided.is_on(entry.subject(place)),
        "rule": word(decided.permission(entry.subject(place), &setup.mcp_rules)),
        "tokens": tokens(entry),
    })
}

const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allow => "allow",
        Decision::Deny => "deny",
        _ => "ask",
    }
}

#[derive(Deserialize)]
struct Costed {
    server: Option<String>,
    deployment: Option<String>,
}

/// `{server?, deployment?, project}` -> `{tokens, dollars}`: what the tools
/// that are on take in each request, all or those of one server; `dollars` is
/// text, or null where no deployment is named or its price is not known.
pub(in crate::methods) async fn cost(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Costed>::read(job, "mcp.cost")?;
    let deployment = params.deployment.as_deref().map(str::parse::<Deployment>).transpose();
    let deployment =
        deployment.map_err(|error| Error::new(ErrorKind::Config, error.to_string()))?;
    let (tokens, cost) =
        core.schema_cost(&place, params.server.as_deref(), deployment.as_ref()).await?;
    Ok(json!({"tokens": tokens, "dollars": cost.as_ref().map(Money::to_string)}))
}
