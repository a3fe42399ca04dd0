//! The right to ask a deployment, and what becomes of it.

use super::candidate::Candidate;
use super::mark::used_up;
use super::watch::{Entry, TRIAL_MS};
use crate::core::Core;
use crate::event::Body;
use crate::ledger::now_ms;
use llm_switch_ledger::Health;
use llm_switch_types::{Deployment, Error, Limits};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// The right to ask a deployment. Whoever has it tells how that ended, or
/// drops it, which frees a trial for another.
pub(crate) struct Pass<'a> {
    core: &'a Core,
    candidate: Candidate,
    asked_ms: i64,
    is_over: bool,
}

impl<'a> Pass<'a> {
    /// The right to ask CANDIDATE, or who is out and why. Who IS_WANTED
    /// anyway is let in unless the user has disabled it: because it was named
    /// outright, or because nobody else can answer.
    pub(crate) async fn of(
        core: &'a Core,
        candidate: &Candidate,
        is_wanted: bool,
    ) -> std::result::Result<Pass<'a>, Box<Health>> {
        let asked_ms = now_ms();
        let (entry, changed) = core.watch.admit(&candidate.deployment(), is_wanted, asked_ms);
        if let Entry::Out(health) = entry {
            return Err(Box::new(health));
        }
        // From here on it is freed again, also if the request is cancelled
        // while the ledger is asked.
        let mut pass = Pass { core, candidate: candidate.clone(), asked_ms, is_over: false };
        let is_trial = entry == Entry::Trial && !is_wanted;
        if is_trial && !core.is_first_to_try(&changed, asked_ms).await {
            // What becomes of the other one's trial is heard from the ledger.
            pass.is_over = true;
            return changed.into_iter().next().map_or(Ok(pass), |it| Err(Box::new(it)));
        }
        core.tell_health(changed);
        Ok(pass)
    }

    /// It has answered.
    pub(crate) fn answered(mut self) {
        self.is_over = true;
        let deployment = self.candidate.deployment();
        self.core.tell_health(self.core.watch.answered(&deployment, self.asked_ms, now_ms()));
    }

    /// It failed with ERROR.
    pub(crate) fn failed(mut self, error: &Error) {
        self.is_over = true;
        let changed = self.core.watch.failed(&self.candidate, error, self.asked_ms, now_ms());
        self.core.tell_health(changed);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let deployment = self.candidate.deployment();
            self.core.tell_health(self.core.watch.release(&deployment, now_ms()));
        }
    }
}

impl Core {
    /// Learn what other processes found since.
    pub(crate) async fn catch_up_on_health(&self) {
        let Ok(ledger) = self.ledger.get().await else { return };
        let from = self.watch.unread_ms();
        // Without it this process finds out by itself; that is no failure.
        if let Ok(Ok(found)) = self.tasks.blocking(move || ledger.health(from)).await {
            self.notice_health(&self.watch.read(found));
        }
    }

    /// Whether no other process makes TRIALS at NOW already. Where there is
    /// no ledger there is nobody to ask.
    async fn is_first_to_try(&self, trials: &[Health], now: i64) -> bool {
        let Some(ledger) = self.ledger.if_open() else { return true };
        let (tell, hear) = oneshot::channel();
        ledger.claim_trials(trials.to_vec(), now - TRIAL_MS, move |first| drop(tell.send(first)));
        !matches!(hear.await, Ok(Ok(false)))
    }

    /// CANDIDATE has answered, with what is left of its LIMITS. Who has nothing
    /// left is not asked to learn that.
    pub(crate) fn heard_limits(&self, candidate: &Candidate, limits: &Limits) {
        let now = now_ms();
        if let Some(error) = used_up(limits, now) {
            self.tell_health(self.watch.used_up(candidate, &error, now));
        }
    }

    /// Tell the ledger, and everybody who looks, what CHANGED.
    pub(crate) fn tell_health(&self, changed: Vec<Health>) {
        self.notice_health(&changed);
        if let Some(ledger) = self.ledger.if_open() {
            changed.into_iter().for_each(|health| ledger.see_health(health));
        }
    }

    /// A notice for each that CHANGED, for a table that is being looked at.
    /// It has no `message`: nobody is to be disturbed by it.
    fn notice_health(&self, changed: &[Health]) {
        for health in changed {
            let mut notice = row(Some(health), now_ms());
            notice["kind"] = "health".into();
            notice["account"] = health.account.as_str().into();
            notice["model"] = health.model.as_deref().into();
            self.queue.push(0, Body::Notice(notice));
        }
    }
}

/// How somebody with HEALTH is at NOW: `state` (`healthy`, `cooling`,
/// `dead-key`, `no-funds`, `quota`, `half-open`, `disabled`), `up` (whether it
/// would be asked), `failure` (the class), `reason`, `since` and `until` (Unix
/// milliseconds), `strikes`.
pub(crate) fn row(health: Option<&Health>, now: i64) -> Value {
    let health = health.filter(|it| it.disabled || it.strikes > 0);
    let due = |it: &&Health| it.until.is_some_and(|until| until <= now);
    let state = match health {
        None => "healthy",
        Some(it) if it.disabled => "disabled",
        Some(it) if it.trial.is_some() || due(&it) => "half-open",
        Some(it) => it.state.name(),
    };
    json!({
        "state": state,
        "up": matches!(state, "healthy" | "half-open"),
        "failure": health.and_then(|it| it.kind).map(|kind| kind.name()),
        "reason": health.and_then(|it| it.reason.as_deref()),
        "since": health.map(|it| it.since),
        "until": health.and_then(|it| it.until),
        "strikes": health.map_or(0, |it| it.strikes),
    })
}

/// The deployment that is out in HEALTH, or the account, as one writes it.
pub(crate) fn name(health: &Health) -> String {
    let Health { account, model, .. } = health;
    model.clone().map_or_else(
        || account.clone(),
        |model| Deployment { account: account.clone(), model }.to_string(),
    )
}
