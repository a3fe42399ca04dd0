//! A server that was started here.

use super::{Kind, Log, State};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::{Notify, watch};

/// A server that was started here, whether it still runs or not.
pub(crate) struct Started {
    /// Its number in this session.
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    /// What it serves.
    pub(crate) file: Option<PathBuf>,
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
    /// When it was started, in Unix milliseconds.
    pub(crate) since: i64,
    pub(crate) log: Log,
    pid: AtomicU32,
    state: watch::Sender<State>,
    is_offered: AtomicBool,
    stopping: Notify,
}

impl Started {
    /// One that is about to be started NOW.
    pub(crate) fn new(id: u64, kind: Kind, file: Option<PathBuf>, port: u16, now: i64) -> Started {
        Started {
            id,
            kind,
            file,
            port,
            since: now,
            log: Log::default(),
            pid: AtomicU32::default(),
            state: watch::Sender::new(State::Starting),
            is_offered: AtomicBool::default(),
            stopping: Notify::new(),
        }
    }

    /// Its address, without the path of an API.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The id of its process, while it has one.
    pub(crate) fn pid(&self) -> Option<u32> {
        Some(self.pid.load(Ordering::Relaxed)).filter(|pid| *pid != 0)
    }

    pub(crate) fn set_pid(&self, pid: Option<u32>) {
        self.pid.store(pid.unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    pub(crate) fn set_state(&self, state: State) {
        self.state.send_replace(state);
    }

    /// Wait until its state is WANTED, and return that.
    pub(crate) async fn reaches(&self, wanted: impl FnMut(&State) -> bool) -> State {
        let mut state = self.state.subscribe();
        // It fails when the sender is gone, which is ours.
        let reached = state.wait_for(wanted).await.map(|it| it.clone());
        reached.unwrap_or(State::Stopped)
    }

    /// Whether it can be called.
    pub(crate) fn is_offered(&self) -> bool {
        self.is_offered.load(Ordering::Relaxed)
    }

    pub(crate) fn offer(&self, is_offered: bool) {
        self.is_offered.store(is_offered, Ordering::Relaxed);
    }

    /// Have its keeper stop it.
    pub(crate) fn stop(&self) {
        // Kept for a keeper that does not listen yet.
        self.stopping.notify_one();
    }

    /// Wait until somebody wants it to stop.
    pub(crate) async fn stopped(&self) {
        self.stopping.notified().await;
    }
}
