//! How much of its allowance an account has left.

use serde::{Deserialize, Serialize};

/// How much an account has left, as a service told it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Each allowance that was told; empty where the service tells nothing.
    pub windows: Vec<Window>,
}

/// One allowance: so much of something within some time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Window {
    /// What is counted: `requests`, `tokens`, `input-tokens`, `requests-day`,
    /// or a plan's window by its length, such as `plan-300m`, in percent; what
    /// a proxy passes on of the service behind it begins with `upstream-`.
    pub name: String,
    /// The allowance.
    pub limit: Option<u64>,
    /// What is left of it.
    pub remaining: Option<u64>,
    /// When it is full again, in Unix milliseconds.
    pub resets_at: Option<i64>,
}

impl Window {
    /// Whether it is the account's as a whole. Other limits are per model at
    /// most services, whose headers do not say so.
    pub fn is_of_account(&self) -> bool {
        let name = self.name.strip_prefix("upstream-").unwrap_or(&self.name);
        name == "plan" || name.starts_with("plan-")
    }
}

impl Limits {
    /// When all that is used up is full again, in Unix milliseconds.
    pub fn full_again(&self) -> Option<i64> {
        let empty = self.windows.iter().filter(|window| window.remaining == Some(0));
        empty.filter_map(|window| window.resets_at).max()
    }
}
