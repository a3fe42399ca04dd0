//! What the user decides about servers and tools.

use crate::mcp::{Asked, Choice, Decision, Lasting, home_project};
use crate::methods::Job;
use llm_switch_types::{Error, ErrorKind, Result, tool_rule::Rule};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Switch {
    rule: Rule,
    tool: Option<String>,
    /// `null` takes back what was decided.
    on: Option<bool>,
    scope: Lasting,
}

/// `{rule, tool?, on, scope, project}` -> null: models are told of the tools
/// that `rule` names, or not; null as `on` takes back what was decided. `scope` is
/// `session`, `project` or `always`, `tool` as in `mcp.permit`.
pub(in crate::methods) async fn set(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Switch>::read(job, "mcp.set")?;
    let decision = params.on.map(|on| if on { Decision::On } else { Decision::Off });
    let about = (&params.rule, params.tool.as_deref());
    core.decide(&place, about, decision, params.scope).await?;
    Ok(Value::Null)
}

#[derive(Deserialize)]
struct Permit {
    rule: Rule,
    tool: Option<String>,
    decision: Word,
    scope: Lasting,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Allow,
    Ask,
    Deny,
    Forget,
}

/// `{rule, tool?, decision, scope, project}` -> null: whether the tools that
/// `rule` names run unasked (`allow`), are asked about (`ask`) or do not run
/// (`deny`); `forget` takes back what was decided. `scope` is `session`,
/// `project` or `always`. What is denied anywhere is denied, else the nearest
/// scope counts, and the configuration's `[mcp-rules]` last. A rule for several
/// tools allows none that may destroy something. What is decided `always` about
/// a server that a repository brought holds in its project.
///
/// `tool` is the tool that an exact rule means, as its server wrote it, where
/// the rule fits several. What is allowed is what is there now: when a server's
/// definition changes, or what a tool allowed by its name says of itself, the
/// user is asked again. What is denied is denied by its name.
///
/// # Errors
/// `config` when it would allow what is not there, or one of several tools
/// that the rule cannot tell apart.
pub(in crate::methods) async fn permit(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Permit>::read(job, "mcp.permit")?;
    let decision = match params.decision {
        Word::Allow => Some(Decision::Allow),
        Word::Ask => Some(Decision::Ask),
        Word::Deny => Some(Decision::Deny),
        Word::Forget => None,
    };
    let about = (&params.rule, params.tool.as_deref());
    core.decide(&place, about, decision, params.scope).await?;
    Ok(Value::Null)
}

/// `{project}` -> `{rules}`, each `{rule, decision, scope}`: what was decided
/// for the project, nearest first, and what the configuration says (`scope`
/// `config`). `decision` is `allow`, `ask`, `deny`, `on` or `off`.
pub(in crate::methods) async fn rules(job: Job) -> Result<Value> {
    let Asked { core, place, .. } = Asked::<Map<String, Value>>::read(job, "mcp.rules")?;
    let row = |rule: &Rule, decision: Value, scope: Value| json!({"rule": rule.to_string(), "decision": decision, "scope": scope});
    let decided = core.mcp.choices.all(place.project())?;
    let decided = decided
        .iter()
        .map(|(scope, Choice { rule, decision, .. })| row(rule, json!(decision), json!(scope)));
    let setup = core.setup().await?;
    let written = &setup.mcp_rules;
    let of_config = [("deny", &written.deny), ("ask", &written.ask), ("allow", &written.allow)];
    let of_config = of_config.iter().flat_map(|(word, rules)| {
        rules.iter().map(move |rule| row(rule, json!(word), json!("config")))
    });
    Ok(json!({"rules": decided.chain(of_config).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
struct Trusting {
    server: String,
    trust: bool,
    hash: Option<String>,
}

/// `{server, trust, hash, project}` -> null: trust the server whose definition
/// has `hash`, that of the row which the user saw, or ask again before it
/// starts; that needs no hash. Only servers that a repository may have brought
/// need it.
///
/// # Errors
/// `config` when the definition is not the one that was seen.
pub(in crate::methods) async fn trust(job: Job) -> Result<Value> {
    let Asked { core, place, params, .. } = Asked::<Trusting>::read(job, "mcp.trust")?;
    let written = core.written_server(&place, &params.server).await?;
    if !written.origin.kind.is_of_project() {
        let what = format!("{} is your own, and needs no trust", written.name);
        return Err(Error::new(ErrorKind::Config, what));
    }
    let project = home_project(&written, &place);
    if !params.trust {
        core.mcp.trust.take(&written.name, project)?;
        return Ok(Value::Null);
    }
    let hash = core.reading(&place, &written).await?.identity.hash;
    if params.hash.as_ref() != Some(&hash) {
        let what = format!("{} is not trusted: it was changed meanwhile", written.name);
        return Err(Error::new(ErrorKind::Config, what).advise("Look again at what it would run"));
    }
    core.mcp.trust.give(&written.name, project, &hash)?;
    Ok(Value::Null)
}
