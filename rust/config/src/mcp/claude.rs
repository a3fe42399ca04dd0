//! Claude Code's own file: servers for all projects and for one, and which of
//! them the user turned off there.

use super::section::Section;
use super::source::{Object, Source};
use super::{McpFiles, McpOriginKind, McpServer};
use llm_switch_types::Result;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The servers that the user turned off for one project.
#[derive(Default)]
pub(super) struct Off {
    /// Whatever file they are in.
    any: BTreeSet<String>,
    /// Those of the project's `.mcp.json`.
    of_project: BTreeSet<String>,
}

impl Off {
    /// Turn off what Claude Code would not start. What llm-switch's own file
    /// or VS Code's says is no business of Claude Code's.
    pub(super) fn turn_off(&self, servers: &mut [McpServer]) {
        for server in servers {
            let off = match server.origin.kind {
                McpOriginKind::Config | McpOriginKind::VsCode => false,
                McpOriginKind::Project if self.of_project.contains(&server.name) => true,
                _ => self.any.contains(&server.name),
            };
            server.enabled &= !off;
        }
    }
}

/// Add the servers of FILE to FOUND, those of PROJECT first.
pub(super) fn read(found: &mut McpFiles, file: PathBuf, project: Option<&Path>) -> Off {
    let read = Source::read(file).and_then(|source| match source {
        Some(source) => read_source(found, &source, project),
        None => Ok(Off::default()),
    });
    read.unwrap_or_else(|problem| {
        found.problems.push(problem);
        Off::default()
    })
}

const SERVERS: &str = "mcpServers";

fn read_source(found: &mut McpFiles, source: &Source, project: Option<&Path>) -> Result<Off> {
    let top = source.top()?;
    let local = project.map(|project| of_project(source, &top, project)).transpose();
    let local = local.unwrap_or_else(|problem| {
        found.problems.push(problem);
        None
    });
    let local = local.flatten().unwrap_or_default();
    for (kind, part) in [(McpOriginKind::ClaudeLocal, &local), (McpOriginKind::ClaudeUser, &top)] {
        if let Some(raw) = part.get(SERVERS) {
            Section { source, kind, inputs: Arc::default() }.read(found, SERVERS, raw);
        }
    }
    let off = |key| names(local.get(key).copied());
    Ok(Off { any: off("disabledMcpServers"), of_project: off("disabledMcpjsonServers") })
}

/// What stands in TOP for PROJECT, under its folder as Emacs or as the system
/// calls it.
fn of_project<'a>(source: &Source, top: &Object<'a>, project: &Path) -> Result<Option<Object<'a>>> {
    let Some(projects) = top.get("projects") else { return Ok(None) };
    let projects = source.object("projects", projects)?;
    let find = |folder: &Path| projects.iter().find(|(key, _)| Path::new(key) == folder);
    let found = find(project).or_else(|| find(&project.canonicalize().ok()?));
    found.map(|(folder, raw)| source.object(folder, raw)).transpose()
}

/// The names in RAW; none where it is no list of them.
fn names(raw: Option<&RawValue>) -> BTreeSet<String> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}
