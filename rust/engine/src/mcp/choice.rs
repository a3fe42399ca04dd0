//! A decision about tools.

use super::identity::{About, Seen, Subject};
use llm_switch_types::tool_rule::Rule;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// What is decided about whatever a rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Decision {
    /// It runs unasked.
    Allow,
    /// The user is asked.
    Ask,
    /// It does not run.
    Deny,
    /// Models are told of it.
    On,
    /// They are not.
    Off,
}

/// How long and where a decision holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Lasting {
    /// In this Emacs, in this project.
    Session,
    /// In this project; where there is none, as for the session: it must not
    /// become everywhere.
    Project,
    /// Everywhere.
    Always,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choice {
    pub(crate) rule: Rule,
    pub(crate) decision: Decision,
    /// Where it holds; everywhere without.
    #[serde(default)]
    pub(crate) project: Option<PathBuf>,
    #[serde(flatten)]
    pub(crate) about: About,
    /// The user wrote it into the configuration, by names alone.
    #[serde(skip)]
    pub(crate) is_written: bool,
}

/// A decision as it is kept, or what cannot be read as one. That is kept too:
/// it may be of a later version.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Stored {
    Choice(Box<Choice>),
    Broken(Value),
}

impl Choice {
    /// Whether this is DECISION about SUBJECT.
    pub(crate) fn is(&self, decision: Decision, subject: Subject<'_>) -> bool {
        let counts = decision != Decision::Allow || self.may_allow(subject);
        self.decision == decision && self.names(subject) && counts
    }

    /// Whether it says whether SUBJECT is on.
    pub(crate) fn switches(&self, subject: Subject<'_>) -> bool {
        let holds = self.decision == Decision::Off || !self.is_strange_to(subject);
        self.decision.switches() && holds && self.names(subject)
    }

    /// Whether its rule and the tool that was meant are SUBJECT's.
    fn names(&self, subject: Subject<'_>) -> bool {
        let is_meant = |it: &Seen| it.name == subject.tool.name;
        self.rule.matches(&subject.server.server, &subject.tool.name)
            && self.about.tool.as_ref().is_none_or(is_meant)
    }

    /// Whether it can allow SUBJECT, which it names. A rule for several tools
    /// allows none that may destroy something: such a tool is allowed by its
    /// name.
    fn may_allow(&self, subject: Subject<'_>) -> bool {
        let is_exact = self.rule.is_exact();
        if self.is_strange_to(subject) || (subject.tool.hints.destructive && !is_exact) {
            return false;
        }
        match self.is_written {
            true => !(is_exact && subject.is_alike),
            false => self.knows(subject),
        }
    }

    /// Whether SUBJECT is still what the user saw: a program or a tool that
    /// only bears its name is another.
    fn knows(&self, subject: Subject<'_>) -> bool {
        let is_same = || self.about.tool.as_ref().is_some_and(|it| *it == Seen::of(subject.tool));
        self.about.servers.contains(subject.server) && (!self.rule.is_exact() || is_same())
    }

    /// Whether it was decided everywhere and SUBJECT is there in one project.
    fn is_strange_to(&self, subject: Subject<'_>) -> bool {
        subject.is_foreign() && self.project.is_none()
    }

    /// Whether NEW, decided later, takes its place. What is about all tools
    /// that one rule fits does not stay beside what is about one of them.
    pub(crate) fn gives_way_to(&self, new: &Choice) -> bool {
        let tools = self.about.tool.as_ref().zip(new.about.tool.as_ref());
        self.rule == new.rule
            && self.project == new.project
            && tools.is_none_or(|(one, other)| one.name == other.name)
    }
}

impl Decision {
    /// Whether it is about being on.
    pub(crate) fn switches(self) -> bool {
        matches!(self, Decision::On | Decision::Off)
    }
}

impl Stored {
    /// The decision, where it can be read.
    pub(crate) fn choice(self) -> Result<Choice, Value> {
        match self {
            Stored::Choice(choice) => Ok(*choice),
            Stored::Broken(value) => Err(value),
        }
    }
}

/// Whether BROKEN, which cannot be read as a decision, may have been one about
/// SERVER in PROJECT: nobody knows that it was no refusal.
pub(crate) fn may_concern(broken: &Value, server: &str, project: Option<&Path>) -> bool {
    let is_here = broken["project"].as_str().is_none_or(|it| Some(Path::new(it)) == project);
    let rule = broken["rule"].as_str().unwrap_or_default();
    let named = rule.strip_prefix("mcp__").map(|rest| rest.split("__").next().unwrap_or(rest));
    let of_server = |name: &str| format!("mcp__{name}").parse::<Rule>();
    let reaches = named.and_then(|name| of_server(name).ok()).is_none_or(|it| it.reaches(server));
    is_here && reaches
}
