//! For whom it is worth to wait, when nobody else can answer.

use super::candidate::Candidate;
use crate::ledger::now_ms;
use llm_switch_ledger::{Health, HealthState};
use llm_switch_types::{Error, ErrorKind, Locality};
use std::time::Duration;

/// How long a request waits in all before it fails. Who has to wait longer
/// would rather know.
const PATIENCE_MS: i64 = 5_000;

/// The first pause before another try; each further one is twice as long.
const PAUSE_MS: i64 = 400;

/// Who may answer a little later.
pub(crate) struct Rest {
    waiting: Vec<(Candidate, i64)>,
    left: u32,
    /// Patience counts from the first failure: a slow one has cost enough.
    deadline_ms: Option<i64>,
    pause_ms: i64,
}

impl Rest {
    /// Nobody yet; TRIES may be made.
    pub(crate) fn new(tries: u32) -> Rest {
        Rest { waiting: Vec::new(), left: tries, deadline_ms: None, pause_ms: PAUSE_MS }
    }

    /// CANDIDATE failed with ERROR, before anything was seen of an answer.
    pub(crate) fn failed(&mut self, candidate: &Candidate, error: &Error) {
        // A server on this machine that is not there is not there in a second.
        let is_off = error.kind == ErrorKind::Network
            && candidate.account.provider.locality == Locality::Local;
        if error.is_retryable() && !is_off {
            let told = error.retry_after.map(|seconds| i64::from(seconds) * 1_000);
            // Requests that failed together must not come back together.
            let ours = self.pause_ms + fastrand::i64(0..=self.pause_ms / 2);
            self.add(candidate, now_ms() + told.unwrap_or(ours));
        }
    }

    /// CANDIDATE was not asked, for HEALTH.
    pub(crate) fn out(&mut self, candidate: &Candidate, health: &Health) {
        let cools = health.state == HealthState::Cooling;
        let waits = cools && !health.disabled && health.trial.is_none();
        if let Some(until) = health.until.filter(|_| waits) {
            self.add(candidate, until);
        }
    }

    /// CANDIDATE was not asked, for its route is full UNTIL then.
    pub(crate) fn full(&mut self, candidate: &Candidate, until: i64) {
        // Nobody failed, so this is no try; the deadline bounds it.
        self.left = self.left.saturating_add(1);
        self.add(candidate, until);
    }

    fn add(&mut self, candidate: &Candidate, at_ms: i64) {
        self.deadline_ms.get_or_insert_with(|| now_ms() + PATIENCE_MS);
        self.waiting.push((candidate.clone(), at_ms));
    }

    /// Who comes back first, after waiting for it; `None` when that is too
    /// late, or was tried often enough.
    pub(crate) async fn first(&mut self) -> Option<Candidate> {
        self.left = self.left.checked_sub(1)?;
        self.pause_ms *= 2;
        let waiting = std::mem::take(&mut self.waiting);
        let (candidate, at_ms) = waiting.into_iter().min_by_key(|(_, at_ms)| *at_ms)?;
        if Some(at_ms) > self.deadline_ms {
            return None;
        }
        let wait = u64::try_from(at_ms - now_ms()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        Some(candidate)
    }
}
