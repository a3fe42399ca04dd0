//! Who is meant by the name of a tool.

use super::{Decision, Place, Running, Subject, names::names};
use crate::core::Core;
use crate::setup::Setup;
use llm_switch_mcp::Tool;
use llm_switch_types::{Error, ErrorKind, Result, Scope, tool_rule::Rule};
use std::sync::Arc;

/// A tool that can be called somewhere.
#[derive(Clone)]
pub(crate) struct Entry {
    /// What models call it.
    pub(crate) name: String,
    pub(crate) running: Arc<Running>,
    pub(crate) tool: Tool,
}

impl Entry {
    /// What is decided about, where it is called from PLACE.
    pub(crate) fn subject<'a>(&'a self, place: &'a Place) -> Subject<'a> {
        Subject {
            server: self.running.name(),
            tool: &self.tool.name,
            destructive: self.tool.hints.destructive,
            foreign: self.running.written.origin.kind.is_of_project(),
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
        let ready = self.mcp.for_project(place.project()).into_iter().filter(|it| it.is_ready());
        let tools: Vec<(Arc<Running>, Tool)> = ready
            .flat_map(|running| {
                let tools = running.lists().tools;
                tools.iter().map(|tool| (Arc::clone(&running), tool.clone())).collect::<Vec<_>>()
            })
            .collect();
        let names = names(tools.iter().map(|(running, tool)| (running.name(), &*tool.name)));
        let entry = |(name, (running, tool))| Entry { name, running, tool };
        names.into_iter().zip(tools).map(entry).collect()
    }

    /// The tool that is called NAME from PLACE.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when there is none.
    pub(crate) fn tool_for(&self, place: &Place, name: &str) -> Result<Entry> {
        let found = self.tools_for(place).into_iter().find(|it| it.name == name);
        found.ok_or_else(|| {
            Error::new(ErrorKind::Mcp, format!("there is no tool {name} now"))
                .advise("Its server may have stopped, or have renamed it: look in M-x llm-switch-mcp")
        })
    }

    /// What is decided about ENTRY, called from PLACE.
    ///
    /// # Errors
    /// Those of the file of decisions.
    pub(crate) fn permission_of(&self, setup: &Setup, place: &Place, entry: &Entry) -> Result<Decision> {
        self.mcp.choices.permission(entry.subject(place), &setup.mcp_rules)
    }
}

/// Who asks for tools, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asker<'a> {
    pub(crate) project: Option<&'a str>,
    pub(crate) route: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    pub(crate) provider: Option<&'a str>,
    pub(crate) model: Option<&'a str>,
    pub(crate) client: Option<&'a str>,
}

impl Asker<'_> {
    /// Whether the configuration lets TOOL of SERVER be used by this one:
    /// every entry that is about it must name the tool.
    pub(crate) fn may_use(&self, setup: &Setup, server: &str, tool: &str) -> bool {
        let mut concerned = setup.mcp_access.iter().filter(|it| self.is(&it.on));
        concerned.all(|access| access.tools.iter().any(|rule| rule.matches(server, tool)))
    }

    fn is(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Global => true,
            Scope::Provider(name) => self.provider == Some(name),
            Scope::Account(name) => self.account == Some(name),
            Scope::Model(name) => self.model == Some(name),
            Scope::Route(name) => self.route == Some(name),
            Scope::Project(name) => self.project == Some(name),
            Scope::Client(name) => self.client == Some(name),
        }
    }
}
