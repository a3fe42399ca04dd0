//! Where a setting comes from.

use serde::{Deserialize, Serialize};

/// Where a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The configuration file, with the line on which it begins, from 1.
    Line(usize),
    /// Nobody wrote it: llm-switch comes with it.
    Default,
}
