//! What the user has decided about tools: which may run, and which are on.

use super::choice::{Choice, Decision, Lasting, Stored, may_concern};
use super::identity::{About, Subject};
use super::kept::Kept;
use llm_switch_config::mcp::McpRules;
use llm_switch_types::{Error, ErrorKind, Result, tool_rule::Rule};
use parking_lot::Mutex;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What was decided that concerns a project: for the session, for the project,
/// and everywhere.
pub(crate) struct Decided {
    levels: [Vec<Choice>; 3],
    /// What was kept and cannot be read.
    broken: Vec<Value>,
}

/// All decisions.
pub(crate) struct Choices {
    /// In the same form; each has its project, if there was one.
    session: Mutex<Vec<Choice>>,
    kept: Kept<Vec<Stored>>,
    file: Option<PathBuf>,
    /// It was told that some cannot be read.
    is_told: AtomicBool,
}

impl Choices {
    /// As they are kept in the folder STATE.
    pub(crate) fn new(state: Option<&Path>) -> Choices {
        let file = state.map(|it| it.join("mcp-tools.json"));
        let kept = Kept::new(file.clone());
        Choices { session: Mutex::default(), kept, file, is_told: AtomicBool::default() }
    }

    /// Decide DECISION for LASTING, in PROJECT, about what RULE names and what
    /// ABOUT says of that; `None` takes back what was decided there.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn decide(
        &self,
        rule: &Rule,
        decision: Option<Decision>,
        lasting: Lasting,
        project: Option<&Path>,
        about: About,
    ) -> Result<()> {
        let lasting = match (lasting, project) {
            (Lasting::Project, None) => Lasting::Session,
            (lasting, _) => lasting,
        };
        let project = project.filter(|_| lasting != Lasting::Always).map(Path::to_owned);
        // What is taken back needs no word of its own.
        let word = decision.unwrap_or(Decision::Ask);
        let new = Choice { rule: rule.clone(), decision: word, project, about, is_written: false };
        let gives_way = |it: &Choice| {
            let same_kind = decision.is_none() || it.decision.switches() == word.switches();
            same_kind && it.gives_way_to(&new)
        };
        if lasting == Lasting::Session {
            let mut session = self.session.lock();
            session.retain(|it| !gives_way(it));
            session.extend(decision.map(|_| new.clone()));
            return Ok(());
        }
        self.kept.change(|all| {
            all.retain(|it| !matches!(it, Stored::Choice(it) if gives_way(it)));
            all.extend(decision.map(|_| Stored::Choice(Box::new(new.clone()))));
        })
    }

    /// Whether the tool of SUBJECT may run, where WRITTEN stands in the
    /// configuration. What is denied anywhere is denied; else what was decided
    /// nearest counts.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn permission(&self, subject: Subject<'_>, written: &McpRules) -> Result<Decision> {
        Ok(self.of(subject.project)?.permission(subject, written))
    }

    /// Whether models are told of the tool of SUBJECT.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn is_on(&self, subject: Subject<'_>) -> Result<bool> {
        Ok(self.of(subject.project)?.is_on(subject))
    }

    /// What was decided that concerns PROJECT. It is read once, for as many
    /// tools as are asked about.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn of(&self, project: Option<&Path>) -> Result<Decided> {
        let here = |it: &Choice| it.project.as_deref() == project;
        let session = self.session.lock().iter().filter(|it| here(it)).cloned().collect();
        let (kept, broken) = self.kept()?;
        let (everywhere, in_projects): (Vec<_>, Vec<_>) =
            kept.into_iter().partition(|it| it.project.is_none());
        let in_project = in_projects.into_iter().filter(here).collect();
        Ok(Decided { levels: [session, in_project, everywhere], broken })
    }

    /// All that was decided for PROJECT, with how long it lasts, nearest first.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn all(&self, project: Option<&Path>) -> Result<Vec<(Lasting, Choice)>> {
        let session = self.session.lock().clone().into_iter().map(|it| (Lasting::Session, it));
        let kept = self.kept()?.0.into_iter().map(|it| match it.project {
            Some(_) => (Lasting::Project, it),
            None => (Lasting::Always, it),
        });
        let here = |(lasting, it): &(Lasting, Choice)| {
            *lasting == Lasting::Always || it.project.as_deref() == project
        };
        Ok(session.chain(kept).filter(here).collect())
    }

    /// What is to be told of decisions that cannot be read, once.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn trouble(&self) -> Result<Option<Error>> {
        let count = self.kept()?.1.len();
        if count == 0 || self.is_told.swap(true, Ordering::Relaxed) {
            return Ok(None);
        }
        let what = format!(
            "{count} of your decisions about MCP tools cannot be read, so you are asked about \
             the tools of the servers that they may be about"
        );
        let file = self.file.clone().unwrap_or_default();
        let error = Error::new(ErrorKind::Mcp, what).at(file.display());
        Ok(Some(error.advise("Take the wrong entries out of the file, and decide anew")))
    }

    /// What is kept, and what of that cannot be read.
    fn kept(&self) -> Result<(Vec<Choice>, Vec<Value>)> {
        let (mut choices, mut broken) = (Vec::new(), Vec::new());
        for stored in self.kept.get()? {
            match stored.choice() {
                Ok(choice) => choices.push(choice),
                Err(value) => broken.push(value),
            }
        }
        Ok((choices, broken))
    }
}

impl Decided {
    /// Whether the tool of SUBJECT may run; see [`Choices::permission`].
    pub(crate) fn permission(&self, subject: Subject<'_>, written: &McpRules) -> Decision {
        let config = of_config(written);
        let levels = || self.levels.iter().chain([&config]);
        let named = |level: &[Choice], decision| level.iter().any(|it| it.is(decision, subject));
        if levels().any(|level| named(level, Decision::Deny)) {
            return Decision::Deny;
        }
        if self.is_broken_for(subject) {
            return Decision::Ask;
        }
        let decided = levels().find_map(|level| {
            let either = [Decision::Ask, Decision::Allow];
            either.into_iter().find(|decision| named(level, *decision))
        });
        decided.unwrap_or(Decision::Ask)
    }

    /// Whether what cannot be read may have denied SUBJECT.
    fn is_broken_for(&self, subject: Subject<'_>) -> bool {
        let concerns = |it: &Value| may_concern(it, &subject.server.server, subject.project);
        self.broken.iter().any(concerns)
    }

    /// Whether models are told of the tool of SUBJECT.
    pub(crate) fn is_on(&self, subject: Subject<'_>) -> bool {
        let switch = |level: &Vec<Choice>| {
            let mut named = level.iter().filter(|it| it.switches(subject));
            // One tool is meant more than a whole server.
            let exact = named.clone().find(|it| it.rule.is_exact());
            exact.or_else(|| named.next()).map(|it| it.decision == Decision::On)
        };
        self.levels.iter().find_map(switch).unwrap_or(true)
    }
}

fn of_config(written: &McpRules) -> Vec<Choice> {
    let all = [
        (Decision::Allow, &written.allow),
        (Decision::Ask, &written.ask),
        (Decision::Deny, &written.deny),
    ];
    let choice = |decision, rule: &Rule| {
        let (project, about) = Default::default();
        Choice { rule: rule.clone(), decision, project, about, is_written: true }
    };
    all.into_iter()
        .flat_map(|(decision, rules)| rules.iter().map(move |it| choice(decision, it)))
        .collect()
}

#[cfg(test)]
mod tests;
