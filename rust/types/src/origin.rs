//! Where a setting comes from.

use serde::{Deserialize, Serialize};

/// Where a setting comes from. On which line of the file it stands is asked
/// of the configuration: that is no part of what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The configuration file.
    File,
    /// Nobody wrote it: llm-switch comes with it.
    Default,
}
