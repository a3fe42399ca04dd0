//! What is told of what a server gave.

use super::contents::Contents;
use super::limit::{self, Limited};
use super::{Running, told};
use crate::core::Core;
use llm_switch_mcp::{Outcome, Part};
use llm_switch_types::Result;
use serde_json::{Value, json};
use std::sync::Arc;

/// What is told of what a server gave.
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
        let structured = outcome.structured.map(|it| it.to_string());
        let mut told = told::tell(&outcome.content, contents)?;
        // What is only data is better than nothing.
        if told.text.is_empty() {
            told.text = structured.clone().unwrap_or_default();
        }
        let structured = structured.filter(|it| it.len() <= limit);
        Ok(Told { structured, ..Told::cut(told, limit, contents)? })
    }

    /// TOLD, in at most LIMIT characters.
    fn cut(told: told::Told, limit: usize, contents: &Contents) -> Result<Told> {
        let (handles, structured, bytes) = (told.handles, None, told.text.len());
        Ok(Told { limited: limit::cut(told.text, limit, contents)?, handles, structured, bytes })
    }

    /// As the value of a method says it.
    fn value(self) -> Value {
        json!({
            "text": self.limited.text, "cut": self.limited.cut, "path": self.limited.whole,
            "handles": self.handles,
        })
    }
}

impl Core {
    /// What is told of each of GIVEN, which RUNNING gave without a call: `{text,
    /// cut, path, handles}`, cut as results are. One text alone is told as it
    /// is, a resource without its address.
    ///
    /// # Errors
    /// That it cannot be written.
    pub(crate) async fn tell_given(
        self: &Arc<Core>,
        running: &Running,
        given: Vec<Vec<Part>>,
    ) -> Result<Vec<Value>> {
        let (core, limit) = (Arc::clone(self), limit::limit(running.written.output_limit, &[]));
        let tell = move || {
            let contents = &core.mcp.contents;
            let tell = |parts: &Vec<Part>| {
                Ok(Told::cut(told::tell_plainly(parts, contents)?, limit, contents)?.value())
            };
            given.iter().map(tell).collect()
        };
        self.tasks.blocking(tell).await?
    }
}
