//! Which tier a request is of, by rules that the user can read and change.

use super::signs::{Signs, phrase};
use llm_switch_types::{Deployment, Error, ErrorKind, Purpose, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is asked of whom, as the file says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Rules {
    /// The tiers from the least to the most.
    pub(crate) steps: Vec<String>,
    /// Above how much of a budget one goes a step down.
    pub(crate) near_limit_percent: Option<u32>,
    pub(crate) idle: Option<Idle>,
    pub(crate) classifier: Option<Classifier>,
    /// The route of each tier.
    route: BTreeMap<String, String>,
    rule: Vec<Rule>,
}

/// Who does the work of some tiers where that costs nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Idle {
    pub(crate) tiers: Vec<String>,
    pub(crate) route: String,
}

/// A small model that is asked for the tier where no rule knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Classifier {
    #[serde(rename = "use")]
    pub(crate) deployment: Deployment,
    #[serde(default = "usual_patience")]
    pub(crate) within_ms: u64,
    /// It need not be on this machine.
    #[serde(default)]
    pub(crate) network: bool,
}

const fn usual_patience() -> u64 {
    300
}

/// One rule: all that it says must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) tier: String,
    pub(crate) why: String,
    words: Vec<String>,
    without: Vec<String>,
    starts: Vec<String>,
    pasted: Vec<String>,
    asks: Option<bool>,
    code: Option<bool>,
    at_least_words: Option<usize>,
    at_most_words: Option<usize>,
    images: Option<bool>,
    input_above: Option<u64>,
    input_below: Option<u64>,
    tools_at_least: Option<usize>,
    tool_turns_at_least: Option<usize>,
    failures_at_least: Option<u64>,
    purposes: Vec<Purpose>,
    languages: Vec<String>,
}

impl Rules {
    /// The rules in FILE, or those that come with this version where there is
    /// no such file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with the file, and the line in the message.
    pub(crate) fn load(file: &Path) -> Result<Rules> {
        match std::fs::read_to_string(file) {
            Ok(text) => Rules::parse(&text).map_err(|error| error.at(file.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Rules::parse(include_str!("rules.toml"))
            }
            Err(error) => Err(wrong(format!("cannot be read: {error}")).at(file.display())),
        }
    }

    fn parse(text: &str) -> Result<Rules> {
        let mut rules: Rules = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let mut names = BTreeSet::new();
        for rule in &mut rules.rule {
            if rule.name.is_empty() || !names.insert(rule.name.clone()) {
                return Err(wrong(format!(
                    "two rules are called {:?}: give each its name",
                    rule.name
                )));
            }
            if !rules.route.contains_key(&rule.tier) {
                return Err(wrong(format!("rule {:?} has a tier without a route", rule.name)));
            }
            let phrases = rule.words.iter_mut().chain(&mut rule.starts).chain(&mut rule.without);
            phrases.for_each(|it| *it = phrase(it));
        }
        Ok(rules)
    }

    /// The first rule that holds for SIGNS.
    pub(crate) fn first(&self, signs: &Signs) -> Option<&Rule> {
        self.rule.iter().find(|rule| rule.holds(signs))
    }

    /// Whether RULE is the one for what no other holds for.
    pub(crate) fn is_last(&self, rule: &Rule) -> bool {
        self.rule.last().is_some_and(|it| it.name == rule.name)
    }

    /// The tier STEPS above TIER, or below it where that is negative. A step
    /// leads to another route: to ask the same again is none. The last or first
    /// one where there are not so many; what is no step of the ladder stays.
    pub(crate) fn moved<'a>(&'a self, tier: &'a str, steps: isize) -> &'a str {
        let Some(mut at) = self.steps.iter().position(|it| it == tier) else { return tier };
        let differs =
            |at: usize, it: usize| self.route(&self.steps[it]) != self.route(&self.steps[at]);
        for _ in 0..steps.unsigned_abs() {
            let next = match steps > 0 {
                true => (at + 1..self.steps.len()).find(|it| differs(at, *it)),
                false => (0..at).rev().find(|it| differs(at, *it)),
            };
            at = next.unwrap_or(at);
        }
        &self.steps[at]
    }

    /// The route of TIER.
    pub(crate) fn route(&self, tier: &str) -> Option<&str> {
        self.route.get(tier).map(String::as_str)
    }
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::Config, what).advise("Correct the rules, or remove that file")
}

impl Rule {
    fn holds(&self, signs: &Signs) -> bool {
        let any = |phrases: &[String], found: &dyn Fn(&str) -> bool| {
            phrases.is_empty() || phrases.iter().any(|it| found(it))
        };
        any(&self.words, &|it| signs.text.contains(it))
            && !self.without.iter().any(|it| signs.text.contains(it))
            && any(&self.starts, &|it| signs.text.starts_with(it))
            && any(&self.pasted, &|it| signs.raw.contains(it))
            && self.asks.is_none_or(|it| it == signs.asks)
            && self.code.is_none_or(|it| it == signs.code)
            && self.at_least_words.is_none_or(|least| signs.words() >= least)
            && self.at_most_words.is_none_or(|most| signs.words() <= most)
            && self.images.is_none_or(|it| it == signs.images)
            && self.input_above.is_none_or(|it| signs.input > it)
            && self.input_below.is_none_or(|it| signs.input < it)
            && self.tools_at_least.is_none_or(|it| signs.tools >= it)
            && self.tool_turns_at_least.is_none_or(|it| signs.tool_turns >= it)
            && self.failures_at_least.is_none_or(|it| signs.failures >= it)
            && (self.purposes.is_empty()
                || signs.purpose.is_some_and(|it| self.purposes.contains(&it)))
            && (self.languages.is_empty()
                || signs.language.as_ref().is_some_and(|it| self.languages.contains(it)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(text: &str) -> Signs {
        Signs::said(text)
    }

    fn tier(signs: &Signs) -> String {
        let rules = Rules::parse(include_str!("rules.toml")).unwrap();
        rules.first(signs).unwrap().tier.clone()
    }

    #[test]
    fn what_stands_in_code_is_not_what_is_asked() {
        assert_eq!(tier(&signs("Rename x to y:\n```\nfn refactor() { panic!() }\n```")), "quick");
        assert_eq!(tier(&signs("Refactor this:\n```\nrename(x)\n```")), "best");
    }

    #[test]
    fn words_are_whole_words_and_stems_are_stems() {
        let rule = Rule { words: vec![phrase("sort"), phrase("refactor*")], ..Rule::default() };
        for (text, holds) in [
            ("Sort it", true),
            ("What sorts?", false),
            ("Refactoring!", true),
            ("prefactor", false),
        ] {
            assert_eq!(rule.holds(&signs(text)), holds, "{text}");
        }
    }

    #[test]
    fn a_step_ends_at_the_top_and_at_the_bottom() {
        let rules = Rules::parse(include_str!("rules.toml")).unwrap();
        let moves = [("quick", 1), ("cheap", 1), ("best", 1), ("quick", 9), ("vision", 1)];
        let moved = moves.map(|(tier, steps)| rules.moved(tier, steps).to_owned());
        assert_eq!(moved, ["best", "best", "best", "best", "vision"], "two have one route");
        assert_eq!([rules.moved("best", -1), rules.moved("quick", -1)], ["cheap", "quick"]);
    }

    #[test]
    fn the_rules_in_the_manual_are_understood() {
        let manual = include_str!("../../../../README.org");
        let (_, rules) = manual.split_once("#+begin_src toml :tangle rules.toml\n").unwrap();
        let rules = Rules::parse(rules.split_once("#+end_src").unwrap().0).unwrap();
        assert_eq!(rules.rule.len(), 2);
        assert!(rules.classifier.is_some() && rules.idle.is_some());
    }

    #[test]
    fn a_rule_that_nobody_understands_is_told() {
        let tables = "steps = []\n[route]\ny = 'z'\n";
        let rule = |name: &str, tier: &str| {
            format!("[[rule]]\nname = '{name}'\ntier = '{tier}'\nwhy = ''\n")
        };
        let [no_tier, no_name] = [rule("x", "n"), rule("", "y")].map(|it| format!("{tables}{it}"));
        let twice = format!("{tables}{}{}", rule("x", "y"), rule("x", "y"));
        for text in ["steps = []", &no_tier, &no_name, &twice] {
            assert_eq!(Rules::parse(text).unwrap_err().kind, ErrorKind::Config, "{text}");
        }
    }
}
