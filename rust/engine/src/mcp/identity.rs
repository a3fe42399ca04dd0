//! Whom and what a decision is about.

use llm_switch_config::mcp::McpOriginKind;
use llm_switch_mcp::Tool;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;

/// A server as it is written: what is said of it is said of no other that
/// bears its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) server: String,
    pub(crate) kind: McpOriginKind,
    /// Of its definition.
    pub(crate) hash: String,
}

/// A tool as its server described it: what the user allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Seen {
    /// As the server wrote it; rules cannot tell `a.b` from `a_b`.
    pub(crate) name: String,
    read_only: bool,
    destructive: bool,
    open_world: bool,
    /// Of its description and the schema of its arguments.
    hash: String,
}

impl Seen {
    /// TOOL as it is now.
    pub(crate) fn of(tool: &Tool) -> Seen {
        let schema = Value::from(tool.input_schema.clone()).to_string();
        let mut hash = Sha256::new();
        hash.update((schema.len() as u64).to_le_bytes());
        hash.update(schema);
        hash.update(tool.description.as_deref().unwrap_or_default());
        Seen {
            name: tool.name.clone(),
            read_only: tool.hints.read_only,
            destructive: tool.hints.destructive,
            open_world: tool.hints.open_world,
            hash: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// Whom and what a decision is about, beside its rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    /// The servers, as they were then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) servers: Vec<Identity>,
    /// The tool, as it was then, where it is about one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tool: Option<Seen>,
}

/// A tool that is decided about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) server: &'a Identity,
    pub(crate) tool: &'a Tool,
    /// Rules cannot tell it from another tool of its server.
    pub(crate) is_alike: bool,
    pub(crate) project: Option<&'a Path>,
}

impl Subject<'_> {
    /// Whether a repository brought its server: what was allowed everywhere
    /// was not about this one, even if it bears the same name.
    pub(crate) fn is_foreign(&self) -> bool {
        self.server.kind.is_of_project()
    }
}
