//! Which tools may be called, and by whom.

use llm_switch_types::{Scope, tool_rule::Rule};
use serde::Deserialize;

/// `[mcp-rules]`: deny beats ask beats allow, and what no rule is about is
/// asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct McpRules {
    /// What is called without a question.
    pub allow: Vec<Rule>,
    /// What is asked before each call.
    pub ask: Vec<Rule>,
    /// What is never called.
    pub deny: Vec<Rule>,
}

/// `[[mcp-access]]`: the only tools for some requests. Where several match a
/// request, a tool must be in all of them; where none does, all tools are
/// there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpAccess {
    /// Which requests.
    pub on: Scope,
    /// The tools; where there is no rule, none.
    pub tools: Vec<Rule>,
}
