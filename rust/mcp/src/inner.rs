//! What all parts of a server's client share.

use crate::calls::Calls;
use crate::connection::{Broken, Connection};
use crate::{Challenge, Definition, Era, Event, Host, Launch, State};
use crate::{ear::Ear, failure, handler::Handler, listener::Tell};
use crate::{login::Session, protocol::Protocol, ring::Ring, secrets::Secrets};
use llm_switch_types::{Error, Result};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::{OnceCell, watch};

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
    /// Counts the logins.
    pub(crate) renewed: watch::Sender<u64>,
    session: OnceCell<Option<Arc<Session>>>,
    challenge: Mutex<Option<Challenge>>,
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
            renewed: watch::Sender::new(0),
            session: OnceCell::new(),
            challenge: Mutex::default(),
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

    /// CONNECTION is of no use any more, for the reason WHY: its owner is told,
    /// and nothing new is begun over it meanwhile.
    pub(crate) fn give_up(&self, connection: &Arc<Connection>, why: Broken) {
        self.connection.lock().take_if(|it| Arc::ptr_eq(it, connection));
        connection.broken.send_replace(Some(why));
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

    /// Its login, where it can have one: a header `Authorization` that the
    /// user wrote stands for itself.
    ///
    /// # Errors
    /// When its url is no address.
    pub(crate) async fn session(&self) -> Result<Option<Arc<Session>>> {
        self.session.get_or_try_init(|| self.new_session()).await.cloned()
    }

    async fn new_session(&self) -> Result<Option<Arc<Session>>> {
        let (Some(login), Some(http)) = (&self.host.login, &self.host.http) else {
            return Ok(None);
        };
        let Launch::Http { url, headers } = &self.definition.launch else { return Ok(None) };
        if headers.0.keys().any(|name| name.eq_ignore_ascii_case("authorization")) {
            return Ok(None);
        }
        let (name, calls) = (&self.definition.name, Arc::clone(&self.calls));
        let session =
            Session::new(name, url, login.clone(), http.reach(), &self.host, calls).await?;
        Ok(Some(Arc::new(session)))
    }

    /// What the server said last to one whom it did not let in.
    pub(crate) fn challenge(&self) -> Option<Challenge> {
        self.challenge.lock().clone()
    }

    pub(crate) fn challenged(&self, challenge: Option<Challenge>) {
        *self.challenge.lock() = challenge;
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
