//! What is shown of a server.

use super::definition::home_project;
use super::shown::shown;
use super::{Place, Running, Trusted, cost::tokens};
use crate::core::Core;
use llm_switch_config::mcp::{McpLaunch, McpServer};
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
    pub(crate) async fn server_row(&self, place: &Place, written: &McpServer) -> Result<Value> {
        let project = home_project(written, place);
        let reading = self.reading(place, written).await?;
        let hash = &reading.identity.hash;
        let trusted = match written.origin.kind.is_of_project() {
            true => self.mcp.trust.of(&written.name, project, hash)?,
            false => Trusted::Yes,
        };
        let running = self.mcp.get(&written.name, project);
        let (state, problem) = state(written, trusted, running.as_ref());
        let mut row = Value::from(shown(written, &reading));
        row["server"] = json!(written.name);
        row["kind"] = json!(written.origin.kind);
        row["file"] = json!(written.origin.file);
        row["line"] = json!(written.origin.line);
        row["transport"] = transport(&written.launch).into();
        row["local"] = written.local.into();
        row["enabled"] = written.enabled.into();
        row["trusted"] = (trusted == Trusted::Yes).into();
        row["state"] = state.into();
        row["problem"] = problem.into();
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
    pub(crate) async fn rows_of_gone(
        &self,
        place: &Place,
        written: &[McpServer],
    ) -> Result<Vec<Value>> {
        let stands = |running: &Arc<Running>| {
            let is_it = |it: &McpServer| running.is(&it.name, home_project(it, place));
            written.iter().any(is_it)
        };
        let all = self.mcp.for_project(place.project()).into_iter();
        let mut rows = Vec::new();
        for running in all.filter(|it| !it.is_over() && !stands(it)) {
            let mut row = self.server_row(place, &running.written).await?;
            row["gone"] = true.into();
            rows.push(row);
        }
        Ok(rows)
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
        row["changed"] = (row["hash"] != running.identity.hash.as_str()).into();
        Ok(())
    }
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
        State::Ready { .. } => ("ready", running.problem()),
        State::NeedsAuth { .. } => ("needs-login", None),
        State::Failed { reason } => ("failed", Some(running.explain(reason).to_string())),
        State::Stopped { .. } => ("stopped", None),
    }
}

const fn transport(launch: &McpLaunch) -> &'static str {
    match launch {
        McpLaunch::Stdio { .. } => "stdio",
        McpLaunch::Http { .. } => "http",
    }
}
