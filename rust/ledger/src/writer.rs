//! The thread that writes.

use crate::command::Command;
use crate::dimension::Names;
use crate::gate::Gate;
use crate::place::{FileId, Place};
use crate::process::Process;
use crate::queue::{Queue, Work};
use crate::recorder::Recorder;
use crate::{Options, failure, recovery};
use llm_switch_types::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Records per transaction: enough that a burst costs few commits, few enough
/// that the gate is free again within a millisecond or two.
const BATCH: usize = 64;

/// How often it is seen who lives, while somebody asks for money.
const ROLL_CALL: Duration = Duration::from_millis(500);

/// Statements that stay prepared: about twice as many as there are.
const STATEMENTS: usize = 128;

/// Told about losses, from the writer's thread.
pub(crate) type OnLoss = Box<dyn Fn(Error) + Send>;

/// All that the writer's thread owns.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) gate: Gate,
    pub(crate) process: Process,
    pub(crate) place: Place,
    /// The file that is open.
    pub(crate) file: Option<FileId>,
    pub(crate) options: Options,
    pub(crate) queue: Arc<Queue>,
    pub(crate) on_loss: OnLoss,
    pub(crate) state: State,
}

/// What the writer remembers between batches.
#[derive(Debug, Default)]
pub(crate) struct State {
    names: Names,
    /// Whether commits wait for the disk at present.
    is_durable: bool,
    /// Whether the log holds what is not in the file yet.
    has_log: bool,
    /// The trouble that was told last.
    trouble_told: Option<String>,
    /// How many lost records were told.
    lost_told: u64,
    /// When it was last seen who lives.
    roll_called: Option<Instant>,
}

/// A batch that could not be written.
struct Failure {
    error: Error,
    /// Whether another try makes no sense.
    is_final: bool,
}

impl Failure {
    fn new(place: &Place, error: &rusqlite::Error) -> Failure {
        let is_final = failure::is_final(error);
        Failure { error: failure::from_sqlite(&place.database, error), is_final }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, is_final: false }
    }
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn spawn(self) -> Result<()> {
        let path = self.place.database.clone();
        thread::Builder::new()
            .name("llm-switch-ledger".into())
            .spawn(move || {
                // However the thread ends, nobody may wait for it for ever.
                let _end = EndOnDrop(Arc::clone(&self.queue));
                self.run();
            })
            .map(drop)
            .map_err(|error| failure::from_io(&path, &error))
    }

    /// Works until the queue is closed, and then closes the file.
    fn run(mut self) {
        mask_signals();
        self.connection.set_prepared_statement_cache_capacity(STATEMENTS);
        loop {
            let patience = self.state.has_log.then_some(self.options.idle);
            match self.queue.next(BATCH, patience) {
                Work::Batch(batch) if self.write(&batch) => {}
                Work::Idle => self.move_log_into_file(),
                Work::Batch(_) | Work::End => break,
            }
        }
    }

    /// Writes BATCH, however long that takes. False when it is given up.
    fn write(&mut self, batch: &[Command]) -> bool {
        loop {
            let is_last_try = self.queue.is_closing();
            let Err(failure) = self.try_write(batch) else { break };
            batch.iter().for_each(|command| command.refuse(&failure.error));
            self.queue.failed(failure.error.clone());
            self.tell_trouble(failure.error);
            self.tell_lost();
            if failure.is_final {
                self.leave_file_alone();
            }
            if failure.is_final || is_last_try {
                return false;
            }
            self.queue.pause(self.options.retry);
        }
        self.state.trouble_told = None;
        self.tell_lost();
        true
    }

    fn try_write(&mut self, batch: &[Command]) -> std::result::Result<(), Failure> {
        let pass = self.gate.enter(self.options.patience)?;
        if self.was_moved() {
            return Err(failure::moved(&self.place.database).into());
        }
        let Writer { connection, process, state, place, .. } = self;
        let rejected = state
            .settle_the_dead(connection, place, batch)
            .and_then(|()| state.transact(connection, process.tag, batch))
            .map_err(|error| Failure::new(place, &error))?;
        drop(pass);
        self.queue.finished(batch.len() as u64 - rejected, rejected);
        self.cut_log();
        Ok(())
    }

    /// Tells a trouble once, until it is over or another one.
    fn tell_trouble(&mut self, trouble: Error) {
        if self.state.trouble_told.as_ref() != Some(&trouble.what) {
            self.state.trouble_told = Some(trouble.what.clone());
            (self.on_loss)(trouble);
        }
    }

    /// Tells of lost records: the first ones while it cannot write, and the
    /// rest when it can again.
    fn tell_lost(&mut self) {
        let lost = self.queue.lost() - self.state.lost_told;
        let is_first = self.state.lost_told == 0;
        if lost > 0 && (is_first || self.state.trouble_told.is_none()) {
            self.state.lost_told += lost;
            (self.on_loss)(failure::lost(&self.place.database, lost));
        }
    }

    /// Whether the file at the ledger's place is not the one that is open.
    /// Records would go to a file that nobody finds again.
    fn was_moved(&self) -> bool {
        self.place.file() != self.file
    }

    /// A damaged file is the user's to rescue, and closing it would move the
    /// log into it. (When the file was moved SQLite sees to that itself.)
    fn leave_file_alone(&self) {
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// Brings the file up to date while nobody waits. What fails here fails
    /// at the next write too, and is told there.
    fn move_log_into_file(&mut self) {
        let _ = checkpoint(&self.connection, "PASSIVE");
        self.state.has_log = false;
    }

    /// Cuts a log that has grown too long, which needs the file alone for a
    /// moment. If somebody reads just now, a later batch will do it.
    fn cut_log(&mut self) {
        let length = fs::metadata(&self.place.wal).map_or(0, |wal| wal.len());
        if length <= self.options.wal_limit {
            return;
        }
        if let Ok(_pass) = self.gate.enter(self.options.patience) {
            let _ = self.connection.busy_timeout(Duration::ZERO);
            let _ = checkpoint(&self.connection, "TRUNCATE");
            let _ = self.connection.busy_timeout(self.options.patience);
        }
    }
}

impl State {
    /// Who asks for money must not be kept from it by what a process held that
    /// has died since.
    fn settle_the_dead(
        &mut self,
        connection: &mut Connection,
        place: &Place,
        batch: &[Command],
    ) -> rusqlite::Result<()> {
        let Some(now_ms) = batch.iter().find_map(Command::asks_at) else { return Ok(()) };
        if self.roll_called.is_some_and(|at| at.elapsed() < ROLL_CALL) {
            return Ok(());
        }
        self.roll_called = Some(Instant::now());
        recovery::run(connection, place, now_ms)
    }

    /// Writes BATCH in one transaction: how many of it the file turned down.
    fn transact(
        &mut self,
        connection: &mut Connection,
        process: u16,
        batch: &[Command],
    ) -> rusqlite::Result<u64> {
        self.set_durability(connection, batch)?;
        let written = write_batch(connection, &mut self.names, process, batch);
        match written {
            Ok(_) => self.has_log = true,
            Err(_) => self.names.forget(),
        }
        written
    }

    /// A commit waits for the disk only where money hangs on it.
    fn set_durability(
        &mut self,
        connection: &Connection,
        batch: &[Command],
    ) -> rusqlite::Result<()> {
        let durable = batch.iter().any(Command::must_survive_power_cut);
        if durable != self.is_durable {
            let level = if durable { "FULL" } else { "NORMAL" };
            connection.pragma_update(None, "synchronous", level)?;
            self.is_durable = durable;
        }
        Ok(())
    }
}

/// One row that breaks a rule of the file must not hold up all that come
/// after it: it is left out, and counted.
fn write_batch(
    connection: &mut Connection,
    names: &mut Names,
    process: u16,
    batch: &[Command],
) -> rusqlite::Result<u64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut recorder = Recorder { transaction: &transaction, names, process, answers: Vec::new() };
    let mut rejected = 0;
    for command in batch {
        match recorder.apply(command) {
            Err(error) if failure::is_constraint(&error) => rejected += 1,
            written => written?,
        }
    }
    let answers = recorder.answers;
    transaction.commit()?;
    answers.into_iter().for_each(|answer| answer());
    Ok(rejected)
}

fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<()> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}

struct EndOnDrop(Arc<Queue>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Signals are Emacs's, but those that this thread causes itself.
#[cfg(unix)]
fn mask_signals() {
    use nix::sys::signal::{SigSet, Signal};
    let mut foreign = SigSet::all();
    let own = [
        Signal::SIGSEGV,
        Signal::SIGBUS,
        Signal::SIGFPE,
        Signal::SIGILL,
        Signal::SIGTRAP,
        Signal::SIGABRT,
        Signal::SIGSYS,
    ];
    own.into_iter().for_each(|signal| foreign.remove(signal));
    // It fails for an unknown request only.
    let _ = foreign.thread_block();
}

#[cfg(not(unix))]
fn mask_signals() {}
