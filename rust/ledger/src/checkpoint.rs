//! The thread that moves the log into the file.

use crate::gate::Gate;
use crate::place::Place;
use crate::{Options, database, failure, signals};
use llm_switch_types::Result;
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Keeps the write-ahead log short, beside the writer and mostly without the
/// gate: to copy a long one takes as long as dozens of commits.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wish: Arc<Wish>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Wish {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The log holds what is not in the file yet.
    has_log: bool,
    ending: bool,
}

/// What the thread owns.
struct Worker {
    wish: Arc<Wish>,
    /// Not the writer's, which is busy meanwhile.
    connection: Connection,
    gate: Gate,
    options: Options,
}

impl Checkpointer {
    /// Starts the thread for the ledger at PLACE, which is open.
    pub(crate) fn spawn(place: &Place, options: Options) -> Result<Checkpointer> {
        let wish = Arc::new(Wish::default());
        let worker = Worker {
            wish: Arc::clone(&wish),
            connection: database::open_checkpointer(place)?,
            gate: Gate::open(place)?,
            options,
        };
        let thread = thread::Builder::new()
            .name("llm-switch-log".into())
            .spawn(move || worker.run())
            .map_err(|error| failure::from_io(&place.database, &error))?;
        Ok(Checkpointer { wish, thread: Some(thread) })
    }

    /// Says that something was written.
    pub(crate) fn wake(&self) {
        self.wish.state.lock().has_log = true;
        self.wish.news.notify_one();
    }
}

/// Returns when the connection is closed: the last one to be closed tidies up,
/// and that must be the writer's.
impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wish.state.lock().ending = true;
        self.wish.news.notify_one();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Wish {
    /// Waits until there is work, and then for PAUSE, since more will follow.
    /// False when it is time to go.
    fn wait(&self, pause: Duration) -> bool {
        let mut state = self.state.lock();
        self.news.wait_while(&mut state, |state| !state.has_log && !state.ending);
        self.news.wait_while_for(&mut state, |state| !state.ending, pause);
        state.has_log = false;
        !state.ending
    }
}

impl Worker {
    fn run(self) {
        signals::mask();
        while self.wish.wait(self.options.checkpoint_pause) {
            self.move_log_into_file();
        }
    }

    /// What fails here fails at the next write too, and is told there. As long
    /// as somebody reads, the log can only grow; a later call will see to it.
    fn move_log_into_file(&self) {
        let length = self.checkpoint("PASSIVE").unwrap_or_default();
        if length <= self.options.wal_limit {
            return;
        }
        // Under steady writing there is always something left, so that the log
        // never begins anew. It is little by now. The file keeps its length:
        // commits would wait for the file system to make it longer again.
        if let Ok(_pass) = self.gate.enter(self.options.patience) {
            let _ = self.checkpoint("RESTART");
        }
    }

    /// How much of the log is in use, in bytes.
    fn checkpoint(&self, mode: &str) -> rusqlite::Result<u64> {
        let page: u64 = self.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages: i64 =
            self.connection
                .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| row.get(1))?;
        // It is -1 where there is no log.
        Ok(page * u64::try_from(pages).unwrap_or_default())
    }
}
