//! A name for an intent, and who can serve it.

use crate::{Deployment, Effort, Money};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A name for an intent, such as `coding-best`, and who can serve it.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its name: `[a-z0-9-]+`.
    pub name: String,
    /// Who can serve it, the most wanted first; never empty, none twice.
    pub deployments: Vec<Deployment>,
    /// Who of them is asked.
    pub strategy: Strategy,
    /// How often each deployment is asked, in proportion to the others: one
    /// for each if the strategy is [`Strategy::Weighted`], else empty.
    pub weights: Vec<u32>,
    /// The most tokens an answer may have.
    pub max_output_tokens: Option<u64>,
    /// How freely the model chooses its words: 0 to 2.
    pub temperature: Option<f64>,
    /// How much the model reasons.
    pub effort: Option<Effort>,
    /// What stands before the user's own system prompt.
    pub system: Option<String>,
    /// Further parameters, passed on to the service as they are.
    pub extra: Map<String, Value>,
    /// The most requests in a minute.
    pub rpm: Option<u64>,
    /// The most tokens in a minute.
    pub tpm: Option<u64>,
    /// The most requests at once.
    pub parallel: Option<u64>,
    /// The most that one request may cost.
    pub max_cost: Option<Money>,
    /// Words by which routes and spend are grouped: `[a-z0-9-]+`.
    pub tags: Vec<String>,
    /// Routes to take when nobody here can serve, in turn. They lead nowhere
    /// back.
    pub fallback: Vec<String>,
    /// Whether an answer of another model than the one that was asked is
    /// refused.
    pub strict: bool,
    /// How many seconds the first piece of an answer may take until the next
    /// one is asked.
    pub first_token_within: Option<u64>,
    /// Whether to go on to the next when a service withholds its answer.
    pub on_content_filter: bool,
}

/// Who of those that can serve is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The first that can.
    #[default]
    Ordered,
    /// The one that costs least.
    Cheapest,
    /// The one that answers soonest.
    Fastest,
    /// The one that has least to do.
    LeastBusy,
    /// Each in proportion to its weight.
    Weighted,
}

impl Route {
    /// The routes that are there without configuration, as far as somebody can
    /// serve them.
    pub const BUILT_IN: [&'static str; 4] =
        ["coding-best", "coding-cheap", "coding-local", "coding-auto"];
}

impl Strategy {
    /// The word for it, in the configuration and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Cheapest => "cheapest",
            Self::Fastest => "fastest",
            Self::LeastBusy => "least-busy",
            Self::Weighted => "weighted",
        }
    }
}
