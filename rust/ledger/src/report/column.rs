//! What sums can be broken down by.

use serde::{Deserialize, Serialize};

/// A column by which the ledger tells its rows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// The provider that was asked.
    Provider,
    /// The account that was used.
    Account,
    /// The model as it was sent.
    Model,
    /// The route that was asked for.
    Route,
    /// The project it was asked for.
    Project,
    /// Why it was asked.
    Purpose,
    /// The program that asked.
    Client,
    /// Who paid.
    Payer,
    /// How the cost is known.
    Basis,
}

impl Column {
    /// All of them, in the order of the declaration.
    pub const ALL: [Column; 9] = [
        Self::Provider,
        Self::Account,
        Self::Model,
        Self::Route,
        Self::Project,
        Self::Purpose,
        Self::Client,
        Self::Payer,
        Self::Basis,
    ];

    /// The word for it: in the tables of sums, and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Account => "account",
            Self::Model => "model",
            Self::Route => "route",
            Self::Project => "project",
            Self::Purpose => "purpose",
            Self::Client => "client",
            Self::Payer => "payer",
            Self::Basis => "basis",
        }
    }

    /// Whether the tables of sums hold a number for it, which leads to a name
    /// in a table of that name; else they hold the word itself.
    pub(super) const fn is_numbered(self) -> bool {
        !matches!(self, Self::Payer | Self::Basis)
    }

    /// What stands in the tables of sums for none.
    pub(super) const fn none(self) -> &'static str {
        if self.is_numbered() { "0" } else { "''" }
    }

    /// An expression for the name behind the value that SQL yields.
    pub(super) fn told(self, sql: &str) -> String {
        match self.is_numbered() {
            true => format!("(SELECT name FROM {} WHERE id = {sql})", self.name()),
            false => format!("nullif({sql}, '')"),
        }
    }
}
