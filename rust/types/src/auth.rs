//! How a request proves who sends it.

use serde::{Deserialize, Serialize};

/// How a request proves who sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `Authorization: Bearer KEY` where the user gave a key, else nothing.
    OptionalBearer,
    /// `NAME: KEY`, such as `x-api-key`.
    Header(String),
}

/// Keys that must not be used although they would work: those of a
/// subscription whose terms forbid other programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RefusedKey {
    /// How such a key begins.
    pub prefix: String,
    /// Why not, and what to use.
    #[serde(flatten)]
    pub refused: Refused,
}

/// That something known is not used, why, and what to use instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Refused {
    /// Why, as the end of a sentence: `was closed on 2026-04-15`.
    pub reason: String,
    /// What to use instead, as one sentence without a full stop.
    pub instead: String,
}
