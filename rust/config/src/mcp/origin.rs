//! Where a server was written.

use super::McpServer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a server was written.
#[derive(Clone, Debug)]
pub struct McpOrigin {
    /// In which kind of file.
    pub kind: McpOriginKind,
    /// In which file; empty where a configuration was read from no file.
    pub file: PathBuf,
    /// On which of its lines, from 1.
    pub line: Option<usize>,
}

/// The same whatever the line: a server that moved within its file is the
/// same server, which must neither restart nor be trusted anew.
impl PartialEq for McpOrigin {
    fn eq(&self, other: &McpOrigin) -> bool {
        (self.kind, &self.file) == (other.kind, &other.file)
    }
}

impl Eq for McpOrigin {}

/// In which kind of file a server was written; the earlier wins over the
/// later where two files use one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum McpOriginKind {
    /// In config.toml.
    Config,
    /// In `~/.claude.json`, for one project.
    ClaudeLocal,
    /// In `~/.claude.json`, for all projects.
    ClaudeUser,
    /// In the project's `.mcp.json`.
    Project,
    /// In the project's `.vscode/mcp.json`.
    VsCode,
}

impl McpOriginKind {
    /// Whether a cloned repository may have brought it.
    pub fn is_of_project(self) -> bool {
        matches!(self, Self::Project | Self::VsCode)
    }
}

/// Note that SERVERS were written in FILE.
pub(crate) fn place(servers: &mut BTreeMap<String, McpServer>, file: &Path) {
    for server in servers.values_mut() {
        file.clone_into(&mut server.origin.file);
    }
}
