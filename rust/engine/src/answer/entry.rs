//! A request in the ledger.

use super::Known;
use crate::ledger::now_ms;
use llm_switch_ledger::{Ledger, NewRequest, Outcome, RequestKey};
use llm_switch_types::{ErrorKind, Money, Result};
use std::sync::atomic::{AtomicI64, Ordering};

/// A request in the ledger, from its beginning to its end: when it is dropped
/// before [`Entry::end`], it was cancelled. Without a ledger it is a reason
/// why there is none.
pub(super) struct Entry {
    written: Result<(Ledger, RequestKey)>,
    /// What its attempts so far have cost, in pico-dollars.
    spent: AtomicI64,
    over: bool,
}

impl Entry {
    pub(super) fn begin(ledger: Result<Ledger>, new: NewRequest) -> Entry {
        let written = ledger.map(|ledger| {
            let key = ledger.begin_request(new);
            (ledger, key)
        });
        Entry { written, spent: AtomicI64::new(0), over: false }
    }

    /// Where it stands, or why it stands nowhere.
    pub(super) fn place(&self) -> Result<(&Ledger, RequestKey)> {
        self.written.as_ref().map(|(ledger, key)| (ledger, *key)).map_err(Clone::clone)
    }

    /// An attempt has ended, of which this is KNOWN.
    pub(super) fn note(&self, known: &Known) {
        let pico = known["cost"]["amount"].as_i64().unwrap_or(0);
        self.spent.fetch_add(pico, Ordering::Relaxed);
    }

    /// What its attempts so far have cost, as far as that is known.
    pub(super) fn spent(&self) -> Money {
        Money::from_pico(self.spent.load(Ordering::Relaxed))
    }

    /// What is left of MOST for the attempts that come.
    pub(super) fn left_of(&self, most: Money) -> Money {
        Money::from_pico(most.pico().saturating_sub(self.spent().pico()).max(0))
    }

    pub(super) fn end(mut self, outcome: Outcome) {
        self.write(outcome);
    }

    fn write(&mut self, outcome: Outcome) {
        self.over = true;
        if let Ok((ledger, key)) = &self.written {
            ledger.end_request(*key, now_ms(), outcome);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.over {
            self.write(Outcome::Failed(dropped()));
        }
    }
}

/// Why something is dropped before its end.
pub(super) fn dropped() -> ErrorKind {
    if std::thread::panicking() { ErrorKind::Module } else { ErrorKind::Cancelled }
}
