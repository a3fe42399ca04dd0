//! Where a key is kept. The key itself never stands in the file.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where the key of an account is kept: `kind:place`.
///
/// Emacs looks it up when it is needed, so that auth-source, `pass` and the
/// user's own environment work as they do everywhere else in Emacs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeySource(String);

const KINDS: [&str; 6] = ["auth-source", "env", "file", "pass", "cmd", "gptel"];

impl TryFrom<String> for KeySource {
    type Error = String;

    /// The refusal does not repeat TEXT, for it may be a key.
    fn try_from(text: String) -> Result<Self, String> {
        let known = |kind: &str, place: &str| KINDS.contains(&kind) && !place.is_empty();
        match text.split_once(':') {
            Some((kind, place)) if known(kind, place) => Ok(KeySource(text)),
            _ => Err("a key does not stand in this file: write where it is kept, as \
                      \"auth-source:HOST\", \"env:NAME\", \"file:PATH#NAME\", \"pass:ENTRY\", \"cmd:COMMAND\" or \"gptel:BACKEND\""
                .into()),
        }
    }
}

impl From<KeySource> for String {
    fn from(source: KeySource) -> String {
        source.to_string()
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
