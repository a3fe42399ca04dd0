//! What a request to a model says of tools, and of what they gave.

use super::{Entry, Place, as_told};
use crate::core::Core;
use crate::setup::Setup;
use llm_switch_types::{Message, Part, Request, Result, Role, Subject, tool_rule::Rule};
use std::path::Path;

/// How the names begin that models know our tools by.
const MARK: &str = "mcp__";

/// The tools of servers among those that a request offers.
pub(crate) struct Offer(Vec<Entry>);

impl Core {
    /// The tools of servers that REQUEST, made for PROJECT, may offer.
    pub(crate) fn offer(&self, project: Option<&str>, request: &Request) -> Offer {
        match request.tools.iter().any(|it| it.name.starts_with(MARK)) {
            true => Offer(self.tools_in(project.map(Path::new))),
            false => Offer(Vec::new()),
        }
    }

    /// Put behind each result of a tool in REQUEST, and each turn of the user's,
    /// who can mention resources, the media that it names.
    ///
    /// # Errors
    /// When the engine ends.
    pub(crate) async fn with_media(
        self: &std::sync::Arc<Core>,
        mut request: Request,
    ) -> Result<Request> {
        let core = std::sync::Arc::clone(self);
        let read = move || {
            request.messages.iter_mut().for_each(|it| core.mcp.add_media(it));
            request
        };
        self.tasks.blocking(read).await
    }
}

impl Offer {
    /// Let REQUEST, about SUBJECT, offer what the configuration lets that use,
    /// and say of each tool what its server does: whoever made the request
    /// knows no more of a schema than its own words for it. The names of those
    /// that are withheld.
    pub(crate) fn put_into(
        &self,
        request: &mut Request,
        setup: &Setup,
        subject: &Subject<'_>,
    ) -> Vec<String> {
        let mut withheld = Vec::new();
        request.tools.retain_mut(|tool| {
            let entry = self.0.iter().find(|it| it.name == tool.name);
            let may = match (entry, parted(&tool.name)) {
                (Some(entry), _) => may_use(setup, subject, entry.running.name(), &entry.tool.name),
                // Its server is of another project, or over: what is not to be
                // used is not to be used under its name either.
                (None, Some((server, tool))) => may_use(setup, subject, server, tool),
                (None, None) => true,
            };
            if !may {
                withheld.push(tool.name.clone());
                return false;
            }
            if let Some(entry) = entry {
                *tool = as_told(entry);
            }
            true
        });
        if request.tools.is_empty() {
            request.tool_choice = None;
        }
        withheld
    }
}

/// The server and its tool that NAME seems to mean.
fn parted(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(MARK)?.split_once("__")
}

/// Whether the configuration lets ENTRY be used from PLACE, whoever wants to.
pub(super) fn may_use_from(setup: &Setup, place: &Place, entry: &Entry) -> bool {
    let project = place.project().map(Path::to_string_lossy);
    let subject = Subject {
        provider: "",
        account: "",
        model: "",
        route: None,
        project: project.as_deref(),
        client: "",
    };
    may_use(setup, &subject, entry.running.name(), &entry.tool.name)
}

/// Whether the configuration lets whatever model use ENTRY: where nobody knows
/// which one calls, it may be any that an access is about. One that names no
/// tool at all is about all servers.
pub(super) fn may_be_used_by_any(setup: &Setup, entry: &Entry) -> bool {
    use llm_switch_types::Scope::{Account, Model, Provider, Route};
    let (server, tool) = (entry.running.name(), &entry.tool.name);
    let mut concerned = setup.mcp_access.iter().filter(|it| {
        let is_of_models = matches!(it.on, Provider(_) | Account(_) | Model(_) | Route(_));
        let reaches = it.tools.is_empty() || it.tools.iter().any(|rule| rule.reaches(server));
        is_of_models && reaches
    });
    concerned.all(|access| access.tools.iter().any(|rule| rule.matches(server, tool)))
}

/// Whether the configuration lets SUBJECT use TOOL of SERVER: every access that
/// is about it must name the tool.
fn may_use(setup: &Setup, subject: &Subject<'_>, server: &str, tool: &str) -> bool {
    let names = |rule: &Rule| rule.matches(server, tool);
    let mut concerned = setup.mcp_access.iter().filter(|it| it.on.covers(subject));
    concerned.all(|access| access.tools.iter().any(names))
}

impl super::Mcp {
    fn add_media(&self, message: &mut Message) {
        // What a model or its instructions say shows nothing.
        if !matches!(message.role, Role::Tool | Role::User) {
            return;
        }
        let media: Vec<Part> = message.parts.iter().flat_map(|part| self.media_in(part)).collect();
        message.parts.extend(media);
    }

    fn media_in(&self, part: &Part) -> Vec<Part> {
        match part {
            Part::Text(text) => self.contents.media(text),
            Part::Media(_) => Vec::new(),
        }
    }
}
