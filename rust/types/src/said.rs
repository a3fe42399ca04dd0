//! What a service itself said of a failure.

use crate::Limits;
use serde::{Deserialize, Serialize};

/// What a service itself said of a failure: no more than a person might be
/// shown, never its body or headers as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Said {
    /// Its codes, separated by spaces: `insufficient_quota`, `1113`.
    pub codes: String,
    /// The parameter that it names apart from its message, as OpenAI's `param`.
    pub parameter: String,
    /// Its message on one line.
    pub message: String,
    /// What it told of the account's allowances.
    pub limits: Limits,
}
