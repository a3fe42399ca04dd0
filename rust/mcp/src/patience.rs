//! How long something is waited for.

use crate::{Timeouts, calls::Progress};
use std::pin::pin;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

/// Why the waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// Nothing was heard for too long.
    Silence,
    /// It took too long altogether.
    Total,
}

/// Wait for WORK as long as TIMEOUTS allow, and hand what is heard of it
/// meanwhile on NOTES to TELL, all of it before the result.
///
/// A note ends a silence. None is counted while QUESTIONS is not zero: then
/// the server waits for the user.
pub(crate) async fn wait<T>(
    work: impl Future<Output = T>,
    timeouts: Timeouts,
    mut questions: watch::Receiver<usize>,
    notes: &mut mpsc::UnboundedReceiver<Progress>,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<T, Overdue> {
    let mut work = pin!(work);
    let mut total = pin!(sleep(timeouts.total));
    let mut silence = pin!(sleep(timeouts.idle));
    loop {
        let asking = *questions.borrow_and_update() > 0;
        tokio::select! {
            // The cap first: a server must not outlive it by talking.
            biased;
            () = &mut total => return Err(Overdue::Total),
            Some(note) = notes.recv() => tell(note),
            result = &mut work => {
                while let Ok(note) = notes.try_recv() {
                    tell(note);
                }
                return Ok(result);
            }
            Ok(()) = questions.changed() => {}
            () = &mut silence, if !asking => return Err(Overdue::Silence),
        }
        silence.as_mut().reset(Instant::now() + timeouts.idle);
    }
}
