//! When to announce that events wait.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Wakes the user interface, which then drains the queue.
pub trait Doorbell: Send + Sync {
    /// Ring. Called from the engine's own threads only, never from within a
    /// call of the user interface, and it must not block: writing to a closed
    /// pipe from the main thread of a batch Emacs ends that Emacs.
    fn ring(&self);
}

/// Rings at once for the first text, later at most once per pace: in a
/// terminal each ring costs a redisplay, and that is what a stream costs.
pub(crate) struct Bell {
    doorbell: Arc<dyn Doorbell>,
    pace: Duration,
    state: Mutex<State>,
    /// Wakes the task that rings later.
    later: Notify,
}

struct State {
    /// A ring is on its way and nobody has drained since.
    rung: bool,
    due: Option<Instant>,
    drained: Option<Instant>,
    closed: bool,
}

impl Bell {
    pub(crate) fn new(doorbell: Arc<dyn Doorbell>, pace: Duration) -> Self {
        let state = State { rung: false, due: None, drained: None, closed: false };
        Bell { doorbell, pace, state: Mutex::new(state), later: Notify::new() }
    }

    /// Something waits; it may wait a little longer when it CAN_WAIT.
    pub(crate) fn announce(&self, can_wait: bool) {
        let mut state = self.state.lock();
        if state.rung || state.closed {
            return;
        }
        let due = state.drained.filter(|_| can_wait).map(|drained| drained + self.pace);
        match due.filter(|due| *due > Instant::now()) {
            Some(due) => self.schedule(&mut state, due),
            None => {
                state.rung = true;
                drop(state);
                self.doorbell.ring();
            }
        }
    }

    /// The queue has been drained; MORE is left in it. May be called from the
    /// user interface, so the ring is left to the task.
    pub(crate) fn drained(&self, more: bool) {
        let now = Instant::now();
        let mut state = self.state.lock();
        // Whoever drains without having been rung for causes no redisplay.
        if std::mem::take(&mut state.rung) {
            state.drained = Some(now);
        }
        if !more {
            // What waited for it has gone along.
            state.due = None;
        } else if !state.closed {
            self.schedule(&mut state, now);
        }
    }

    /// Never ring again.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
    }

    fn schedule(&self, state: &mut State, due: Instant) {
        if state.due.is_none_or(|earlier| due < earlier) {
            state.due = Some(due);
            self.later.notify_one();
        }
    }

    /// Ring when it is due, for as long as the engine runs.
    pub(crate) async fn ring_later(&self) {
        loop {
            let due = self.state.lock().due;
            match due {
                None => self.later.notified().await,
                Some(due) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(due.into()) => self.ring_due(),
                        () = self.later.notified() => {}
                    }
                }
            }
        }
    }

    fn ring_due(&self) {
        let mut state = self.state.lock();
        if state.due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        state.due = None;
        if !state.rung && !state.closed {
            state.rung = true;
            drop(state);
            self.doorbell.ring();
        }
    }
}
