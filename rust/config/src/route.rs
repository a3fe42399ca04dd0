//! A route, as it is written.

use crate::amount::{Count, Dollars};
use crate::extra;
use crate::lines::Fault;
use llm_switch_types::{Deployment, Effort, Route, Strategy};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// `[route.NAME]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    #[serde(default)]
    r#use: Vec<Deployment>,
    #[serde(default)]
    strategy: Strategy,
    #[serde(default)]
    weights: Vec<Count>,
    max_output_tokens: Option<Count>,
    temperature: Option<f64>,
    effort: Option<Effort>,
    system: Option<String>,
    #[serde(default)]
    extra: Map<String, Value>,
    rpm: Option<Count>,
    tpm: Option<Count>,
    parallel: Option<Count>,
    max_cost: Option<Dollars>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    fallback: Vec<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    on_content_filter: bool,
    first_token_within: Option<Count>,
}

const HOTTEST: f64 = 2.0;

impl Table {
    /// The route called NAME.
    pub(crate) fn into_route(self, name: &str) -> Result<Route, Fault> {
        self.check()?;
        let weights = self.weights()?;
        let count = |count: Option<Count>| count.map(|Count(number)| number);
        Ok(Route {
            name: name.to_owned(),
            deployments: self.r#use,
            strategy: self.strategy,
            weights,
            max_output_tokens: count(self.max_output_tokens),
            temperature: self.temperature,
            effort: self.effort,
            system: self.system,
            extra: extra::read(self.extra)?,
            rpm: count(self.rpm),
            tpm: count(self.tpm),
            parallel: count(self.parallel),
            max_cost: self.max_cost.map(|Dollars(amount)| amount),
            tags: self.tags,
            fallback: self.fallback,
            strict: self.strict,
            on_content_filter: self.on_content_filter,
            first_token_within: count(self.first_token_within),
        })
    }

    fn check(&self) -> Result<(), Fault> {
        if self.r#use.is_empty() {
            let what = "a route needs somebody to ask: write use = [\"openai/gpt-5\"]";
            return Err(Fault::new("use", what));
        }
        no_repetition("use", self.r#use.iter().map(ToString::to_string))?;
        no_repetition("fallback", self.fallback.iter().cloned())?;
        no_repetition("tags", self.tags.iter().cloned())?;
        if let Some(tag) = self.tags.iter().find(|tag| !Deployment::is_account_name(tag)) {
            return Err(Fault::new(
                "tags",
                format!("the tag {tag:?} may hold only a-z, 0-9 and -"),
            ));
        }
        if let Some(hot) = self.temperature.filter(|it| !(0.0..=HOTTEST).contains(it)) {
            return Err(Fault::new(
                "temperature",
                format!("{hot} is no temperature: write 0 to {HOTTEST}"),
            ));
        }
        Ok(())
    }

    /// A weight for each deployment, or none where they play no part.
    fn weights(&self) -> Result<Vec<u32>, Fault> {
        let (weights, users) = (self.weights.len(), self.r#use.len());
        match (self.strategy, weights) {
            (Strategy::Weighted, _) if weights != users => {
                let what = format!("{weights} weights for {users} deployments: write one for each");
                Err(Fault::new("weights", format!("{what}, such as weights = [3, 1]")))
            }
            (Strategy::Weighted, _) | (_, 0) => self.weights.iter().map(weight).collect(),
            (other, _) => {
                let what = format!("weights play no part in strategy {:?}", other.name());
                Err(Fault::new("weights", format!("{what}: write strategy = \"weighted\"")))
            }
        }
    }
}

fn weight(Count(weight): &Count) -> Result<u32, Fault> {
    let fits = u32::try_from(*weight).ok().filter(|weight| *weight <= 1_000_000);
    fits.ok_or_else(|| {
        Fault::new("weights", format!("the weight {weight} is too much: write at most 1000000"))
    })
}

fn no_repetition(key: &str, words: impl Iterator<Item = String>) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for (index, word) in words.enumerate() {
        if !seen.insert(word.clone()) {
            let what = format!("{word:?} stands here twice: leave out one");
            return Err(Fault::new(format!("{key}[{index}]"), what));
        }
    }
    Ok(())
}
