//! Servers on this machine: those that were started here, and how.
//!
//! `kind` knows how each is run, `program` where its program is, `port` its
//! address; `started` is one that
//! was started, `keeper` the task that owns its process from then on, `log`
//! what it says and `state` where it is in its life. `join` lets it be called.

mod join;
mod keeper;
mod kind;
mod log;
mod port;
mod program;
mod started;
mod state;

pub(crate) use join::{Offer, join};
pub(crate) use keeper::{answers, keep};
pub(crate) use kind::Kind;
pub(crate) use log::Log;
pub(crate) use port::{free_port, port_here};
pub(crate) use program::{command, find};
pub(crate) use started::Started;
pub(crate) use state::State;

use llm_switch_providers::FoundModel;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many that have ended are remembered, for what they said at the end.
const ENDED: usize = 8;

/// How long the models of a server are believed. Ollama is asked about each
/// of them apart, and a table that is looked at asks all the time.
const FRESH: Duration = Duration::from_secs(15);

/// The servers that were started, and what was found of all.
#[derive(Default)]
pub(crate) struct Local {
    started: Mutex<Vec<Arc<Started>>>,
    models: Mutex<HashMap<String, (Instant, Vec<FoundModel>)>>,
}

impl Local {
    /// All that were started, oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Started>> {
        self.started.lock().clone()
    }

    /// The one of ID.
    pub(crate) fn get(&self, id: u64) -> Option<Arc<Started>> {
        self.started.lock().iter().find(|it| it.id == id).cloned()
    }

    /// What MAKE makes of the ports that are in use by those that run, and of
    /// an id of its own; nobody else is started meanwhile.
    ///
    /// # Errors
    /// Those of MAKE.
    pub(crate) fn add<E>(
        &self,
        make: impl FnOnce(u64, &[u16]) -> Result<Arc<Started>, E>,
    ) -> Result<Arc<Started>, E> {
        let mut started = self.started.lock();
        let running = started.iter().filter(|it| !it.state().is_over());
        let ports: Vec<u16> = running.map(|it| it.port).collect();
        let id = started.last().map_or(1, |it| it.id + 1);
        let new = make(id, &ports)?;
        // It takes the place of what was started as it is and has ended.
        let same = |it: &Started| it.kind == new.kind && it.file == new.file;
        started.retain(|it| !(same(it) && it.state().is_over()));
        started.push(Arc::clone(&new));
        forget_oldest(&mut started);
        Ok(new)
    }

    /// Those that can be called.
    pub(crate) fn offers(&self) -> Vec<Offer> {
        let started = self.started.lock();
        started.iter().filter(|it| it.is_offered()).map(|it| (it.kind, it.port)).collect()
    }

    /// The models of the server at URL, if they were FOUND a moment ago.
    pub(crate) fn models(&self, url: &str) -> Option<Vec<FoundModel>> {
        let models = self.models.lock();
        let (at, found) = models.get(url)?;
        (at.elapsed() < FRESH).then(|| found.clone())
    }

    /// The models FOUND at URL.
    pub(crate) fn note_models(&self, url: &str, found: Vec<FoundModel>) {
        self.models.lock().insert(url.to_owned(), (Instant::now(), found));
    }

    /// Ask all again.
    pub(crate) fn forget_models(&self) {
        self.models.lock().clear();
    }
}

fn forget_oldest(started: &mut Vec<Arc<Started>>) {
    let mut too_many =
        started.iter().filter(|it| it.state().is_over()).count().saturating_sub(ENDED);
    started.retain(|it| {
        let goes = too_many > 0 && it.state().is_over();
        too_many -= usize::from(goes);
        !goes
    });
}
