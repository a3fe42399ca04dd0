//! Which tools of which MCP servers were called, and how that went.

use crate::Ledger;
use crate::dimension::clip;
use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};

/// Which calls a report of tools is about. What is not named may be any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct ToolFilter {
    /// Only those of this server's tools.
    pub server: Option<String>,
    /// Only those made for this project.
    pub project: Option<String>,
    /// Only those that began then or later, in Unix milliseconds (UTC).
    pub since_ms: Option<i64>,
}

/// How often a tool was called, and how that went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ToolUse {
    /// The server's name.
    pub server: String,
    /// The tool's name, as its server calls it.
    pub tool: String,
    /// How many calls, whatever became of them.
    pub calls: u64,
    /// How many of them gave nothing: the tool or its server failed, or it
    /// took too long.
    pub errors: u64,
    /// How many of them were not allowed.
    pub denied: u64,
    /// How many of them the user ended.
    pub cancelled: u64,
    /// Milliseconds that those took which were allowed.
    pub total_ms: u64,
    /// How many of these one took on average; `None` where none was allowed.
    pub average_ms: Option<u64>,
    /// Bytes of all their arguments.
    pub argument_bytes: u64,
    /// Bytes of all their results.
    pub result_bytes: u64,
}

impl Ledger {
    /// What became of the calls that pass FILTER, by server and tool, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn tool_report(&self, filter: &ToolFilter) -> llm_switch_types::Result<Vec<ToolUse>> {
        // A denied call took as long as somebody thought about it, which says
        // nothing of the tool.
        let sql = "SELECT server.name AS server_name, tool.name AS tool_name, count(*) AS calls,
                          sum(outcome IN ('tool-error', 'failed', 'timed-out')) AS errors,
                          sum(outcome = 'denied') AS denied,
                          sum(outcome = 'cancelled') AS cancelled,
                          sum(iif(outcome = 'denied', 0, ms)) AS total_ms,
                          sum(argument_bytes) AS argument_bytes,
                          sum(result_bytes) AS result_bytes
                     FROM tool_call c
                     JOIN server ON server.id = c.server
                     JOIN tool ON tool.id = c.tool
                     LEFT JOIN project ON project.id = c.project
                    WHERE c.started >= ?1
                      AND (?2 IS NULL OR server.name = ?2)
                      AND (?3 IS NULL OR project.name = ?3)
                    GROUP BY c.server, c.tool
                    ORDER BY 1, 2";
        let since = filter.since_ms.unwrap_or(i64::MIN);
        let [server, project] =
            [&filter.server, &filter.project].map(|name| name.as_deref().map(clip));
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map(params![since, server, project], read)?.collect()
        })
    }
}

fn read(row: &Row) -> rusqlite::Result<ToolUse> {
    let count = |name: &str| row.get::<_, u64>(name);
    let (calls, denied, total_ms) = (count("calls")?, count("denied")?, count("total_ms")?);
    Ok(ToolUse {
        server: row.get("server_name")?,
        tool: row.get("tool_name")?,
        calls,
        errors: count("errors")?,
        denied,
        cancelled: count("cancelled")?,
        total_ms,
        average_ms: total_ms.checked_div(calls - denied),
        argument_bytes: count("argument_bytes")?,
        result_bytes: count("result_bytes")?,
    })
}
