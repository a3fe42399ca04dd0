//! Attempts as text: CSV, JSON and org.

use super::calendar::Calendar;
use llm_switch_ledger::Entry;
use llm_switch_types::{Money, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// How attempts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Format {
    Csv,
    Json,
    Org,
}

/// The columns, in their order.
const COLUMNS: [&str; 28] = [
    "started",
    "request",
    "attempt",
    "provider",
    "account",
    "model",
    "served",
    "route",
    "project",
    "purpose",
    "client",
    "payer",
    "outcome",
    "http_status",
    "first_token_ms",
    "total_ms",
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "fees_pico",
    "cost_pico",
    "cost_dollars",
    "basis",
    "price",
    "zone",
];

/// The cells of ENTRY in the order of [`COLUMNS`]. The name of a request has
/// more digits than a float holds, so it is text.
fn cells(calendar: &Calendar, entry: &Entry) -> Result<[Value; COLUMNS.len()]> {
    let it = &entry.attempt;
    let started = calendar.zoned(it.started_ms)?;
    let cost = it.cost.as_ref();
    let amount = cost.and_then(|cost| cost.amount);
    Ok([
        json!(started.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()),
        json!(json!(entry.request).to_string()),
        json!(it.number),
        json!(it.provider),
        json!(it.account),
        json!(it.sent_model),
        json!(it.served_model),
        json!(entry.route),
        json!(entry.project),
        json!(entry.purpose),
        json!(entry.client),
        json!(it.payer),
        json!(it.outcome),
        json!(it.http_status),
        json!(it.first_token_ms),
        json!(it.ended_ms.map(|ended| ended - it.started_ms)),
        json!(it.usage.input),
        json!(it.usage.cache_read),
        json!(it.usage.cache_write_5m),
        json!(it.usage.cache_write_1h),
        json!(it.usage.output),
        json!(it.usage.reasoning),
        json!(it.usage.fees),
        json!(amount.map(Money::pico)),
        json!(amount.map(|amount| amount.to_string())),
        json!(cost.map(|cost| cost.basis)),
        json!(cost.and_then(|cost| cost.price.as_ref())),
        json!(calendar.zone.iana_name()),
    ])
}

impl Format {
    /// What comes before the first row.
    pub(super) fn head(self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Csv => write!(out, "{}\r\n", COLUMNS.join(",")),
            Self::Json => write!(out, "["),
            Self::Org => writeln!(out, "| {} |\n|-", COLUMNS.join(" | ")),
        }
    }

    /// The row of ENTRY, the first one when IS_FIRST.
    pub(super) fn row(
        self,
        out: &mut impl Write,
        calendar: &Calendar,
        entry: &Entry,
        is_first: bool,
    ) -> Result<io::Result<()>> {
        let cells = cells(calendar, entry)?;
        Ok(match self {
            Self::Csv => write!(out, "{}\r\n", cells.each_ref().map(csv).join(",")),
            Self::Json => {
                let pairs = COLUMNS.iter().map(|name| (*name).to_owned()).zip(cells);
                let comma = if is_first { "\n" } else { ",\n" };
                write!(out, "{comma}{}", Value::Object(pairs.collect::<Map<_, _>>()))
            }
            Self::Org => writeln!(out, "| {} |", cells.each_ref().map(org).join(" | ")),
        })
    }

    /// What comes after the last row.
    pub(super) fn tail(self, out: &mut impl Write) -> io::Result<()> {
        if self == Self::Json { writeln!(out, "\n]") } else { Ok(()) }
    }
}

fn plain(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// As RFC 4180 has it.
fn csv(cell: &Value) -> String {
    let text = plain(cell);
    let needs_quotes = text.contains(['"', ',', '\r', '\n']);
    if needs_quotes { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A cell has one line, and the bar ends it.
fn org(cell: &Value) -> String {
    plain(cell).replace(['\r', '\n'], " ").replace('|', "\\vert{}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_survive_what_separates_them() {
        assert_eq!(csv(&json!("a,\"b\"\n")), "\"a,\"\"b\"\"\n\"");
        assert_eq!(csv(&json!(5)), "5");
        assert_eq!(org(&json!("a|b\nc")), "a\\vert{}b c");
        assert_eq!(csv(&Value::Null), "");
    }
}
