//! What is shown of a server.

use super::launch::{hash, home_project};
use super::start::{names, shown};
use super::{Place, Running, Trusted, cost::tokens};
use crate::core::Core;
use llm_switch_config::mcp::{McpLaunch, McpOriginKind, McpServer};
use llm_switch_mcp::State;
use llm_switch_types::Result;
use serde_json::{Value, json};
use std::sync::Arc;

impl Core {
    /// The row of the server that is WRITTEN down for PLACE; `mcp.list` says
    /// what stands in it.
    ///
    /// # Errors
    /// Those of the files in which the user's decisions are.
    pub(crate) fn server_row(&self, place: &Place, written: &McpServer) -> Result<Value> {
        let project = home_project(written, place);
        let hash = hash(written, project);
        let trusted = match written.origin.kind.is_of_project() {
            true => self.mcp.trust.of(&written.name, project, &hash)?,
            false => Trusted::Yes,
        };
        let running = self.mcp.get(&written.name, project);
        let (state, problem) = state(written, trusted, running.as_ref());
        let mut row = json!({
            "server": written.name,
            "kind": kind(written.origin.kind),
            "file": written.origin.file,
            "line": written.origin.line,
            "transport": transport(&written.launch),
            "launch": shown(&written.launch),
            "env-names": names(&written.launch),
            "variables": written.variables(),
            "local": written.local,
            "enabled": written.enabled,
            "trusted": trusted == Trusted::Yes,
            "hash": hash,
            "state": state,
            "problem": problem,
        });
        if let Some(running) = &running {
            self.add_running(place, running, &mut row)?;
        }
        Ok(row)
    }

    /// The rows of servers that run for PLACE and stand in no file any more,
    /// as WRITTEN shows: they must not go on unseen.
    ///
    /// # Errors
    /// As [`Core::server_row`].
    pub(crate) fn rows_of_gone(&self, place: &Place, written: &[McpServer]) -> Result<Vec<Value>> {
        let stands = |running: &Arc<Running>| {
            let is_it = |it: &McpServer| running.is(&it.name, home_project(it, place));
            written.iter().any(is_it)
        };
        let all = self.mcp.for_project(place.project()).into_iter();
        let gone = all.filter(|it| !it.is_over() && !stands(it));
        let row = |running: Arc<Running>| {
            let mut row = self.server_row(place, &running.written)?;
            row["gone"] = true.into();
            Ok(row)
        };
        gone.map(row).collect()
    }

    /// Add to ROW what RUNNING says of itself.
    fn add_running(&self, place: &Place, running: &Arc<Running>, row: &mut Value) -> Result<()> {
        let lists = running.lists();
        let mine = self.tools_for(place).into_iter().filter(|it| Arc::ptr_eq(&it.running, running));
        let (mut on, mut used, decided) = (0, 0, self.mcp.choices.of(place.project())?);
        for entry in mine {
            if decided.is_on(entry.subject(place)) {
                on += 1;
                used += tokens(&entry);
            }
        }
        row["tools"] = lists.tools.len().into();
        row["tools-on"] = on.into();
        row["schema-tokens"] = used.into();
        row["resources"] = (lists.resources.len() + lists.templates.len()).into();
        row["prompts"] = lists.prompts.len().into();
        row["pid"] = running.server.pid().into();
        if let State::Ready { info } = running.server.state() {
            row["version"] = info.protocol.as_str().into();
            row["title"] = info.name.as_deref().into();
            row["release"] = info.version.as_deref().into();
            row["instructions"] = info.instructions.as_deref().into();
        }
        row["changed"] = is_changed(running, row["hash"].as_str()).into();
        Ok(())
    }
}

/// Whether RUNNING was started with another definition than the one that is
/// written down now, which has HASH.
fn is_changed(running: &Running, now: Option<&str>) -> bool {
    now != Some(&hash(&running.written, running.project.as_deref()))
}

/// What a server that is WRITTEN and TRUSTED does, and what is the matter.
fn state(
    written: &McpServer,
    trusted: Trusted,
    running: Option<&Arc<Running>>,
) -> (&'static str, Option<String>) {
    let Some(running) = running else {
        return match trusted {
            Trusted::Yes if written.enabled => ("off", None),
            Trusted::Yes => ("disabled", None),
            Trusted::Changed => ("needs-trust", Some("its definition has changed".into())),
            Trusted::No => ("needs-trust", None),
        };
    };
    match running.server.state() {
        State::Starting => ("starting", None),
        State::Ready { .. } => ("ready", running.trouble.lock().as_ref().map(ToString::to_string)),
        State::NeedsAuth { .. } => ("needs-login", None),
        State::Failed { reason } => ("failed", Some(running.explain(reason).to_string())),
        State::Stopped { .. } => ("stopped", None),
    }
}

const fn kind(kind: McpOriginKind) -> &'static str {
    match kind {
        McpOriginKind::Config => "config",
        McpOriginKind::ClaudeLocal => "claude-local",
        McpOriginKind::ClaudeUser => "claude-user",
        McpOriginKind::Project => "project",
        McpOriginKind::VsCode => "vs-code",
    }
}

const fn transport(launch: &McpLaunch) -> &'static str {
    match launch {
        McpLaunch::Stdio { .. } => "stdio",
        McpLaunch::Http { .. } => "http",
    }
}
