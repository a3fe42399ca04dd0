//! Keeping what the user decides about tools.

use super::{Decision, Place, Running, Scope, tell};
use crate::core::Core;
use llm_switch_types::{Result, tool_rule::Rule};

impl Core {
    /// Decide DECISION at PLACE about what RULE names, for SCOPE, and tell who
    /// looks at it; `None` takes back what was decided there.
    ///
    /// What a repository brought is there in its project alone: about such a
    /// server nothing can be decided for everywhere, since another project may
    /// have one of the same name.
    ///
    /// # Errors
    /// Those of the file of decisions.
    pub(crate) fn decide(
        &self,
        place: &Place,
        rule: &Rule,
        decision: Option<Decision>,
        scope: Scope,
    ) -> Result<()> {
        let running = self.mcp.for_project(place.project());
        let is_foreign = running.iter().any(|it| is_brought(it) && is_about(rule, it));
        let scope = match scope {
            Scope::Always if is_foreign => Scope::Project,
            scope => scope,
        };
        self.mcp.choices.decide(rule, decision, scope, place.project())?;
        for running in &running {
            tell(self, running, "tools");
        }
        Ok(())
    }
}

fn is_brought(running: &Running) -> bool {
    running.written.origin.kind.is_of_project()
}

/// Whether RULE is about the server RUNNING, or one of its tools, and no other.
fn is_about(rule: &Rule, running: &Running) -> bool {
    let tool_of = |tool: &str| *rule == Rule::of_tool(running.name(), tool);
    *rule == Rule::of_server(running.name())
        || running.lists().tools.iter().any(|it| tool_of(&it.name))
}
