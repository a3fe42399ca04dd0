//! How patient the ledger is.

use std::time::Duration;

/// Limits of a ledger. The defaults are right for an editor; tests shorten
/// them.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a write may wait for other programs that hold the file.
    pub patience: Duration,
    /// How long to wait after a failed write before the next try.
    pub retry: Duration,
    /// How many records may wait in memory. While the file cannot be written
    /// the ones beyond are lost, and that is told.
    pub backlog: usize,
    /// Bytes of write-ahead log above which it begins anew.
    pub wal_limit: u64,
    /// How long after a write the log is moved into the file.
    pub checkpoint_pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            patience: Duration::from_secs(2),
            retry: Duration::from_secs(1),
            // About 15 MB at most.
            backlog: 50_000,
            wal_limit: 16 << 20,
            checkpoint_pause: Duration::from_secs(1),
        }
    }
}
