//! Who was liked best, how often, and of how many.

use crate::Ledger;
use crate::dimension::clip;
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

/// Which votes a report is about. What is not named may be any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct VoteFilter {
    /// What is summed up.
    pub by: VotedFor,
    /// Only those for this project.
    pub project: Option<String>,
    /// Only those of then or later, in Unix milliseconds (UTC).
    pub since_ms: Option<i64>,
}

/// What votes are summed up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VotedFor {
    /// Who was asked, as the user named it: a route, a mode or a deployment.
    #[default]
    Asked,
    /// The deployment that answered.
    Deployment,
}

/// The votes about one name, for one purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Votes {
    /// Who was asked, or who answered.
    pub name: String,
    /// What the answers were compared for.
    pub purpose: String,
    /// How many of its answers were the best.
    pub won: u64,
    /// How many of its answers were compared with others.
    pub compared: u64,
    /// How many of these comparisons nobody won.
    pub undecided: u64,
}

impl Ledger {
    /// The votes that pass FILTER, by purpose and name; of each purpose who
    /// won the greatest share comes first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn votes(&self, filter: &VoteFilter) -> llm_switch_types::Result<Vec<Votes>> {
        let name = match filter.by {
            VotedFor::Asked => "asked.name",
            VotedFor::Deployment => "account.name || '/' || model.name",
        };
        let sql = format!(
            "SELECT {name} AS title, purpose.name AS purpose_name,
                    sum(v.won) AS won, count(*) AS compared,
                    sum(NOT EXISTS (SELECT 1 FROM vote w
                                     WHERE w.comparison = v.comparison AND w.won)) AS undecided
               FROM vote v
               JOIN purpose ON purpose.id = v.purpose
               JOIN account ON account.id = v.account
               JOIN model ON model.id = v.model
               JOIN model asked ON asked.id = v.asked
               LEFT JOIN project ON project.id = v.project
              WHERE v.voted >= ?1 AND (?2 IS NULL OR project.name = ?2)
              GROUP BY 1, 2
              ORDER BY 2, 1.0 * sum(v.won) / count(*) DESC, 1"
        );
        let since = filter.since_ms.unwrap_or(i64::MIN);
        let project = filter.project.as_deref().map(clip);
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(params![since, project], read)?.collect()
        })
    }
}

fn read(row: &Row) -> rusqlite::Result<Votes> {
    Ok(Votes {
        name: row.get("title")?,
        purpose: row.get("purpose_name")?,
        won: row.get("won")?,
        compared: row.get("compared")?,
        undecided: row.get("undecided")?,
    })
}
