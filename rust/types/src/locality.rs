//! How far away a provider is.

use serde::{Deserialize, Serialize};

/// How far away a provider is, the nearest first; what a mode may reach is
/// decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locality {
    /// This machine, reached over loopback.
    Local,
    /// A machine of the user's own network, listed as such by the user.
    Lan,
    /// The user's own gateway to other services.
    Proxy,
    /// Somebody else's machine.
    Cloud,
}

impl Locality {
    /// The word for it, in the configuration and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Lan => "lan",
            Self::Proxy => "proxy",
            Self::Cloud => "cloud",
        }
    }
}
