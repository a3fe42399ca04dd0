//! What the ledger tells.

use crate::account::{self, AccountState};
use crate::{
    Cap, Health, Ledger, RequestKey, RequestRow, Standing, Timing, Totals, Traffic, UsedModel,
    admission, health, row, totals, used,
};
use llm_switch_types::Result;
use std::collections::BTreeMap;

/// What is in the file, beside who writes.
impl Ledger {
    /// How the budgets of CAPS stand at NOW_MS, in their order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn standings(&self, caps: &[Cap], now_ms: i64) -> Result<Vec<Standing>> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            caps.iter().map(|cap| admission::look(&transaction, cap, now_ms)).collect()
        })
    }

    /// A request with its attempts, or `None` if the file has none with KEY.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn request(&self, key: RequestKey) -> Result<Option<RequestRow>> {
        self.read(|connection| row::request(connection, key))
    }

    /// What the latest finished attempts of MODEL at ACCOUNT were like, at
    /// most MOST, newest first: bytes sent, tokens in, tokens out. Only what
    /// the service itself has counted is there.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn habits(&self, account: &str, model: &str, most: usize) -> Result<Vec<[u64; 3]>> {
        self.read(|connection| row::habits(connection, account, model, most))
    }

    /// Sums over what began at FROM_MS or later and before TO_MS (Unix
    /// milliseconds, UTC) and has ended: requests by their own start, tokens
    /// and cost by that of the attempt. Exact to the millisecond.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn totals(&self, from_ms: i64, to_ms: i64) -> Result<Totals> {
        self.read(|connection| totals::read(connection, from_ms..to_ms))
    }

    /// What was last seen of each account, by its name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn accounts(&self) -> Result<BTreeMap<String, AccountState>> {
        self.read(account::read)
    }

    /// The health of all of which something was found at FROM_MS or later (Unix
    /// milliseconds, UTC), by any process.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn health(&self, from_ms: i64) -> Result<Vec<Health>> {
        self.read(|connection| health::read(connection, from_ms))
    }

    /// How fast the latest MOST answers came, oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn paces(&self, most: usize) -> Result<Vec<Timing>> {
        self.read(|connection| health::timings(connection, most))
    }

    /// How often each deployment was asked at FROM_MS or later (Unix
    /// milliseconds, UTC), by any process.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn traffic(&self, from_ms: i64) -> Result<Vec<Traffic>> {
        self.read(|connection| health::traffic(connection, from_ms))
    }

    /// The models that were ever called, by provider and name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn used_models(&self) -> Result<Vec<UsedModel>> {
        self.read(used::read)
    }
}
