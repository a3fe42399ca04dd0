//! Which route a request goes to that leaves it to us.

use super::circumstances::Circumstances;
use super::rules::{Classifier, Rule, Rules};
use super::signs::Signs;
use crate::files::write_private;
use crate::intake::{Ask, Classified};
use llm_switch_types::{Purpose, Result};
use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often the user must have escalated what a rule decided in a project
/// until the rule goes one step up there by itself.
const ENOUGH: u32 = 2;

/// The rules, and what the user thought of them.
pub(crate) struct Auto {
    rules_file: PathBuf,
    rules: Mutex<Option<Arc<Rules>>>,
    table: Option<PathBuf>,
    escalations: OnceCell<Mutex<Vec<Escalation>>>,
    /// What the classifier said, by the text that it was shown.
    said: Mutex<HashMap<String, Classified>>,
}

/// How often the user asked again one step up what RULE had decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Escalation {
    pub(crate) project: String,
    pub(crate) rule: String,
    pub(crate) times: u32,
}

/// What was chosen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) tier: String,
    pub(crate) route: String,
    pub(crate) reason: String,
}

impl Chosen {
    /// `tier`, `route`, `reason`.
    pub(crate) fn value(&self) -> Value {
        json!({"tier": self.tier, "route": self.route, "reason": self.reason})
    }
}

impl Auto {
    /// With the rules beside CONFIG_FILE, if there are any, and a table of
    /// escalations in STATE_FOLDER.
    pub(crate) fn new(config_file: &Path, state_folder: Option<&Path>) -> Auto {
        Auto {
            rules_file: config_file.with_file_name("rules.toml"),
            rules: Mutex::default(),
            table: state_folder.map(|it| it.join("escalations.json")),
            escalations: OnceCell::new(),
            said: Mutex::default(),
        }
    }

    /// Read the rules again when they are next needed.
    pub(crate) fn forget_rules(&self) {
        *self.rules.lock() = None;
    }

    /// The route for ASK in CIRCUMSTANCES. An ASK that escalates is remembered,
    /// once: the turns of its tools belong to it.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Config`] when the rules are wrong.
    pub(crate) fn choose(
        &self,
        ask: &Ask,
        circumstances: &Circumstances,
    ) -> Result<Option<Chosen>> {
        let rules = self.rules()?;
        let Some(rule) = rules.first(&Signs::of(ask)) else { return Ok(None) };
        let (said, why) = match &ask.classified {
            Some(Classified { tier, by }) => (tier, format!("{by} takes it for {tier}")),
            None => (&rule.tier, rule.why.clone()),
        };
        let mut reasons = vec![why];
        let mut steps = 0;
        if self.learnt(ask.project.as_deref(), rule) {
            steps += 1;
            reasons.push("you escalated that here before".to_owned());
        }
        if ask.escalate {
            if ask.purpose != Purpose::ToolTurn {
                self.escalated(ask.project.as_deref(), rule);
            }
            steps += 1;
            reasons.push("asked again one step up".to_owned());
        } else if let Some(why) = circumstances.near_limit(&rules) {
            steps -= 1;
            reasons.push(why);
        }
        let tier = rules.moved(said, steps);
        let idle = circumstances.idle(&rules, tier, &mut reasons);
        let Some(route) = idle.or_else(|| rules.route(tier)) else { return Ok(None) };
        let (tier, route) = (tier.to_owned(), route.to_owned());
        Ok(Some(Chosen { tier, route, reason: reasons.join(", ") }))
    }

    /// Who says what tier ASK is of, where no rule knows; with the tiers.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Config`] when the rules are wrong.
    pub(crate) fn unsure(&self, ask: &Ask) -> Result<Option<(Classifier, Vec<String>)>> {
        let rules = self.rules()?;
        let is_unsure = || rules.first(&Signs::of(ask)).is_some_and(|it| rules.is_last(it));
        let classifier = rules.classifier.clone().filter(|_| !ask.escalate && is_unsure());
        Ok(classifier.map(|it| (it, rules.steps.clone())))
    }

    /// What was said of the request that begins with TEXT. The turns of its
    /// tools are of the same tier, and need not be asked about.
    pub(crate) fn said_of(&self, text: &str) -> Option<Classified> {
        self.said.lock().get(text).cloned()
    }

    /// SAID of the request that begins with TEXT.
    pub(crate) fn note(&self, text: String, said: Classified) {
        const MOST: usize = 100;
        let mut all = self.said.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(text, said);
    }

    pub(super) fn rules(&self) -> Result<Arc<Rules>> {
        let mut known = self.rules.lock();
        if let Some(rules) = known.as_ref() {
            return Ok(rules.clone());
        }
        let rules = Arc::new(Rules::load(&self.rules_file)?);
        *known = Some(rules.clone());
        Ok(rules)
    }

    fn learnt(&self, project: Option<&str>, rule: &Rule) -> bool {
        let is_it = |it: &Escalation| Some(it.project.as_str()) == project && it.rule == rule.name;
        self.table().lock().iter().any(|it| is_it(it) && it.times >= ENOUGH)
    }

    fn escalated(&self, project: Option<&str>, rule: &Rule) {
        let Some(project) = project else { return };
        let mut table = self.table().lock();
        let is_it = |it: &&mut Escalation| it.project == project && it.rule == rule.name;
        match table.iter_mut().find(is_it) {
            Some(row) => row.times += 1,
            None => table.push(Escalation {
                project: project.to_owned(),
                rule: rule.name.clone(),
                times: 1,
            }),
        }
        self.save(&table);
    }

    /// How often the user escalated what, and whether the rule has learnt it.
    pub(crate) fn escalations(&self) -> Value {
        let table = self.table().lock();
        let row = |it: &Escalation| {
            json!({"project": it.project, "rule": it.rule, "times": it.times,
                   "learnt": it.times >= ENOUGH})
        };
        table.iter().map(row).collect()
    }

    /// Forget what the user escalated in PROJECT, or everywhere; of RULE, or of
    /// all: how many rows.
    pub(crate) fn clear(&self, project: Option<&str>, rule: Option<&str>) -> usize {
        let is_meant = |it: &Escalation| {
            project.is_none_or(|name| it.project == name) && rule.is_none_or(|name| it.rule == name)
        };
        let mut table = self.table().lock();
        let before = table.len();
        table.retain(|it| !is_meant(it));
        self.save(&table);
        before - table.len()
    }

    fn table(&self) -> &Mutex<Vec<Escalation>> {
        let read = || {
            let bytes = std::fs::read(self.table.as_ref()?).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        self.escalations.get_or_init(|| Mutex::new(read().unwrap_or_default()))
    }

    /// The file is a convenience: where it cannot be written, what was learnt
    /// holds for this session.
    fn save(&self, table: &[Escalation]) {
        if let Some((file, json)) = self.table.as_ref().zip(serde_json::to_vec_pretty(table).ok()) {
            let _ = write_private(file, &json);
        }
    }
}
