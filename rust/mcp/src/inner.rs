//! What all parts of a server's client share.

use crate::calls::Calls;
use crate::{Definition, Era, Event, Host, State};
use crate::{connection::Connection, ear::Ear, failure, handler::Handler, listener::Tell};
use crate::{protocol::Protocol, ring::Ring, secrets::Secrets};
use llm_switch_types::{Error, Result};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::watch;

/// How many lines of standard error are kept.
const LINES: usize = 200;

/// What all parts of a server's client share.
pub(crate) struct Inner {
    pub(crate) definition: Definition,
    pub(crate) host: Host,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) stderr: Arc<Ring<String>>,
    pub(crate) protocol: Arc<Protocol>,
    pub(crate) calls: Arc<Calls>,
    state: watch::Sender<State>,
    connection: Mutex<Option<Arc<Connection>>>,
    era: Mutex<Option<Era>>,
    /// Of its process, while it has one.
    pub(crate) pid: Mutex<Option<u32>>,
}

impl Inner {
    pub(crate) fn new(definition: Definition, host: Host) -> Inner {
        let secrets = Arc::new(Secrets::new(definition.launch.values()));
        Inner {
            era: Mutex::new(host.era),
            pid: Mutex::default(),
            host,
            stderr: Arc::new(Ring::new(LINES)),
            protocol: Arc::new(Protocol::new(Arc::clone(&secrets))),
            secrets,
            calls: Arc::new(Calls::new()),
            state: watch::Sender::new(State::Starting),
            connection: Mutex::default(),
            definition,
        }
    }

    /// How the server began last time, where that is known.
    pub(crate) fn era(&self) -> Option<Era> {
        *self.era.lock()
    }

    pub(crate) fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// The connection, while there is one.
    pub(crate) fn connection(&self) -> Option<Arc<Connection>> {
        self.connection.lock().clone()
    }

    /// CONNECTION is there from now on.
    pub(crate) fn connected(&self, connection: Arc<Connection>) {
        let info = Arc::clone(&connection.info);
        *self.era.lock() = Some(info.era);
        *self.connection.lock() = Some(connection);
        self.enter(State::Ready { info });
    }

    /// There is no connection any more. Its owner is who calls this.
    pub(crate) fn disconnected(&self) {
        self.connection.lock().take();
    }

    pub(crate) fn enter(&self, state: State) {
        if !matches!(state, State::Starting | State::Ready { .. }) {
            self.pid.lock().take();
        }
        self.state.send_replace(state.clone());
        (self.host.events)(Event::State { state });
    }

    /// The server cannot be used any more because of REASON.
    pub(crate) fn fail(&self, reason: Error) {
        self.enter(State::Failed { reason: self.place(reason) });
    }

    /// ERROR, with the server that it happened at.
    pub(crate) fn place(&self, error: Error) -> Error {
        failure::at(error, &self.definition)
    }

    /// The connection, which is waited for while it is about to be made.
    ///
    /// # Errors
    /// Why there will be none.
    pub(crate) async fn usable(&self) -> Result<Arc<Connection>> {
        let mut states = self.state();
        loop {
            if let Some(error) = states.borrow_and_update().obstacle() {
                return Err(self.place(error));
            }
            if let Some(connection) = self.connection() {
                return Ok(connection);
            }
            if states.changed().await.is_err() {
                return Err(self.place(failure::mcp("the server was dropped")));
            }
        }
    }

    /// What hears a new connection.
    pub(crate) fn ear(&self) -> Ear {
        Ear::new(Arc::clone(&self.protocol), Arc::clone(&self.calls), self.tell())
    }

    /// What is told what happens.
    pub(crate) fn tell(&self) -> Tell {
        Arc::clone(&self.host.events)
    }

    /// What answers questions over a new connection that begins as in ERA.
    pub(crate) fn handler(&self, era: Era) -> Handler {
        Handler {
            server: self.definition.name.clone(),
            host: self.host.clone(),
            calls: Arc::clone(&self.calls),
            patience: self.definition.timeouts.total,
            era,
        }
    }

    /// What is told each line of the server's standard error.
    pub(crate) fn listener(&self) -> impl Fn(&str) + Send + 'static {
        let (kept, secrets) = (Arc::clone(&self.stderr), Arc::clone(&self.secrets));
        let tell = Arc::clone(&self.host.stderr);
        move |line| {
            let line = secrets.hide(line);
            tell(&line);
            kept.push(line.into_owned());
        }
    }
}
