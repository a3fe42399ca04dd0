//! Who waits for money that others hold.

use llm_switch_ledger::Cap;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex as Turns, Notify, OwnedMutexGuard};
use tokio::time::{Instant, timeout, timeout_at};

/// Requests that wait for a budget, first come first served.
#[derive(Default)]
pub(crate) struct Waiting {
    rooms: Mutex<HashMap<String, Arc<Turns<()>>>>,
    settled: Notify,
}

/// The right to ask next for a budget.
pub(crate) type Turn = OwnedMutexGuard<()>;

impl Waiting {
    /// Wait for the turn to ask for BUDGET, until DEADLINE at most.
    pub(crate) async fn turn(&self, budget: &str, deadline: Instant) -> Option<Turn> {
        let room = self.rooms.lock().entry(budget.to_owned()).or_default().clone();
        timeout_at(deadline, room.lock_owned()).await.ok()
    }

    /// The same for the first of CAPS for which somebody waits already: who
    /// comes later must not take what they wait for.
    pub(crate) async fn turn_if_any(&self, caps: &[Cap], deadline: Instant) -> Option<Turn> {
        let taken = {
            let rooms = self.rooms.lock();
            caps.iter().find(|cap| rooms.get(&cap.budget).is_some_and(|it| it.try_lock().is_err()))
        };
        self.turn(&taken?.budget, deadline).await
    }

    /// An attempt was settled in this process.
    pub(crate) fn attempt_settled(&self) {
        self.settled.notify_waiters();
    }

    /// Wait for a settlement, but no longer than PATIENCE: another process
    /// does not tell.
    pub(crate) async fn settlement(&self, patience: Duration) {
        let _ = timeout(patience, self.settled.notified()).await;
    }
}
