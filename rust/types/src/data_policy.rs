//! What a service says about the data that it is sent.

use serde::{Deserialize, Serialize};

/// What a service says about the data that it is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct DataPolicy {
    /// Whether it keeps prompts and answers.
    pub keeps: Practice,
    /// Whether it trains models on them.
    pub trains: Practice,
}

/// Whether a service does something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Practice {
    /// Nobody has read what it says, which a cautious mode takes for yes.
    #[default]
    Unknown,
    /// It does.
    Yes,
    /// It does unless the user objects.
    OptOut,
    /// It does not.
    No,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One weak source, or the user's word.
    #[default]
    Low,
    /// Widely used programs rely on it.
    Medium,
    /// The service itself says so.
    High,
}
