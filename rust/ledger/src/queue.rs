//! Records on their way to the writer.

use crate::command::Command;
use crate::failure;
use llm_switch_types::{Error, Result};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Records that wait for the writer, and what became of the earlier ones.
/// Putting one in never waits.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// There is something to do for the writer.
    work: Condvar,
    /// The writer has done something, or has failed to.
    news: Condvar,
    capacity: usize,
    /// For messages.
    database: PathBuf,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Command>,
    /// Records taken in, ever.
    accepted: u64,
    /// Those of them that are in the file, or were turned down by it.
    finished: u64,
    /// Records that will never be in the file.
    lost: u64,
    /// Those of them that a flush has told about.
    lost_told: u64,
    /// Tries to write that failed, ever.
    failures: u64,
    /// Why the last one failed.
    trouble: Option<Error>,
    /// Somebody wants the next try now.
    urged: bool,
    closing: bool,
    ended: bool,
}

/// How long records wait for company at most.
const LINGER: Duration = Duration::from_millis(10);

impl State {
    /// Whether the writer should begin at once. MOST fit into one transaction.
    fn is_pressing(&self, most: usize) -> bool {
        let asks = || self.waiting.iter().any(Command::is_question);
        self.closing || self.urged || self.waiting.len() >= most || asks()
    }
}

impl Queue {
    pub(crate) fn new(capacity: usize, database: PathBuf) -> Queue {
        let (work, news) = (Condvar::new(), Condvar::new());
        Queue { state: Mutex::default(), work, news, capacity, database }
    }

    /// Takes COMMAND in, or counts it as lost when there is no room. While
    /// the file cannot be written, who waits for an answer has it at once.
    pub(crate) fn push(&self, command: Command) {
        let mut state = self.state.lock();
        if let Some(trouble) = &state.trouble {
            command.refuse(trouble);
        }
        if state.closing || state.ended || state.waiting.len() >= self.capacity {
            state.lost += 1;
            return;
        }
        state.waiting.push_back(command);
        state.accepted += 1;
        self.work.notify_one();
    }

    /// Waits until all that was put in before is in the file, or until a try
    /// to write it has failed.
    pub(crate) fn flush(&self) -> Result<()> {
        let mut state = self.state.lock();
        let (target, failures) = (state.accepted, state.failures);
        state.urged = true;
        self.work.notify_one();
        while state.finished < target && state.failures == failures && !state.ended {
            self.news.wait(&mut state);
        }
        self.verdict(&mut state, target)
    }

    /// Whether the first TARGET records are in the file, or why not.
    fn verdict(&self, state: &mut State, target: u64) -> Result<()> {
        let lost = state.lost - state.lost_told;
        state.lost_told = state.lost;
        if state.finished < target {
            let unwritten = || failure::unwritten(&self.database, target - state.finished);
            return Err(state.trouble.clone().unwrap_or_else(unwritten));
        }
        if lost > 0 { Err(failure::lost(&self.database, lost)) } else { Ok(()) }
    }

    /// Why records cannot be written at present.
    pub(crate) fn trouble(&self) -> Option<Error> {
        self.state.lock().trouble.clone()
    }

    /// Takes nothing in any more, and waits until the writer has written what
    /// is there or LIMIT is over.
    pub(crate) fn close(&self, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        let mut state = self.state.lock();
        state.closing = true;
        self.work.notify_one();
        while !state.ended && !self.news.wait_until(&mut state, deadline).timed_out() {}
        let all = state.accepted;
        self.verdict(&mut state, all)
    }
}

/// The writer's side.
impl Queue {
    /// Waits for work. False when there will be no more.
    ///
    /// Where nobody waits for an answer, and there are fewer than MOST records,
    /// more are awaited for [`LINGER`]: a settlement then goes with the next
    /// admission, in one commit.
    pub(crate) fn wait(&self, most: usize) -> bool {
        let mut state = self.state.lock();
        self.work.wait_while(&mut state, |state| state.waiting.is_empty() && !state.closing);
        self.work.wait_while_for(&mut state, |state| !state.is_pressing(most), LINGER);
        !state.waiting.is_empty()
    }

    /// Fills BATCH up to MOST records.
    pub(crate) fn take(&self, most: usize, batch: &mut Vec<Command>) {
        let mut state = self.state.lock();
        let ready = state.waiting.len().min(most - batch.len());
        batch.extend(state.waiting.drain(..ready));
        state.urged &= !state.waiting.is_empty();
    }

    /// WRITTEN records are in the file; REJECTED ones of the same batch were
    /// turned down by it.
    pub(crate) fn finished(&self, written: u64, rejected: u64) {
        let mut state = self.state.lock();
        state.finished += written + rejected;
        state.lost += rejected;
        state.trouble = None;
        self.news.notify_all();
    }

    /// A try to write failed because of TROUBLE.
    pub(crate) fn failed(&self, trouble: Error) {
        let mut state = self.state.lock();
        state.failures += 1;
        state.waiting.iter().for_each(|command| command.refuse(&trouble));
        state.trouble = Some(trouble);
        state.urged = false;
        self.news.notify_all();
    }

    /// Waits for the next try: INTERVAL, or until somebody wants it now.
    pub(crate) fn pause(&self, interval: Duration) {
        let deadline = Instant::now() + interval;
        let mut state = self.state.lock();
        while !state.urged && !state.closing {
            if self.work.wait_until(&mut state, deadline).timed_out() {
                break;
            }
        }
        state.urged = false;
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.state.lock().closing
    }

    /// How many records were lost so far.
    pub(crate) fn lost(&self) -> u64 {
        self.state.lock().lost
    }

    /// The writer is gone, and what waits with it.
    pub(crate) fn end(&self) {
        let mut state = self.state.lock();
        state.lost += state.accepted - state.finished;
        state.waiting.clear();
        state.ended = true;
        self.news.notify_all();
    }
}
