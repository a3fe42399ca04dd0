//! The only place with policy.
//!
//! An [`Engine`] owns a background runtime. [`Engine::submit`] starts an LLM
//! request and [`Engine::call`] any other job; both return an id at once, and
//! every id ends with exactly one terminal event, whatever happens. Events
//! gather in a queue; the first one rings the [`Doorbell`], and whoever hears
//! it takes them with [`Engine::drain`].
//!
//! A request passes these files in this order: `intake` reads it, `memory`
//! gives earlier turns their thoughts back, `setup`
//! knows who is there, `choice` says whom to ask, `keys` finds the key,
//! `answer` makes the attempt, `recording` writes what it cost, `terminal`
//! says that it is over.

mod adoption;
mod answer;
mod bell;
mod child;
mod choice;
mod clients;
mod core;
mod environment;
mod event;
mod files;
mod intake;
mod keys;
mod learned;
mod ledger;
mod local;
mod mcp;
mod memory;
mod methods;
mod money;
mod prices;
mod questions;
mod queue;
mod seal;
mod setup;
mod tasks;
mod terminal;
mod unfinished;

pub use bell::Doorbell;
pub use core::Options;
pub use event::{Body, Envelope};

use crate::core::Core;
use crate::terminal::Terminal;
use llm_switch_types::{Error, ErrorKind, Result};
use std::sync::Arc;

/// The version of what crosses the boundary to the user interface. A module
/// and Lisp of different versions would misread each other.
pub const BOUNDARY: u64 = 1;

/// A running engine.
pub struct Engine {
    core: Arc<Core>,
    runtime: tasks::Runtime,
}

impl Engine {
    /// Start with OPTIONS; events are announced at DOORBELL.
    ///
    /// # Errors
    /// [`ErrorKind::Module`] when the system gives no threads. A wrong
    /// configuration is no error here: it is told as a notice, and the engine
    /// runs without it.
    pub fn start(options: Options, doorbell: Arc<dyn Doorbell>) -> Result<Engine> {
        let runtime = tasks::Runtime::start()?;
        let core = Core::new(options, doorbell, runtime.tasks());
        let begun = Arc::clone(&core);
        runtime.tasks().background(async move { begun.begin().await });
        Ok(Engine { core, runtime })
    }

    /// Start the LLM request that REQUEST describes; see `intake` for its form.
    pub fn submit(&self, request: String) -> i64 {
        let id = self.core.next_id();
        let (core, terminal) = (Arc::clone(&self.core), Terminal::new(&self.core.queue, id));
        self.runtime
            .tasks()
            .spawn(id, async move { answer::answer(core, terminal, request).await });
        id
    }

    /// Start METHOD with PARAMS, a JSON object.
    pub fn call(&self, method: String, params: String) -> i64 {
        let id = self.core.next_id();
        let (core, terminal) = (Arc::clone(&self.core), Terminal::new(&self.core.queue, id));
        let job = async move {
            match methods::call(core, id, &method, &params).await {
                Ok(value) => terminal.finish(Body::Value(value)),
                Err(error) => terminal.fail(error, serde_json::Value::Null),
            }
        };
        self.runtime.tasks().spawn(id, job);
        id
    }

    /// Cancel what ID stands for; false when it is over already.
    pub fn cancel(&self, id: i64) -> bool {
        self.runtime.tasks().cancel(id)
    }

    /// Take a bounded number of events, oldest first. When more are left the
    /// doorbell rings again.
    pub fn drain(&self) -> Vec<Envelope> {
        self.core.queue.take()
    }

    /// Put back events that could not be delivered, oldest first.
    pub fn give_back(&self, events: Vec<Envelope>) {
        self.core.queue.give_back(events);
    }

    /// End everything within a third of a second or so. What is still running
    /// gets its terminal event, which one more [`Engine::drain`] delivers; the
    /// doorbell no longer rings.
    pub fn shutdown(self) -> Vec<Envelope> {
        self.core.queue.close();
        for id in self.runtime.shutdown() {
            drop(Terminal::new(&self.core.queue, id));
        }
        self.core.ledger.close();
        self.core.queue.take_all()
    }
}

/// The JSON object in TEXT, of this version of the boundary.
///
/// # Errors
/// [`ErrorKind::Module`]: Lisp and module do not match, or Lisp is wrong.
pub(crate) fn read_object(text: &str) -> Result<serde_json::Value> {
    let object: serde_json::Value = serde_json::from_str(text)
        .map_err(|e| Error::new(ErrorKind::Module, format!("what Lisp sent is not JSON: {e}")))?;
    check_version(object["v"].as_u64())?;
    Ok(object)
}

/// Refuse VERSION unless it is ours.
pub(crate) fn check_version(version: Option<u64>) -> Result<()> {
    if version == Some(BOUNDARY) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Module,
        "the Lisp files and the loaded module are of different versions",
    )
    .advise("Restart Emacs: a module cannot be replaced while it is loaded"))
}
