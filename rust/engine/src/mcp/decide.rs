//! Keeping what the user decides about tools.

use super::identity::{About, Identity, Seen};
use super::{Decision, Entry, Lasting, Place, Running, home_project, tell};
use crate::core::Core;
use llm_switch_types::{Error, ErrorKind, Result, tool_rule::Rule};
use std::sync::Arc;

impl Core {
    /// Decide DECISION at PLACE about what RULE names, for LASTING, and tell
    /// who looks at it; `None` takes back what was decided there. MEANT is the
    /// tool that an exact rule is about, as its server wrote it: where it is
    /// not known, it is the only one that RULE fits.
    ///
    /// What a repository brought is there in its project alone: about such a
    /// server nothing can be decided for everywhere, since another project may
    /// have one of the same name.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when it would allow what nobody has seen, and
    /// those of the files.
    pub(crate) async fn decide(
        &self,
        place: &Place,
        (rule, meant): (&Rule, Option<&str>),
        decision: Option<Decision>,
        lasting: Lasting,
    ) -> Result<()> {
        let running = self.mcp.for_project(place.project());
        let about = self.about(place, rule, meant, decision).await?;
        let is_foreign = running.iter().any(|it| is_brought(it) && is_about(rule, it));
        let lasting = match lasting {
            Lasting::Always if is_foreign => Lasting::Project,
            lasting => lasting,
        };
        self.mcp.choices.decide(rule, decision, lasting, place.project(), about)?;
        for running in &running {
            tell(self, running, "tools");
        }
        Ok(())
    }

    /// Whom and what DECISION about RULE is about, at PLACE.
    async fn about(
        &self,
        place: &Place,
        rule: &Rule,
        meant: Option<&str>,
        decision: Option<Decision>,
    ) -> Result<About> {
        let tool = if rule.is_exact() { self.meant(place, rule, meant) } else { Ok(None) };
        if decision != Some(Decision::Allow) {
            // What is forbidden is forbidden by its name.
            return Ok(About { servers: Vec::new(), tool: tool.unwrap_or_default() });
        }
        let (tool, servers) = (tool?, self.reached(place, rule).await?);
        match servers.is_empty() {
            true => Err(nothing(rule, "no server that it names is there")),
            false => Ok(About { servers, tool }),
        }
    }

    /// The one tool at PLACE that the exact RULE fits, called MEANT if that is
    /// known.
    fn meant(&self, place: &Place, rule: &Rule, meant: Option<&str>) -> Result<Option<Seen>> {
        let fits = |it: &Entry| rule.matches(it.running.name(), &it.tool.name);
        let is_meant = |it: &Entry| meant.is_none_or(|name| it.tool.name == name);
        let found = self.tools_for(place).into_iter().filter(|it| fits(it) && is_meant(it));
        let mut seen: Vec<Seen> = found.map(|it| Seen::of(&it.tool)).collect();
        seen.dedup();
        match seen.as_slice() {
            [only] => Ok(Some(only.clone())),
            [] => Err(nothing(rule, "no such tool is there now: start its server")),
            _ => Err(nothing(rule, "several tools look like that: decide when one is called")),
        }
    }

    /// The servers at PLACE that RULE reaches: as they run, or as they are
    /// written where they do not.
    async fn reached(&self, place: &Place, rule: &Rule) -> Result<Vec<Identity>> {
        let running = self.mcp.for_project(place.project()).into_iter();
        let running: Vec<Arc<Running>> =
            running.filter(|it| !it.is_over() && rule.reaches(it.name())).collect();
        let mut found: Vec<_> = running.iter().map(|it| it.identity.clone()).collect();
        for written in self.written_servers(place).await?.servers {
            let project = home_project(&written, place);
            let runs = running.iter().any(|it| it.is(&written.name, project));
            if rule.reaches(&written.name) && !runs {
                found.push(self.reading(place, &written).await?.identity);
            }
        }
        Ok(found)
    }
}

/// That RULE cannot allow anything because of WHY.
fn nothing(rule: &Rule, why: &str) -> Error {
    let what = format!("{rule} allows nothing: {why}");
    Error::new(ErrorKind::Config, what).advise("Look in M-x llm-switch-mcp")
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
