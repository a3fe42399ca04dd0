//! Which tools may be called, and by whom.

use crate::lines::Fault;
use crate::many::{Many, Repeated};
use crate::scope::On;
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

/// `[[mcp-access]]`, as it is written.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AccessTable {
    on: Option<On>,
    tools: Option<Vec<Rule>>,
}

impl Repeated for AccessTable {
    const WORDS: (&'static str, &'static str) = ("of them", "[[mcp-access]]");
}

impl Many<AccessTable> {
    pub(crate) fn into_access(self) -> Result<Vec<McpAccess>, Fault> {
        let tables = self.0.into_iter().enumerate();
        let access = tables.map(|(index, table)| {
            table.into_access().map_err(|fault| fault.under(&format!("mcp-access[{index}]")))
        });
        access.collect()
    }
}

impl AccessTable {
    fn into_access(self) -> Result<McpAccess, Fault> {
        let On(on) = self.on.ok_or_else(|| {
            let what = "access needs to say on what: write on = { route = \"ROUTE\" }";
            Fault::new("on", what)
        })?;
        let tools = self.tools.ok_or_else(|| {
            Fault::new("tools", "access needs its tools: write tools = [\"mcp__SERVER__*\"]")
        })?;
        Ok(McpAccess { on, tools })
    }
}
