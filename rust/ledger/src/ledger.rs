//! The handle.

use crate::checkpoint::Checkpointer;
use crate::command::{
    Admit, Alert, Allowance, AttemptEnd, Claim, Command, Extend, NewAttempt, NewRequest, Seen,
};
use crate::gate::Gate;
use crate::key::{KeySource, TAGS};
use crate::place::Place;
use crate::process::{self, Process};
use crate::queue::Queue;
use crate::readers::Readers;
use crate::reply::Reply;
use crate::writer::Writer;
use crate::{
    AttemptKey, Demand, Health, Options, Outcome, RanTool, RequestKey, Verdict, Vote, database,
    failure, recovery,
};
use llm_switch_types::{Balance, Error, Money, Result, Usage, Window};
use rusqlite::Connection;
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
    readers: Readers,
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
            checkpointer: Checkpointer::spawn(&place, options.clone())?,
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
        let readers = Readers::default();
        Ok(Ledger { shared: Arc::new(Shared { queue, keys, readers, place, options }) })
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

    /// Asks whether the budgets allow that an attempt of REQUEST begins, and
    /// records it with its hold if they do. HEAR is told on the writer's
    /// thread, when the hold is in the file, exactly once; it must not wait.
    /// An error means that nothing is known of the budgets, so that nothing
    /// that costs money may be sent.
    ///
    /// Whoever is not interested any more ends the attempt.
    pub fn admit(
        &self,
        request: RequestKey,
        new: NewAttempt,
        demand: Demand,
        hear: impl FnOnce(Result<Verdict>) + Send + 'static,
    ) -> AttemptKey {
        let attempt = AttemptKey(self.shared.keys.next(new.started_ms));
        let reply = Reply::new(hear);
        self.push(Command::Admit(Box::new(Admit { attempt, request, new, demand, reply })));
        attempt
    }

    /// Asks that ATTEMPT hold what DEMAND says, in the place of what it holds.
    /// When that is denied it holds what it held, and nobody who began later
    /// gets more of these budgets before it does. HEAR as in
    /// [`Ledger::admit`].
    pub fn extend(
        &self,
        attempt: AttemptKey,
        demand: Demand,
        hear: impl FnOnce(Result<Verdict>) + Send + 'static,
    ) {
        let reply = Reply::new(hear);
        self.push(Command::Extend(Box::new(Extend { attempt, demand, reply })));
    }

    /// Allows more than a budget's limit for some time.
    pub fn allow(&self, allowance: Allowance) {
        self.push(Command::Allow(Box::new(allowance)));
    }

    /// Whether it is news that the budget called NAME has passed THRESHOLD, in
    /// hundredths of a percent of its limit, in the window that began at
    /// WINDOW_START: no process of this ledger was told before NOW_MS.
    /// HEAR as in [`Ledger::admit`].
    pub fn alert(
        &self,
        name: &str,
        window_start: i64,
        threshold: u32,
        now_ms: i64,
        hear: impl FnOnce(Result<bool>) + Send + 'static,
    ) {
        self.push(Command::Alert(Box::new(Alert {
            budget: name.to_owned(),
            window_start,
            threshold,
            told_ms: now_ms,
            reply: Reply::new(hear),
        })));
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

    /// Records that AMOUNT was left on an account, as its owner has SEEN. What
    /// the service tells stands beside it and does not replace it.
    pub fn enter_balance(&self, seen: Seen, amount: Money) {
        self.push(Command::Enter(seen, amount));
    }

    /// Records what was found of the health of a deployment or an account.
    /// What was found later wins, whichever process found it.
    pub fn see_health(&self, health: Health) {
        self.push(Command::SeeHealth(Box::new(health)));
    }

    /// Records TRIALS, unless somebody else has tried the same since STALE_MS
    /// (Unix milliseconds, UTC): HEAR is told whether they were recorded, so
    /// that of several processes one tries. HEAR as in [`Ledger::admit`].
    pub fn claim_trials(
        &self,
        trials: Vec<Health>,
        stale_ms: i64,
        hear: impl FnOnce(Result<bool>) + Send + 'static,
    ) {
        let reply = Reply::new(hear);
        self.push(Command::Claim(Box::new(Claim { trials, stale_ms, reply })));
    }

    /// Records that a tool of an MCP server RAN, or was not allowed to.
    pub fn record_tool_call(&self, ran: RanTool) {
        self.push(Command::RanTool(Box::new(ran)));
    }

    /// Records VOTE in the place of what was voted about the same answers.
    pub fn vote(&self, vote: Vote) {
        self.push(Command::Vote(Box::new(vote)));
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

    /// Runs QUERY, beside others.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.shared.read(query)
    }

    /// Runs QUERY, which may take so long that closing must not wait for it.
    pub(crate) fn read_apart<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let Shared { place, options, .. } = &*self.shared;
        database::open_reader(place, options.patience)
            .and_then(|connection| query(&connection))
            .map_err(|error| failure::from_sqlite(&place.database, &error))
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
        self.readers
            .read(&self.place, self.options.patience, query)
            .map_err(|error| failure::from_sqlite(&self.place.database, &error))
    }

    fn close(&self) -> Result<()> {
        // First: the last connection tidies up, and that must be the writer's.
        self.readers.close();
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
