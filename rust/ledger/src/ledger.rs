//! The handle.

use crate::account::{self, AccountState};
use crate::command::{AttemptEnd, Command, NewAttempt, NewRequest, Seen};
use crate::gate::Gate;
use crate::key::{KeySource, TAGS};
use crate::place::Place;
use crate::process::{self, Process};
use crate::queue::Queue;
use crate::writer::Writer;
use crate::{
    AttemptKey, Options, Outcome, RequestKey, RequestRow, Totals, database, failure, recovery, row,
    totals,
};
use llm_switch_types::{Balance, Error, Money, Result, Usage, Window};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The spend ledger. Clones share one writer, which ends with the last of
/// them.
///
/// What records returns at once and cannot fail; records become rows in the
/// order in which they were made. What reads sees what is in the file, so a
/// caller that wants to see its own records calls [`Ledger::flush`] first.
#[derive(Clone, Debug)]
pub struct Ledger {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    queue: Arc<Queue>,
    keys: KeySource,
    /// Opened when first needed.
    reader: Mutex<Option<Connection>>,
    place: Place,
    options: Options,
}

impl Ledger {
    /// Opens the ledger at PATH, which is created with its folder if it is
    /// not there. What dead processes left open is settled as crashed at
    /// NOW_MS, in Unix milliseconds (UTC).
    ///
    /// ON_LOSS is called on the writer's thread when records cannot be
    /// written: once for each cause, not for each record. They are kept in
    /// memory and written when the cause is gone, up to a limit; what is lost
    /// is told too. It must not hold a ledger.
    ///
    /// # Errors
    /// A file that is not a ledger, is damaged, is read-only, has a newer
    /// version or lies on a network file system is refused, untouched.
    pub fn open(
        path: &Path,
        now_ms: i64,
        on_loss: impl Fn(Error) + Send + Sync + 'static,
    ) -> Result<Ledger> {
        Self::open_with(Options::default(), path, now_ms, on_loss)
    }

    /// [`Ledger::open`] with OPTIONS.
    ///
    /// # Errors
    /// Those of [`Ledger::open`].
    pub fn open_with(
        options: Options,
        path: &Path,
        now_ms: i64,
        on_loss: impl Fn(Error) + Send + Sync + 'static,
    ) -> Result<Ledger> {
        let place = Place::prepare(path)?;
        let gate = Gate::open(&place)?;
        let (connection, process) = enter(&place, &gate, options.patience, now_ms)?;
        let keys = KeySource::new(process.tag);
        let queue = Arc::new(Queue::new(options.backlog, place.database.clone()));
        let writer = Writer {
            connection,
            gate,
            process,
            file: place.file(),
            place: place.clone(),
            options: options.clone(),
            queue: Arc::clone(&queue),
            on_loss: Box::new(on_loss),
            state: Default::default(),
        };
        writer.spawn()?;
        let reader = Mutex::new(None);
        Ok(Ledger { shared: Arc::new(Shared { queue, keys, reader, place, options }) })
    }

    /// Records that a request begins.
    pub fn begin_request(&self, new: NewRequest) -> RequestKey {
        let key = RequestKey(self.shared.keys.next(new.started_ms));
        self.push(Command::BeginRequest(key, new));
        key
    }

    /// Records that an attempt of REQUEST begins.
    pub fn begin_attempt(&self, request: RequestKey, new: NewAttempt) -> AttemptKey {
        let key = AttemptKey(self.shared.keys.next(new.started_ms));
        self.push(Command::BeginAttempt(key, request, new));
        key
    }

    /// Records what an attempt has used and cost so far. If its process dies,
    /// this is what it will have cost; COST is `None` while that is unknown.
    pub fn note(&self, attempt: AttemptKey, usage: &Usage, cost: Option<Money>) {
        self.push(Command::Note(attempt, *usage, cost));
    }

    /// Records how an attempt ended. Only the first end of an attempt counts.
    pub fn end_attempt(&self, attempt: AttemptKey, end: AttemptEnd) {
        self.push(Command::EndAttempt(attempt, Box::new(end)));
    }

    /// Records how a request ended, at ENDED_MS in Unix milliseconds (UTC).
    /// Attempts that did not end end with it, at the cost noted last.
    pub fn end_request(&self, request: RequestKey, ended_ms: i64, outcome: Outcome) {
        self.push(Command::EndRequest(request, ended_ms, outcome));
    }

    /// Records how much of each of WINDOWS was left. What was seen later wins,
    /// whichever process saw it.
    pub fn see_windows(&self, seen: Seen, windows: Vec<Window>) {
        self.push(Command::SeeWindows(seen, windows));
    }

    /// Records what was left on an account, instead of what was before.
    pub fn see_balance(&self, seen: Seen, balance: Balance) {
        self.push(Command::SeeBalance(seen, balance));
    }

    fn push(&self, command: Command) {
        self.shared.queue.push(command);
    }

    /// Waits until all records made before are in the file.
    ///
    /// # Errors
    /// Why they are not: a failed try to write them (they are kept, and tried
    /// again later), or the loss of records since the last flush.
    pub fn flush(&self) -> Result<()> {
        self.shared.queue.flush()
    }

    /// Why records cannot be written at present, if they cannot.
    pub fn trouble(&self) -> Option<Error> {
        self.shared.queue.trouble()
    }

    /// A request with its attempts, or `None` if the file has none with KEY.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn request(&self, key: RequestKey) -> Result<Option<RequestRow>> {
        self.shared.read(|connection| row::request(connection, key))
    }

    /// Sums over what began at FROM_MS or later and before TO_MS (Unix
    /// milliseconds, UTC) and has ended: requests by their own start, tokens
    /// and cost by that of the attempt. Exact to the millisecond.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn totals(&self, from_ms: i64, to_ms: i64) -> Result<Totals> {
        self.shared.read(|connection| totals::read(connection, from_ms..to_ms))
    }

    /// What was last seen of each account, by its name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn accounts(&self) -> Result<BTreeMap<String, AccountState>> {
        self.shared.read(account::read)
    }

    /// Writes what is waiting and ends the writer, in bounded time; what is
    /// recorded afterwards, through any clone, is lost. The last clone does
    /// this when it is dropped.
    ///
    /// # Errors
    /// Those of [`Ledger::flush`]; what is not written by now is lost, and
    /// its requests are settled as crashed when the ledger is next opened.
    pub fn close(&self) -> Result<()> {
        self.shared.close()
    }
}

impl Shared {
    fn read<T>(&self, query: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut reader = self.reader.lock();
        let opened = match reader.take() {
            Some(connection) => Ok(connection),
            None => database::open_reader(&self.place, self.options.patience),
        };
        opened
            .and_then(|connection| query(reader.insert(connection)))
            .map_err(|error| failure::from_sqlite(&self.place.database, &error))
    }

    fn close(&self) -> Result<()> {
        // First: the last connection tidies up, and that must be the writer's.
        drop(self.reader.lock().take());
        // The gate and SQLite may each take the patience for the last batch.
        self.queue.close(2 * self.options.patience + Duration::from_secs(1))
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Who wants to know calls it before.
        let _ = self.close();
    }
}

/// Opens the file and takes a place among the living, which nobody else may
/// do at the same time.
fn enter(
    place: &Place,
    gate: &Gate,
    patience: Duration,
    now_ms: i64,
) -> Result<(Connection, Process)> {
    let _pass = gate.enter(patience)?;
    let mut connection = database::open(place, patience)?;
    let told = |error| failure::from_sqlite(&place.database, &error);
    recovery::run(&mut connection, place, now_ms).map_err(told)?;
    let wish = random_tag(&connection).map_err(told)?;
    let process = process::sweep(&place.processes)
        .and_then(|()| Process::enter(&place.processes, wish))
        .map_err(|error| failure::from_io(&place.processes, &error))?;
    Ok((connection, process))
}

fn random_tag(connection: &Connection) -> rusqlite::Result<u16> {
    connection.query_row("SELECT (random() & ?1)", [TAGS - 1], |row| row.get(0))
}
