//! Whom a budget is for.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Whom a budget is for: everything, or what bears one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Everything.
    Global,
    /// What goes to a provider, through any of its accounts.
    Provider(String),
    /// What goes through an account.
    Account(String),
    /// What was asked of a model by this name, at any account.
    Model(String),
    /// What was asked of a route.
    Route(String),
    /// What a project asked: the whole path of its folder, with no slash at
    /// the end.
    Project(String),
    /// What a program asked: `emacs`.
    Client(String),
}

/// What an attempt is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "these are the names of the ledger's columns")]
pub struct Subject<'a> {
    pub provider: &'a str,
    pub account: &'a str,
    pub model: &'a str,
    pub route: Option<&'a str>,
    pub project: Option<&'a str>,
    pub client: &'a str,
}

impl Scope {
    /// The word for its kind, which is the ledger's column but for `global`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Provider(_) => "provider",
            Self::Account(_) => "account",
            Self::Model(_) => "model",
            Self::Route(_) => "route",
            Self::Project(_) => "project",
            Self::Client(_) => "client",
        }
    }

    /// The name that is counted; `None` for everything.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Global => None,
            Self::Provider(name)
            | Self::Account(name)
            | Self::Model(name)
            | Self::Route(name)
            | Self::Project(name)
            | Self::Client(name) => Some(name),
        }
    }

    /// Whether an attempt by SUBJECT counts.
    pub fn covers(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Global => true,
            Self::Provider(name) => name == subject.provider,
            Self::Account(name) => name == subject.account,
            Self::Model(name) => name == subject.model,
            Self::Route(name) => Some(name.as_str()) == subject.route,
            Self::Project(name) => Some(name.as_str()) == subject.project,
            Self::Client(name) => name == subject.client,
        }
    }
}

/// For people: `all`, `openai` for the provider, else the kind and the name.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("all"),
            Self::Provider(name) => f.write_str(name),
            _ => write!(f, "{} {}", self.kind(), self.name().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_counts_by_its_own_name_alone() {
        let subject = Subject {
            provider: "p",
            account: "a",
            model: "m",
            route: Some("r"),
            project: None,
            client: "c",
        };
        type Named = fn(String) -> Scope;
        let kinds: [(Named, bool, &str); 6] = [
            (Scope::Provider, true, "p"),
            (Scope::Account, true, "a"),
            (Scope::Model, true, "m"),
            (Scope::Route, true, "r"),
            (Scope::Project, false, "x"),
            (Scope::Client, true, "c"),
        ];
        assert!(Scope::Global.covers(&subject));
        for (scope, covered, name) in kinds {
            assert_eq!(scope(name.into()).covers(&subject), covered, "{name}");
            assert!(!scope("other".into()).covers(&subject));
        }
    }
}
