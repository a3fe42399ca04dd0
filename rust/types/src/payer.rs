//! Who pays.

use serde::{Deserialize, Serialize};

/// Who pays for what an account uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payer {
    /// Nobody: the user's own machine, or a free tier.
    Free,
    /// The user, per token.
    Metered,
    /// A subscription that is paid anyway.
    Plan,
}

impl Payer {
    /// The word for it, in the configuration, the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Metered => "metered",
            Self::Plan => "plan",
        }
    }
}
