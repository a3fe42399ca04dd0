//! Calls of tools, and what became of those that were made.

use crate::mcp::{Asked, Call};
use crate::methods::Job;
use llm_switch_ledger::{RequestKey, ToolFilter};
use llm_switch_types::Result;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Wanted {
    name: String,
    #[serde(default)]
    arguments: String,
    #[serde(default)]
    granted: bool,
    #[serde(default)]
    withheld: bool,
    request: Option<RequestKey>,
}

/// `{name, arguments, granted?, withheld?, request?, project, mode, pins}` ->
/// `{text, is-error, handles, structured, cut, path, ms, server, tool}`.
///
/// `name` is the tool's name as models know it, `arguments` the JSON text that
/// the model wrote, `granted` that the user has agreed to this call already;
/// else the question `mcp-permission` is asked, unless a rule decides.
/// `withheld` says that the answer which wants it was not told of it (its
/// `withheld` names it), which refuses it; `request` is that answer's request
/// in the ledger. While it runs there are `progress` events. Cancelling tells
/// the server to stop.
///
/// `text` is for the model, with `cut` bytes left out, and then the whole is in
/// the file `path`. `handles` are the contents that are no text, each
/// `{handle, kind, mime, bytes, path}`, where `kind` is `image`, `audio` or
/// `resource`; the text names them. `structured` is the same as data, JSON
/// text or null.
///
/// # Errors
/// `refused` when the call is not allowed, with a text for the model;
/// `bad-request` for arguments that are no object; `mcp` when there is no such
/// tool or its server fails.
pub(in crate::methods) async fn call(job: Job) -> Result<Value> {
    let Asked { core, id, place, params } = Asked::<Wanted>::read(job, "mcp.call")?;
    let entry = core.tool_for(&place, &params.name)?;
    let Wanted { arguments, granted, withheld, request, .. } = params;
    let (core, place, entry, arguments) = (&core, &place, &entry, arguments.as_str());
    Call { core, id, place, entry, arguments, granted, withheld, request }.make().await
}

/// `{server?, project?, since-ms?}` -> `{tools}`: what became of calls, out of
/// the ledger, by server and tool: `{server, tool, calls, errors, denied,
/// cancelled, total-ms, average-ms, argument-bytes, result-bytes}`.
pub(in crate::methods) async fn calls(job: Job) -> Result<Value> {
    let Asked { core, params, .. } = Asked::<ToolFilter>::read(job, "mcp.calls")?;
    let ledger = core.ledger.get().await?;
    let tools = core.tasks.blocking(move || ledger.tool_report(&params)).await??;
    Ok(json!({"tools": tools}))
}
