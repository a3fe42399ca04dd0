//! The thread that writes.

use crate::checkpoint::Checkpointer;
use crate::command::Command;
use crate::dimension::Names;
use crate::gate::{self, Gate};
use crate::log::Log;
use crate::place::{FileId, Place};
use crate::process::Process;
use crate::queue::Queue;
use crate::recorder::{Answer, Recorder};
use crate::standings::Standings;
use crate::{Options, failure, recovery, signals};
use llm_switch_types::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Records per transaction: enough that a burst costs few commits, few enough
/// that the gate is free again within a millisecond or two.
const BATCH: usize = 128;

/// How often it is seen who lives, while somebody asks for money.
const ROLL_CALL: Duration = Duration::from_millis(500);

/// Statements that stay prepared: about twice as many as there are.
const STATEMENTS: usize = 128;

/// Told about losses, from the writer's thread.
pub(crate) type OnLoss = Box<dyn Fn(Error) + Send>;

/// All that the writer's thread owns.
pub(crate) struct Writer {
    // Closed before the connection, which must be the last.
    pub(crate) checkpointer: Checkpointer,
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
    log: Log,
    /// The trouble that was told last.
    trouble_told: Option<String>,
    /// How many lost records were told.
    lost_told: u64,
    /// When it was last seen who lives.
    roll_called: Option<Instant>,
}

/// A batch that is in the file.
struct Written<'b> {
    /// How many of its records the file turned down.
    rejected: u64,
    /// To be given when the batch is there for good.
    answers: Vec<Answer<'b>>,
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
        signals::mask();
        gate::sleep_lightly();
        self.connection.set_prepared_statement_cache_capacity(STATEMENTS);
        while self.queue.wait(BATCH) && self.write(&mut Vec::new()) {}
    }

    /// Writes BATCH, and what there is in the queue, however long that takes.
    /// False when it is given up.
    fn write(&mut self, batch: &mut Vec<Command>) -> bool {
        loop {
            let is_last_try = self.queue.is_closing();
            let failure = match self.try_write(batch) {
                Ok((batch, written)) => {
                    self.finish(batch, written);
                    return true;
                }
                Err(failure) => failure,
            };
            self.tell_failed(batch, failure.error);
            if failure.is_final {
                self.leave_file_alone();
            }
            if failure.is_final || is_last_try {
                return false;
            }
            self.queue.pause(self.options.retry);
        }
    }

    fn try_write<'b>(
        &mut self,
        batch: &'b mut Vec<Command>,
    ) -> std::result::Result<(&'b [Command], Written<'b>), Failure> {
        let _pass = self.gate.enter(self.options.patience)?;
        if self.was_moved() {
            return Err(failure::moved(&self.place.database).into());
        }
        // Not before: what came while others were in the gate goes along.
        self.queue.take(BATCH, batch);
        let batch = batch.as_slice();
        let Writer { connection, process, state, place, .. } = self;
        state
            .settle_the_dead(connection, place, batch)
            .and_then(|()| state.transact(connection, process.tag, batch))
            .map(|written| (batch, written))
            .map_err(|error| Failure::new(place, &error))
    }

    /// Answers those who wait for BATCH, which is WRITTEN. If the disk does not
    /// take it they are refused, since a power cut would forget what they
    /// spend; but it must not be written again.
    fn finish(&mut self, batch: &[Command], Written { rejected, answers }: Written) {
        let money_hangs_on_it = batch.iter().any(Command::must_survive_power_cut);
        match if money_hangs_on_it { self.state.log.secure(&self.place) } else { Ok(()) } {
            Ok(()) => {
                answers.into_iter().for_each(|answer| answer());
                self.state.trouble_told = None;
            }
            Err(error) => self.tell_failed(batch, error),
        }
        self.queue.finished(batch.len() as u64 - rejected, rejected);
        self.tell_lost();
        self.checkpointer.wake();
    }

    fn tell_failed(&mut self, batch: &[Command], error: Error) {
        batch.iter().for_each(|command| command.refuse(&error));
        self.queue.failed(error.clone());
        self.tell_trouble(error);
        self.tell_lost();
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

    /// Writes BATCH in one transaction.
    fn transact<'b>(
        &mut self,
        connection: &mut Connection,
        process: u16,
        batch: &'b [Command],
    ) -> rusqlite::Result<Written<'b>> {
        let written = write_batch(connection, &mut self.names, process, batch);
        if written.is_err() {
            self.names.forget();
        }
        written
    }
}

/// One row that breaks a rule of the file must not hold up all that come
/// after it: it is left out, and counted.
fn write_batch<'b>(
    connection: &mut Connection,
    names: &mut Names,
    process: u16,
    batch: &'b [Command],
) -> rusqlite::Result<Written<'b>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut recorder = Recorder {
        transaction: &transaction,
        names,
        process,
        answers: Vec::new(),
        standings: Standings::default(),
    };
    let mut rejected = 0;
    for command in batch {
        match recorder.apply(command) {
            Err(error) if failure::is_constraint(&error) => rejected += 1,
            written => written?,
        }
    }
    let answers = recorder.answers;
    transaction.commit()?;
    Ok(Written { rejected, answers })
}

struct EndOnDrop(Arc<Queue>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}
