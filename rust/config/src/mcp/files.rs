//! All servers that there are for a project.

use super::{McpOriginKind, McpServer, claude, name, section, source, vs_code};
use crate::Config;
use llm_switch_types::{Error, tool_rule::sanitise};
use std::collections::BTreeMap;
use std::path::Path;

/// All servers that there are for a project, and what is wrong with others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct McpFiles {
    /// The servers, no two of which look the same to a rule.
    pub servers: Vec<McpServer>,
    /// What is wrong, with file and line, and without the values that stand
    /// there.
    pub problems: Vec<Error>,
}

/// The servers of CONFIG and those that Claude Code and VS Code know for the
/// user at HOME and in PROJECT. What is wrong with one keeps back no other.
///
/// Where two have one name, what the user wrote wins over what a repository
/// brought, and the loser is told.
pub fn read_mcp_files(config: &Config, project: Option<&Path>, home: Option<&Path>) -> McpFiles {
    let mut found = McpFiles::default();
    found.servers.extend(config.mcp.values().cloned());
    let file = home.map(|home| home.join(".claude.json"));
    let off = file.map(|file| claude::read(&mut found, file, project)).unwrap_or_default();
    if let Some(project) = project {
        let (file, kind) = (project.join(".mcp.json"), McpOriginKind::Project);
        section::read_file(&mut found, file, kind, ["mcpServers", "servers"]);
        vs_code::read(&mut found, project.join(".vscode").join("mcp.json"));
    }
    off.turn_off(&mut found.servers);
    found.keep_first();
    found
}

impl McpFiles {
    /// Keep the first of all servers that look the same to a rule.
    fn keep_first(&mut self) {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let mut kept: Vec<McpServer> = Vec::new();
        for server in self.servers.drain(..) {
            let seen = sanitise(&server.name).into_owned();
            match names.get(&seen).and_then(|index| kept.get(*index)) {
                Some(winner) => self.problems.push(beaten(&server, winner)),
                None => {
                    names.insert(seen, kept.len());
                    kept.push(server);
                }
            }
        }
        self.servers = kept;
    }
}

/// That SERVER is not used because of WINNER.
fn beaten(server: &McpServer, winner: &McpServer) -> Error {
    let file = winner.origin.file.display();
    let line = winner.origin.line.map(|line| format!(", line {line},")).unwrap_or_default();
    let what = format!("{file}{line} has {:?} already", winner.name);
    source::problem(
        &server.origin.file,
        server.origin.line,
        format!("the server {} is not used: rename it, for {what}", name::shown(&server.name)),
    )
}
