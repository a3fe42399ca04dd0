//! An attempt that may never be sent.

use crate::ledger::now_ms;
use llm_switch_ledger::{AttemptEnd, AttemptKey, Ledger, Outcome};
use llm_switch_types::{Basis, Cost, ErrorKind, Money, Payer, Usage};

/// An attempt whose verdict somebody waits for. When it is dropped without one,
/// since the request was cancelled or the ledger failed, nothing will be sent:
/// then it ends at no cost, whether the file has it or not.
pub(super) struct Unsent<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) attempt: AttemptKey,
    pub(super) payer: Payer,
}

impl Unsent<'_> {
    /// The verdict is there.
    pub(super) fn heard(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        let basis = match self.payer {
            Payer::Free => Basis::Free,
            Payer::Plan => Basis::Plan,
            Payer::Metered => Basis::Computed,
        };
        let end = AttemptEnd {
            ended_ms: now_ms(),
            first_token_ms: None,
            served_model: None,
            http_status: None,
            outcome: Outcome::Failed(ErrorKind::Cancelled),
            usage: Usage::default(),
            cost: Cost { amount: Some(Money::ZERO), basis, price: None },
            computed: None,
        };
        self.ledger.end_attempt(self.attempt, end);
    }
}
