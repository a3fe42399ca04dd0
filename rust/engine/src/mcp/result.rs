//! What is told of the outcome of a call.

use super::contents::Contents;
use super::limit::{self, Limited};
use super::told;
use llm_switch_mcp::Outcome;
use llm_switch_types::Result;
use serde_json::Value;

/// What is told of the outcome of a call.
pub(crate) struct Told {
    /// For the model.
    pub(crate) limited: Limited,
    /// The contents that are no text.
    pub(crate) handles: Vec<Value>,
    /// The same as data, JSON text, where it is not too long.
    pub(crate) structured: Option<String>,
    /// Of the whole text.
    pub(crate) bytes: usize,
}

impl Told {
    /// What is told of OUTCOME, in at most LIMIT characters; the rest is kept
    /// among CONTENTS. It writes to the disk.
    ///
    /// # Errors
    /// That it cannot be written.
    pub(crate) fn of(outcome: Outcome, limit: usize, contents: &Contents) -> Result<Told> {
        let told = told::tell(&outcome.content, contents)?;
        let structured = outcome.structured.map(|it| it.to_string());
        // What is only data is better than nothing.
        let text = match (&structured, told.text.is_empty()) {
            (Some(structured), true) => structured.clone(),
            _ => told.text,
        };
        Ok(Told {
            bytes: text.len(),
            limited: limit::cut(text, limit, contents)?,
            handles: told.handles,
            structured: structured.filter(|it| it.len() <= limit),
        })
    }
}
