//! The calls that run at a server, and what is heard of each.

use parking_lot::Mutex;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, watch};

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Progress {
    /// How much is done, in a unit of the server's own.
    pub done: f64,
    /// Of how much, where it is known.
    pub total: Option<f64>,
    /// What it says to that.
    pub message: Option<String>,
}

/// The calls that run at a server.
pub(crate) struct Calls {
    last: AtomicU64,
    running: Mutex<HashMap<u64, Running>>,
    /// A call has one token for each round of questions.
    tokens: Mutex<HashMap<ProgressToken, u64>>,
    questions: watch::Sender<usize>,
}

struct Running {
    tool: String,
    notes: mpsc::UnboundedSender<Progress>,
}

/// Forgets a call when its caller has the result or left.
pub(crate) struct Call<'a> {
    calls: &'a Calls,
    pub(crate) id: u64,
    pub(crate) notes: mpsc::UnboundedReceiver<Progress>,
}

/// Stands for a question that waits for its answer.
pub(crate) struct Asking<'a>(&'a Calls);

impl Calls {
    pub(crate) fn new() -> Calls {
        Calls {
            last: AtomicU64::new(0),
            running: Mutex::default(),
            tokens: Mutex::default(),
            questions: watch::Sender::new(0),
        }
    }

    /// A call of TOOL begins.
    pub(crate) fn begin(&self, tool: &str) -> Call<'_> {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, notes) = mpsc::unbounded_channel();
        self.running.lock().insert(id, Running { tool: tool.to_owned(), notes: sender });
        Call { calls: self, id, notes }
    }

    /// What is told for TOKEN concerns the call of ID.
    pub(crate) fn know(&self, token: ProgressToken, id: u64) {
        self.tokens.lock().insert(token, id);
    }

    /// Hand NOTE to the call that it concerns, where that still runs.
    pub(crate) fn tell(&self, note: &ProgressNotificationParam) {
        let Some(id) = self.tokens.lock().get(&note.progress_token).copied() else { return };
        let progress =
            Progress { done: note.progress, total: note.total, message: note.message.clone() };
        if let Some(call) = self.running.lock().get(&id) {
            // Its caller may have left in this moment.
            let _ = call.notes.send(progress);
        }
    }

    /// The tools that run, each once.
    pub(crate) fn tools(&self) -> Vec<String> {
        let mut tools: Vec<_> = self.running.lock().values().map(|it| it.tool.clone()).collect();
        tools.sort();
        tools.dedup();
        tools
    }

    /// A question waits for its answer until what is returned is dropped.
    pub(crate) fn ask(&self) -> Asking<'_> {
        self.questions.send_modify(|open| *open += 1);
        Asking(self)
    }

    /// How many questions wait for their answers.
    ///
    /// In the older era nothing says which call a question belongs to, so an
    /// open one stops the clocks of all calls of its server. Each still has
    /// its cap.
    pub(crate) fn questions(&self) -> watch::Receiver<usize> {
        self.questions.subscribe()
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.calls.running.lock().remove(&self.id);
        self.calls.tokens.lock().retain(|_, id| *id != self.id);
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.questions.send_modify(|open| *open -= 1);
    }
}
