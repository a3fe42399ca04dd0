//! What a request to a model says of tools, and of what they gave.

use super::{Entry, as_told};
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
            let Some(entry) = self.0.iter().find(|it| it.name == tool.name) else { return true };
            if !may_use(setup, subject, entry) {
                withheld.push(tool.name.clone());
                return false;
            }
            *tool = as_told(entry);
            true
        });
        if request.tools.is_empty() {
            request.tool_choice = None;
        }
        withheld
    }
}

/// Whether the configuration lets SUBJECT use ENTRY: every access that is about
/// it must name the tool.
fn may_use(setup: &Setup, subject: &Subject<'_>, entry: &Entry) -> bool {
    let names = |rule: &Rule| rule.matches(entry.running.name(), &entry.tool.name);
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
