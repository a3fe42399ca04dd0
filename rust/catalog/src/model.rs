//! A model at a provider.

use crate::{Circumstances, Price};
use jiff::civil::Date;
use llm_switch_types::{Basis, Cost, Usage};
use serde::Deserialize;

/// What is known of a model at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// `provider/model`.
    pub name: String,
    /// How many tokens it can be sent, or handle at all: sources differ.
    pub context: Option<u64>,
    /// How many tokens it can answer.
    pub max_output: Option<u64>,
    /// What it can do, as far as is known.
    pub capabilities: Vec<Capability>,
    /// The words for how hard it may think, least first; empty when it has
    /// none or they are not known.
    pub efforts: Vec<String>,
    /// It can be told not to think.
    pub thinking_optional: bool,
    /// It takes a temperature.
    pub temperature: bool,
    /// The day from which the service may withdraw it.
    pub deprecated: Option<Date>,
    /// The price, where one is known.
    pub price: Option<Price>,
}

/// Something that not every model can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Call tools.
    Tools,
    /// Call several tools in one turn.
    ParallelTools,
    /// See images.
    Vision,
    /// Think before it answers.
    Reasoning,
    /// Answer in a JSON schema.
    JsonSchema,
    /// Have the beginning of its prompt cached.
    Cache,
    /// Hear audio.
    Audio,
    /// Read PDF files.
    Pdf,
    /// Search the web by itself.
    Search,
}

impl Model {
    /// Whether it is known to be able to do WHAT.
    pub fn can(&self, what: Capability) -> bool {
        self.capabilities.contains(&what)
    }

    /// What USAGE of it costs in CIRCUMSTANCES.
    pub fn cost(&self, usage: &Usage, circumstances: &Circumstances) -> Cost {
        let priced = self.price.as_ref().and_then(|it| Some((it, it.of(usage, circumstances)?)));
        priced.map_or(Cost::UNKNOWN, |(price, amount)| Cost {
            amount: Some(amount),
            basis: Basis::Computed,
            price: Some(format!("{}@{}", self.name, price.as_of)),
        })
    }
}
