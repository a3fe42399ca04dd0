//! The sampler, in a process of its own.

use crate::Result;
use crate::child::Owned;
use serde::Deserialize;
use std::path::Path;

/// A running sampler.
pub struct Watch(Owned);

/// What it has seen. Money is in pico-dollars.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Seen {
    /// How often it looked.
    pub samples: u64,
    /// The most that was spent and held at any instant.
    pub most: i64,
    /// What stands in the file at the end.
    pub rows: Rows,
}

/// The metered attempts in the file.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Rows {
    pub attempts: i64,
    /// Those that are not settled.
    pub open: i64,
    /// What they cost.
    pub spent: i64,
    /// What they cost beyond what was held for them.
    pub overshoot: i64,
    /// Those that did not come to their end, and whose cost is an estimate.
    pub cut: i64,
    /// Those whose process died.
    pub crashed: i64,
}

impl Watch {
    /// Starts to watch the ledger in FOLDER, which need not be there yet.
    pub fn start(folder: &Path) -> Result<Watch> {
        let program = std::env::current_exe()?.with_file_name("sampler");
        let ledger = folder.join("ledger.db");
        let ledger = ledger.to_str().ok_or("the folder's name is not text")?;
        Ok(Watch(Owned::start(&program, &[ledger])?))
    }

    /// What was seen until now.
    pub fn end(self) -> Result<Seen> {
        let said = self.0.end()?;
        serde_json::from_str(&said).map_err(|_| "the sampler has failed".into())
    }
}
