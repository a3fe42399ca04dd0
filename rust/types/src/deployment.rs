//! The thing that can be called.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An account and a model at it, written `account/model`.
///
/// The split is at the first `/`, because the names of models hold `/` and
/// `:` themselves (`openrouter/anthropic/claude-sonnet-5`, `ollama/qwen3:8b`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Deployment {
    /// The account's name: `[a-z0-9-]+`.
    pub account: String,
    /// The model's name, as the service knows it.
    pub model: String,
}

/// A text that does not name a deployment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} does not name a deployment: write account/model, such as openai/gpt-5")]
pub struct InvalidDeployment(pub String);

impl Deployment {
    /// Whether NAME can be an account's name.
    pub fn is_account_name(name: &str) -> bool {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !name.is_empty() && name.bytes().all(allowed)
    }
}

impl FromStr for Deployment {
    type Err = InvalidDeployment;

    fn from_str(text: &str) -> Result<Self, InvalidDeployment> {
        match text.split_once('/') {
            Some((account, model)) if Self::is_account_name(account) && !model.is_empty() => {
                Ok(Deployment { account: account.to_owned(), model: model.to_owned() })
            }
            _ => Err(InvalidDeployment(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Deployment {
    type Error = InvalidDeployment;

    fn try_from(text: String) -> Result<Self, InvalidDeployment> {
        text.parse()
    }
}

impl From<Deployment> for String {
    fn from(deployment: Deployment) -> String {
        deployment.to_string()
    }
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_slash() {
        let it: Deployment = "openrouter/meta-llama/llama-3:free".parse().unwrap();
        assert_eq!(
            (it.account.as_str(), it.model.as_str()),
            ("openrouter", "meta-llama/llama-3:free")
        );
        assert_eq!(it.to_string(), "openrouter/meta-llama/llama-3:free");
    }

    #[test]
    fn refuses_what_names_no_deployment() {
        for text in ["", "gpt-5", "/gpt-5", "openai/", "Open AI/gpt-5"] {
            assert_eq!(text.parse::<Deployment>(), Err(InvalidDeployment(text.to_owned())));
        }
    }
}
