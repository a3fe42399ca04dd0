//! A server that was started, and what is known of it.

use super::{Identity, Messages, Place};
use llm_switch_config::mcp::McpServer;
use llm_switch_mcp::{Prompt, Resource, Server, State, Template, Tool};
use llm_switch_types::{Error, ErrorKind, Said};
use parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::watch;

/// Lines of its standard error that are told when it is over.
const LAST_WORDS: usize = 3;

/// Bytes of them.
const LONGEST: usize = 600;

/// The next one.
static RUNS: AtomicU64 = AtomicU64::new(1);

/// A server that was started.
pub(crate) struct Running {
    /// As it is written down.
    pub(crate) written: McpServer,
    /// The project that it is for; `None` for one of the user's own, which is
    /// there for all.
    pub(crate) project: Option<PathBuf>,
    /// Whom decisions are about: what it was when it was started.
    pub(crate) identity: Identity,
    pub(crate) server: Server,
    /// Which start of all that were made this is: no two have the same.
    pub(crate) run: u64,
    /// What it lists.
    pub(crate) lists: RwLock<Lists>,
    /// Why its tools are not known, where they could not be listed.
    pub(crate) trouble: Mutex<Option<Error>>,
    /// What it listed and nobody can use, where there is something.
    pub(crate) left_out: Mutex<Option<String>>,
    /// Whether its tools have been listed since it was connected to.
    pub(crate) listed: watch::Sender<bool>,
    /// What it said to whom it may concern.
    pub(crate) messages: Arc<Messages>,
    /// The jobs that wait for it, and from where: whom its questions are put
    /// to.
    jobs: Mutex<Vec<(i64, Place)>>,
}

/// What a server was started from.
pub(crate) struct Origin {
    pub(crate) written: McpServer,
    /// The project that it is for alone.
    pub(crate) project: Option<PathBuf>,
    pub(crate) identity: Identity,
}

/// What a server lists.
#[derive(Clone, Default)]
pub(crate) struct Lists {
    pub(crate) tools: Arc<[Tool]>,
    pub(crate) resources: Arc<[Resource]>,
    pub(crate) templates: Arc<[Template]>,
    pub(crate) prompts: Arc<[Prompt]>,
}

/// Stands for a job that waits for a server.
pub(crate) struct Waiting<'a>(&'a Running, i64);

impl Running {
    /// SERVER, started as ORIGIN says, whose words are MESSAGES.
    pub(crate) fn new(origin: Origin, server: Server, messages: Arc<Messages>) -> Running {
        let Origin { written, project, identity } = origin;
        Running {
            written,
            project,
            identity,
            server,
            run: RUNS.fetch_add(1, Ordering::Relaxed),
            lists: RwLock::default(),
            trouble: Mutex::default(),
            left_out: Mutex::default(),
            listed: watch::Sender::new(false),
            messages,
            jobs: Mutex::default(),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.written.name
    }

    /// Whether it is the server called NAME of PROJECT.
    pub(crate) fn is(&self, name: &str, project: Option<&Path>) -> bool {
        self.name() == name && self.project.as_deref() == project
    }

    /// Whether it is over: it has to be started anew to be used.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.server.state(), State::Failed { .. } | State::Stopped { .. })
    }

    /// ERROR, which happened there, with what it wrote last where that may say
    /// why it is over.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let lines = self.server.stderr();
        if !self.is_over() || error.kind != ErrorKind::Mcp || error.said.is_some() {
            return error;
        }
        let last = lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n");
        let begin = last.ceil_char_boundary(last.len().saturating_sub(LONGEST));
        let message = last[begin..].trim().to_owned();
        let said = (!message.is_empty()).then(|| Box::new(Said { message, ..Said::default() }));
        Error { said, ..error }
    }

    /// What is the matter with what it lists.
    pub(crate) fn problem(&self) -> Option<String> {
        let trouble = self.trouble.lock().as_ref().map(ToString::to_string);
        trouble.or_else(|| self.left_out.lock().clone())
    }

    /// Whether its tools can be called.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.server.state(), State::Ready { .. })
    }

    /// The job of ID waits for it, from PLACE, until what is returned is
    /// dropped.
    pub(crate) fn wait(&self, id: i64, place: &Place) -> Waiting<'_> {
        self.jobs.lock().push((id, place.clone()));
        Waiting(self, id)
    }

    /// Whom its questions are put to: who began to wait for it last, or else
    /// everybody, 0, from where nothing may leave the machine. Whose it is the
    /// protocol does not say, so nothing may be done for it that not all who
    /// wait allow.
    pub(crate) fn asker(&self) -> (i64, Place) {
        let jobs = self.jobs.lock();
        let Some((id, place)) = jobs.last() else {
            return (0, Place::nowhere(self.project.clone()));
        };
        let within = |place: Place, (_, other): &(i64, Place)| place.within(other);
        (*id, jobs.iter().fold(place.clone(), within))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut jobs = self.0.jobs.lock();
        if let Some(at) = jobs.iter().position(|(id, _)| *id == self.1) {
            jobs.remove(at);
        }
    }
}
