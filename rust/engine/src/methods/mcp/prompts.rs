//! The prompts of servers, and completion.

use super::resources::{of, ready};
use super::servers::Named;
use crate::mcp::Asked;
use crate::methods::Job;
use llm_switch_mcp::Subject;
use llm_switch_types::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Filter {
    server: Option<String>,
}

/// `{server?, project}` -> `{prompts}` of servers that are ready, each
/// `{server, name, title, description, arguments}`; an argument is `{name,
/// description, required}`.
pub(in crate::methods) async fn prompts(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Filter>::read(job, "mcp.prompts")?;
    let servers = core.mcp.for_project(place.project()).into_iter().filter(|it| {
        it.is_ready() && params.server.as_deref().is_none_or(|name| name == it.name())
    });
    let prompts = servers.flat_map(|running| {
        let prompts = running.lists().prompts;
        prompts.iter().map(|it| of(&running, json!(it))).collect::<Vec<_>>()
    });
    Ok(json!({"prompts": prompts.collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
struct Filling {
    #[serde(flatten)]
    named: Named,
    prompt: String,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
}

/// `{server, prompt, arguments, project, mode, pins}` -> `{description,
/// messages}`: the prompt with its arguments filled in; a message is `{role,
/// text, cut, path, handles}`, where `role` is `user` or `assistant` and the
/// rest as in `mcp.read`.
///
/// # Errors
/// `mcp` when the server is not ready or wants other arguments.
pub(in crate::methods) async fn prompt(job: Job) -> Result<Value> {
    let asked = Asked::<Filling>::read(job, "mcp.prompt")?;
    let running = ready(&asked, &asked.params.named).await?;
    let _waiting = running.wait(asked.id, &asked.place);
    let Filling { prompt, arguments, .. } = &asked.params;
    let filled = running.server.prompt(prompt, arguments.clone()).await?;
    let (roles, given): (Vec<_>, Vec<_>) =
        filled.messages.into_iter().map(|(role, part)| (role, vec![part])).unzip();
    let mut messages = asked.core.tell_given(&running, given).await?;
    for (message, role) in messages.iter_mut().zip(roles) {
        message["role"] = json!(role);
    }
    Ok(json!({"description": filled.description, "messages": messages}))
}

#[derive(Deserialize)]
struct Completing {
    #[serde(flatten)]
    named: Named,
    prompt: Option<String>,
    template: Option<String>,
    argument: String,
    #[serde(default)]
    value: String,
    /// What the other arguments are.
    #[serde(default)]
    others: BTreeMap<String, String>,
}

/// `{server, prompt|template, argument, value, others?, project}` -> `{values,
/// more}`: what the argument of a prompt, or the gap of a template, may become
/// that was begun with `value`; at most 100 texts, and whether there are more.
pub(in crate::methods) async fn complete(job: Job) -> Result<Value> {
    let asked = Asked::<Completing>::read(job, "mcp.complete")?;
    let running = ready(&asked, &asked.params.named).await?;
    let Completing { prompt, template, argument, value, others, .. } = &asked.params;
    let subject = match (prompt, template) {
        (Some(name), _) => Subject::Prompt(name.clone()),
        (None, Some(uri)) => Subject::Template(uri.clone()),
        (None, None) => {
            let what = "mcp.complete is told neither a prompt nor a template";
            return Err(Error::new(ErrorKind::Module, what));
        }
    };
    let found = running.server.complete(&subject, argument, value, others.clone()).await?;
    Ok(json!({"values": found.values, "more": found.more}))
}
