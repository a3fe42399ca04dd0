//! The ledger, while it can be opened and while it cannot.

use crate::event::Body;
use crate::queue::Queue;
use crate::tasks::Tasks;
use jiff::Timestamp;
use llm_switch_ledger::Ledger;
use llm_switch_types::{Error, Result};
use parking_lot::Mutex;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// The ledger, or why there is none. A chat goes on without it; the loss is
/// told, and the next request tries to open it again.
pub(crate) struct LedgerSlot {
    file: PathBuf,
    queue: Arc<Queue>,
    tasks: Tasks,
    opening: tokio::sync::Mutex<()>,
    open: Mutex<Option<Ledger>>,
    told: Mutex<Option<Error>>,
}

impl LedgerSlot {
    pub(crate) fn new(file: PathBuf, queue: Arc<Queue>, tasks: Tasks) -> Self {
        let (opening, open, told) = Default::default();
        LedgerSlot { file, queue, tasks, opening, open, told }
    }

    /// The ledger.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Store`] when it cannot be opened.
    pub(crate) async fn get(&self) -> Result<Ledger> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(ledger) = self.open.lock().clone() {
            return Ok(ledger);
        }
        match self.try_open().await {
            Ok(ledger) => {
                *self.told.lock() = None;
                *self.open.lock() = Some(ledger.clone());
                Ok(ledger)
            }
            Err(error) => {
                self.tell(&error);
                Err(error)
            }
        }
    }

    /// The ledger, if it is open.
    pub(crate) fn if_open(&self) -> Option<Ledger> {
        self.open.lock().clone()
    }

    async fn try_open(&self) -> Result<Ledger> {
        let (file, queue) = (self.file.clone(), Arc::clone(&self.queue));
        let told = move |error: Error| queue.push(0, notice(&error));
        // On a thread of the runtime, so that the ledger's own thread
        // inherits the mask for signals.
        self.tasks.blocking(move || Ledger::open(&file, now_ms(), told)).await?
    }

    /// Tell the loss once, not with every request.
    fn tell(&self, error: &Error) {
        let mut told = self.told.lock();
        if told.as_ref() != Some(error) {
            self.queue.push(0, notice(error));
            *told = Some(error.clone());
        }
    }

    /// Write what is left and end the ledger's thread.
    pub(crate) fn close(&self) {
        let closed = self.open.lock().take().map(|ledger| ledger.close());
        if let Some(Err(error)) = closed {
            self.queue.push(0, notice(&error));
        }
    }
}

fn notice(error: &Error) -> Body {
    Body::Notice(json!({"kind": "ledger", "message": error.to_string()}))
}

/// Now, in Unix milliseconds.
pub(crate) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}
