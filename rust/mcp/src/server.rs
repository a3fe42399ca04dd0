//! A server, from its start to its end.

use crate::{Definition, Entry, Exit, Host, Info, State, inner::Inner, supervisor};
use llm_switch_types::Result;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A server that is used. When this is dropped it is killed, with all that it
/// has started; [`Server::stop`] lets it end by itself first.
pub struct Server {
    pub(crate) inner: Arc<Inner>,
    stop: watch::Sender<bool>,
    /// Owns the one task that keeps it connected.
    _keeper: Mutex<JoinSet<()>>,
}

impl Server {
    /// Start the server of DEFINITION for HOST, and say at once that it is
    /// being started. Must be called inside a tokio runtime.
    ///
    /// What becomes of it is told to HOST and by [`Server::ready`]. A server
    /// that failed can still be asked for its logs.
    pub fn start(definition: Definition, host: Host) -> Server {
        let inner = Arc::new(Inner::new(definition, host));
        let stop = watch::Sender::new(false);
        let mut keeper = JoinSet::new();
        keeper.spawn(supervisor::keep(Arc::clone(&inner), stop.subscribe()));
        Server { inner, stop, _keeper: Mutex::new(keeper) }
    }

    /// Wait until it can be used.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Mcp`] why it cannot;
    /// [`llm_switch_types::ErrorKind::Config`] and
    /// [`llm_switch_types::ErrorKind::Refused`] where its definition is why.
    pub async fn ready(&self) -> Result<Arc<Info>> {
        self.inner.usable().await.map(|connection| Arc::clone(&connection.info))
    }

    /// What it is doing.
    pub fn state(&self) -> State {
        self.inner.state().borrow().clone()
    }

    /// What it was started with.
    pub fn definition(&self) -> &Definition {
        &self.inner.definition
    }

    /// The last lines of its standard error, oldest first, without the values
    /// of its environment.
    pub fn stderr(&self) -> Vec<String> {
        self.inner.stderr.all()
    }

    /// The last messages to and from it, oldest first.
    pub fn protocol(&self) -> Vec<Entry> {
        self.inner.protocol.all()
    }

    /// What of [`Server::stderr`] came after the first AFTER lines, and how
    /// many lines came in all.
    pub fn stderr_after(&self, after: usize) -> (Vec<String>, usize) {
        self.inner.stderr.after(after)
    }

    /// What of [`Server::protocol`] came after the first AFTER messages, and
    /// how many came in all.
    pub fn protocol_after(&self, after: usize) -> (Vec<Entry>, usize) {
        self.inner.protocol.after(after)
    }

    /// The id of its process, while it has one.
    pub fn pid(&self) -> Option<u32> {
        *self.inner.pid.lock()
    }

    /// Let it end, and see to it that it does within four seconds. Tells how
    /// its process ended, where it had one that was alive.
    pub async fn stop(&self) -> Option<Exit> {
        self.stop.send_replace(true);
        let over = |state: &State| matches!(state, State::Stopped { .. } | State::Failed { .. });
        match self.inner.state().wait_for(over).await.as_deref() {
            Ok(State::Stopped { exit }) => *exit,
            _ => None,
        }
    }
}
