//! Why a request is made.

use serde::{Deserialize, Serialize};

/// Why a request is made. No request goes out without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A turn of a chat.
    Chat,
    /// A rewrite of a region.
    Rewrite,
    /// An org source block.
    Org,
    /// The turn after a tool has run.
    ToolTurn,
    /// One of several answers to the same prompt.
    Compare,
    /// A check of an account.
    Probe,
    /// The question what kind of request another one is.
    Classify,
    /// A question that an MCP server asks a model.
    Sampling,
}

impl Purpose {
    /// All of them, in the order of the declaration.
    pub const ALL: [Purpose; 8] = [
        Self::Chat,
        Self::Rewrite,
        Self::Org,
        Self::ToolTurn,
        Self::Compare,
        Self::Probe,
        Self::Classify,
        Self::Sampling,
    ];

    /// The word for it, in the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Rewrite => "rewrite",
            Self::Org => "org",
            Self::ToolTurn => "tool-turn",
            Self::Compare => "compare",
            Self::Probe => "probe",
            Self::Classify => "classify",
            Self::Sampling => "sampling",
        }
    }
}
