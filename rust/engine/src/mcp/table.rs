//! Who is meant by the name of a tool.

use super::{Decision, Place, Running, Subject, names::names};
use crate::core::Core;
use crate::setup::Setup;
use llm_switch_mcp::Tool;
use llm_switch_types::{Error, ErrorKind, Result, tool_rule::Rule};
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// A tool that can be called somewhere.
#[derive(Clone)]
pub(crate) struct Entry {
    /// What models call it.
    pub(crate) name: String,
    pub(crate) running: Arc<Running>,
    pub(crate) tool: Tool,
    /// Rules cannot tell it from another tool of its server.
    is_alike: bool,
}

impl Entry {
    /// What is decided about, where it is called from PLACE.
    pub(crate) fn subject<'a>(&'a self, place: &'a Place) -> Subject<'a> {
        Subject {
            server: &self.running.identity,
            tool: &self.tool,
            is_alike: self.is_alike,
            project: place.project(),
        }
    }

    /// The rule that is about this tool alone.
    pub(crate) fn rule(&self) -> Rule {
        Rule::of_tool(self.running.name(), &self.tool.name)
    }
}

impl Core {
    /// All tools of servers that are ready, for PLACE, whatever is decided
    /// about them.
    pub(crate) fn tools_for(&self, place: &Place) -> Vec<Entry> {
        self.tools_in(place.project())
    }

    /// The same for PROJECT.
    pub(crate) fn tools_in(&self, project: Option<&Path>) -> Vec<Entry> {
        let ready = self.mcp.for_project(project).into_iter().filter(|it| it.is_ready());
        let tools: Vec<(Arc<Running>, Tool)> = ready
            .flat_map(|running| {
                let tools = running.lists().tools;
                tools.iter().map(|tool| (Arc::clone(&running), tool.clone())).collect::<Vec<_>>()
            })
            .collect();
        let names = names(tools.iter().map(|(running, tool)| (running.name(), &*tool.name)));
        let alike = alike(&tools);
        let entry = |(name, (running, tool)): (String, (Arc<Running>, Tool))| {
            let is_alike = alike.contains(&Rule::of_tool(running.name(), &tool.name));
            Entry { name, running, tool, is_alike }
        };
        kept_apart(names.into_iter().zip(tools).map(entry).collect())
    }

    /// The tool that is called NAME from PLACE.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when there is none.
    pub(crate) fn tool_for(&self, place: &Place, name: &str) -> Result<Entry> {
        let found = self.tools_for(place).into_iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            Error::new(ErrorKind::Mcp, format!("there is no tool {name} now")).advise(
                "Its server may have stopped, or have renamed it: look in M-x llm-switch-mcp",
            )
        })
    }

    /// What is decided about ENTRY, called from PLACE.
    ///
    /// # Errors
    /// Those of the file of decisions.
    pub(crate) fn permission_of(
        &self,
        setup: &Setup,
        place: &Place,
        entry: &Entry,
    ) -> Result<Decision> {
        self.mcp.choices.permission(entry.subject(place), &setup.mcp_rules)
    }
}

/// The rules that fit several of TOOLS.
fn alike(tools: &[(Arc<Running>, Tool)]) -> HashSet<Rule> {
    let named: HashSet<_> = tools.iter().map(|(it, tool)| (it.name(), &*tool.name)).collect();
    let mut seen = HashSet::new();
    let rules = named.into_iter().map(|(server, tool)| Rule::of_tool(server, tool));
    rules.filter(|rule| !seen.insert(rule.clone())).collect()
}

/// ENTRIES, no two of which bear one name: services refuse a request that
/// offers a tool twice. The last counts, as the server that was started last
/// does among those of one name.
fn kept_apart(mut entries: Vec<Entry>) -> Vec<Entry> {
    let mut seen = HashSet::new();
    entries.reverse();
    entries.retain(|it| seen.insert(it.name.clone()));
    entries.reverse();
    entries
}
