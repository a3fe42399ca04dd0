//! What the user has decided about tools: which may run, and which are on.

use super::kept::Kept;
use llm_switch_config::mcp::McpRules;
use llm_switch_types::{Result, tool_rule::Rule};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
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
pub(crate) enum Scope {
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
}

/// A tool that is decided about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) server: &'a str,
    pub(crate) tool: &'a str,
    /// Its server says that it may destroy something, or does not say that it
    /// cannot.
    pub(crate) destructive: bool,
    /// A repository brought its server: what was allowed everywhere was not
    /// about this one, even if it bears the same name.
    pub(crate) foreign: bool,
    pub(crate) project: Option<&'a Path>,
}

/// What was decided that concerns a project: for the session, for the project,
/// and everywhere.
pub(crate) struct Decided([Vec<Choice>; 3]);

/// All decisions.
pub(crate) struct Choices {
    /// In the same form; each has its project, if there was one.
    session: Mutex<Vec<Choice>>,
    kept: Kept<Vec<Choice>>,
}

impl Choices {
    /// As they are kept in the folder STATE.
    pub(crate) fn new(state: Option<&Path>) -> Choices {
        let kept = Kept::new(state.map(|it| it.join("mcp-tools.json")));
        Choices { session: Mutex::default(), kept }
    }

    /// Decide DECISION for SCOPE, in PROJECT, about what RULE names; `None`
    /// takes back what was decided there.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn decide(
        &self,
        rule: &Rule,
        decision: Option<Decision>,
        scope: Scope,
        project: Option<&Path>,
    ) -> Result<()> {
        let scope = match (scope, project) {
            (Scope::Project, None) => Scope::Session,
            (scope, _) => scope,
        };
        let place = project.filter(|_| scope != Scope::Always).map(Path::to_owned);
        let change = |all: &mut Vec<Choice>| {
            let same_kind = |it: &Choice| {
                decision.is_none_or(|decision| it.decision.switches() == decision.switches())
            };
            all.retain(|it| it.rule != *rule || it.project != place || !same_kind(it));
            all.extend(decision.map(|decision| Choice {
                rule: rule.clone(),
                decision,
                project: place.clone(),
            }));
        };
        if scope == Scope::Session {
            change(&mut self.session.lock());
            return Ok(());
        }
        self.kept.change(change)
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
        let (everywhere, in_projects): (Vec<_>, Vec<_>) =
            self.kept.get()?.into_iter().partition(|it| it.project.is_none());
        let in_project = in_projects.into_iter().filter(here).collect();
        Ok(Decided([session, in_project, everywhere]))
    }

    /// All that was decided for PROJECT, with its scope, nearest first.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn all(&self, project: Option<&Path>) -> Result<Vec<(Scope, Choice)>> {
        let session = self.session.lock().clone().into_iter().map(|it| (Scope::Session, it));
        let kept = self.kept.get()?.into_iter().map(|it| match it.project {
            Some(_) => (Scope::Project, it),
            None => (Scope::Always, it),
        });
        let here = |(scope, it): &(Scope, Choice)| {
            *scope == Scope::Always || it.project.as_deref() == project
        };
        Ok(session.chain(kept).filter(here).collect())
    }
}

impl Decided {
    /// Whether the tool of SUBJECT may run; see [`Choices::permission`].
    pub(crate) fn permission(&self, subject: Subject<'_>, written: &McpRules) -> Decision {
        let config = of_config(written);
        let levels = || self.0.iter().chain([&config]);
        let named = |level: &[Choice], decision| level.iter().any(|it| it.is(decision, subject));
        if levels().any(|level| named(level, Decision::Deny)) {
            return Decision::Deny;
        }
        let decided = levels().find_map(|level| {
            let either = [Decision::Ask, Decision::Allow];
            either.into_iter().find(|decision| named(level, *decision))
        });
        decided.unwrap_or(Decision::Ask)
    }

    /// Whether models are told of the tool of SUBJECT.
    pub(crate) fn is_on(&self, subject: Subject<'_>) -> bool {
        let switch = |level: &Vec<Choice>| {
            let mut named = level.iter().filter(|it| it.switches(subject));
            // One tool is meant more than a whole server.
            let exact = named.clone().find(|it| it.rule.is_exact());
            exact.or_else(|| named.next()).map(|it| it.decision == Decision::On)
        };
        self.0.iter().find_map(switch).unwrap_or(true)
    }
}

impl Choice {
    /// Whether this is DECISION about SUBJECT. A rule for several tools allows
    /// none that may destroy something: such a tool is allowed by its name.
    fn is(&self, decision: Decision, subject: Subject<'_>) -> bool {
        let far = (subject.destructive && !self.rule.is_exact()) || self.is_strange_to(subject);
        let counts = decision != Decision::Allow || !far;
        self.decision == decision && counts && self.rule.matches(subject.server, subject.tool)
    }

    /// Whether it says whether SUBJECT is on.
    fn switches(&self, subject: Subject<'_>) -> bool {
        self.decision.switches()
            && !self.is_strange_to(subject)
            && self.rule.matches(subject.server, subject.tool)
    }

    /// Whether it was decided everywhere and SUBJECT is there in one project.
    fn is_strange_to(&self, subject: Subject<'_>) -> bool {
        subject.foreign && self.project.is_none()
    }
}

impl Decision {
    /// Whether it is about being on.
    fn switches(self) -> bool {
        matches!(self, Decision::On | Decision::Off)
    }
}

fn of_config(written: &McpRules) -> Vec<Choice> {
    let all = [
        (Decision::Allow, &written.allow),
        (Decision::Ask, &written.ask),
        (Decision::Deny, &written.deny),
    ];
    let choice = |decision, rule: &Rule| Choice { rule: rule.clone(), decision, project: None };
    all.into_iter()
        .flat_map(|(decision, rules)| rules.iter().map(move |it| choice(decision, it)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Allow, Ask, Deny, Off, On};

    const HERE: &str = "/work/here";

    fn subject(tool: &str) -> Subject<'_> {
        let project = Some(Path::new(HERE));
        Subject { server: "git", tool, destructive: false, foreign: false, project }
    }

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    fn choices(decided: &[(&str, Decision, Scope)]) -> Choices {
        let choices = Choices::new(None);
        for (text, decision, scope) in decided {
            choices.decide(&rule(text), Some(*decision), *scope, Some(Path::new(HERE))).unwrap();
        }
        choices
    }

    fn permission(choices: &Choices, subject: Subject<'_>) -> Decision {
        choices.permission(subject, &McpRules::default()).unwrap()
    }

    #[test]
    fn nothing_runs_unasked_by_itself() {
        assert_eq!(permission(&choices(&[]), subject("status")), Ask);
    }

    #[test]
    fn what_is_nearest_counts_and_what_is_denied_stays_denied() {
        let of = |decided: &[_]| permission(&choices(decided), subject("status"));
        let tool = "mcp__git__status";
        assert_eq!(of(&[(tool, Ask, Scope::Always), (tool, Allow, Scope::Session)]), Allow);
        assert_eq!(of(&[(tool, Allow, Scope::Always), (tool, Ask, Scope::Project)]), Ask);
        assert_eq!(of(&[(tool, Deny, Scope::Always), (tool, Allow, Scope::Session)]), Deny);
        assert_eq!(of(&[("mcp__git__*", Allow, Scope::Project)]), Allow);
    }

    #[test]
    fn a_rule_for_a_server_allows_nothing_that_may_destroy() {
        let destructive = Subject { destructive: true, ..subject("reset") };
        let of = |text| permission(&choices(&[(text, Allow, Scope::Always)]), destructive);
        assert_eq!(of("mcp__git__*"), Ask);
        assert_eq!(of("mcp__git__reset"), Allow);
    }

    #[test]
    fn what_was_allowed_everywhere_is_not_about_what_a_repository_brought() {
        let foreign = Subject { foreign: true, ..subject("status") };
        let allowed = choices(&[("mcp__git__status", Allow, Scope::Always)]);
        assert_eq!(permission(&allowed, foreign), Ask);
        let written = McpRules { allow: vec![rule("mcp__*")], ..McpRules::default() };
        assert_eq!(choices(&[]).permission(foreign, &written).unwrap(), Ask);
        let here = choices(&[("mcp__git__status", Allow, Scope::Project)]);
        assert_eq!(permission(&here, foreign), Allow);
    }

    #[test]
    fn what_was_denied_everywhere_is_about_what_a_repository_brought_too() {
        let foreign = Subject { foreign: true, ..subject("status") };
        let denied = choices(&[
            ("mcp__git__*", Deny, Scope::Always),
            ("mcp__git__status", Allow, Scope::Project),
        ]);
        assert_eq!(permission(&denied, foreign), Deny);
        let written = McpRules { deny: vec![rule("mcp__git")], ..McpRules::default() };
        assert_eq!(choices(&[]).permission(foreign, &written).unwrap(), Deny);
    }

    #[test]
    fn what_is_decided_for_a_project_where_there_is_none_holds_for_the_session() {
        let choices = Choices::new(None);
        let tool = rule("mcp__git__status");
        choices.decide(&tool, Some(Allow), Scope::Project, None).unwrap();
        assert_eq!(permission(&choices, subject("status")), Ask);
        let nowhere = Subject { project: None, ..subject("status") };
        assert_eq!(permission(&choices, nowhere), Allow);
        assert_eq!(choices.all(None).unwrap()[0].0, Scope::Session);
    }

    #[test]
    fn what_was_decided_in_one_project_holds_there() {
        let choices = choices(&[
            ("mcp__git__status", Allow, Scope::Project),
            ("mcp__git__log", Allow, Scope::Session),
        ]);
        let elsewhere = Some(Path::new("/work/there"));
        for tool in ["status", "log"] {
            assert_eq!(permission(&choices, subject(tool)), Allow);
            assert_eq!(permission(&choices, Subject { project: elsewhere, ..subject(tool) }), Ask);
        }
    }

    #[test]
    fn the_configuration_is_asked_last() {
        let written = McpRules { allow: vec![rule("mcp__git")], ..McpRules::default() };
        let of = |choices: &Choices| choices.permission(subject("status"), &written).unwrap();
        assert_eq!(of(&choices(&[])), Allow);
        assert_eq!(of(&choices(&[("mcp__git__status", Ask, Scope::Always)])), Ask);
    }

    #[test]
    fn a_tool_that_is_on_stays_on_in_a_server_that_is_off() {
        let choices = choices(&[
            ("mcp__git__*", Off, Scope::Always),
            ("mcp__git__status", On, Scope::Always),
        ]);
        let is_on = |tool| choices.is_on(subject(tool)).unwrap();
        assert_eq!((is_on("status"), is_on("log")), (true, false));
    }

    #[test]
    fn what_is_decided_anew_takes_the_place_of_what_was() {
        let choices = choices(&[
            ("mcp__git__status", Allow, Scope::Project),
            ("mcp__git__status", Off, Scope::Project),
            ("mcp__git__status", Deny, Scope::Project),
        ]);
        assert_eq!(choices.all(Some(Path::new(HERE))).unwrap().len(), 2);
        let forget =
            choices.decide(&rule("mcp__git__status"), None, Scope::Project, Some(Path::new(HERE)));
        forget.unwrap();
        assert_eq!(permission(&choices, subject("status")), Ask);
        assert!(choices.is_on(subject("status")).unwrap());
    }
}
