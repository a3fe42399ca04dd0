//! `modes.list`: what may be used at all.

use super::Job;
use llm_switch_types::{Mode, Result};
use serde_json::{Value, json};

/// `{}` -> `[{name, allow, payers, data, route, when-none, origin, is-default}…]`:
/// those that are built in, in their own order, then the user's by name.
///
/// `allow` are localities; `data` is `any`, `no-training` or `no-keeping`;
/// `route` is null where the mode names none; `when-none` is `ask`, `fail` or
/// `mode:NAME`; `origin` is `file` where the user says something of it, else
/// `default`. `is-default` tells the one that `default-mode` names.
///
/// # Errors
/// Those of the configuration.
pub(super) async fn list(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let built_in = Mode::built_in();
    let place = |mode: &Mode| built_in.iter().position(|it| it.name == mode.name);
    let mut modes: Vec<&Mode> = setup.modes.values().collect();
    modes.sort_by_key(|mode| place(mode).unwrap_or(built_in.len()));
    Ok(modes.into_iter().map(|mode| row(mode, setup.default_mode.as_deref())).collect())
}

fn row(mode: &Mode, default: Option<&str>) -> Value {
    json!({
        "name": mode.name,
        "allow": mode.allow,
        "payers": mode.payers,
        "data": mode.data,
        "route": mode.route,
        "when-none": mode.when_none,
        "origin": mode.origin,
        "is-default": default == Some(mode.name.as_str()),
    })
}
