//! The gate between the writers of several processes.

use crate::failure;
use crate::place::{self, Place};
use llm_switch_types::Result;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// One writer at a time passes. SQLite would serialise them too, but its
/// waiters sleep in ever longer steps (a 99th percentile of half a second was
/// measured); behind the gate they do not meet.
///
/// In front of it is a turnstile, held by whoever is next. Without it a busy
/// process that has just left would be back before the others have noticed,
/// and they would starve.
#[derive(Debug)]
pub(crate) struct Gate {
    turnstile: File,
    gate: File,
    /// What the gate guards, for messages.
    database: PathBuf,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'a>(&'a File);

const FIRST_NAP: Duration = Duration::from_micros(10);
/// The longest naps of who is next, and of those behind, whose turn is a
/// whole transaction away: naps cost the cores that the others work on.
const NEXT: Duration = Duration::from_micros(40);
const BEHIND: Duration = Duration::from_micros(150);

/// Has this thread wake up from naps in time. To save power Linux makes them
/// 50 microseconds longer, which doubles them.
#[cfg(target_os = "linux")]
pub(crate) fn sleep_lightly() {
    const NANOSECONDS: nix::libc::c_ulong = 1_000;
    // A system that refuses that is a little slower.
    let _ = nix::sys::prctl::set_timerslack(NANOSECONDS);
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn sleep_lightly() {}

impl Gate {
    pub(crate) fn open(place: &Place) -> Result<Gate> {
        let open = |path: &PathBuf| {
            place::lock_file().open(path).map_err(|error| failure::from_io(path, &error))
        };
        let (turnstile, gate) = (open(&place.turnstile)?, open(&place.gate)?);
        Ok(Gate { turnstile, gate, database: place.database.clone() })
    }

    /// Waits for the gate, but no longer than PATIENCE: whoever stands in it
    /// may have been stopped.
    pub(crate) fn enter(&self, patience: Duration) -> Result<Pass<'_>> {
        let deadline = Instant::now() + patience;
        let _next = self.wait(&self.turnstile, BEHIND, deadline)?;
        self.wait(&self.gate, NEXT, deadline)
    }

    /// Asks for the lock of FILE again and again, since a blocking `flock`
    /// cannot be told to give up.
    fn wait<'a>(&self, file: &'a File, longest: Duration, deadline: Instant) -> Result<Pass<'a>> {
        let mut nap = FIRST_NAP;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Pass(file)),
                Err(TryLockError::Error(error)) => {
                    return Err(failure::from_io(&self.database, &error));
                }
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(failure::locked(&self.database));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(nap),
            }
            nap = (nap * 2).min(longest);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        // It fails for a closed descriptor only, and this one is open.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_passes_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::prepare(&folder.path().join("ledger.db")).unwrap();
        let [one, other] = [(); 2].map(|()| Gate::open(&place).unwrap());
        let pass = one.enter(Duration::ZERO).unwrap();
        assert!(other.enter(Duration::from_millis(5)).is_err());
        drop(pass);
        assert!(other.enter(Duration::ZERO).is_ok());
    }

    #[test]
    fn who_leaves_lets_the_next_one_pass_first() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::prepare(&folder.path().join("ledger.db")).unwrap();
        let [busy, patient] = [(); 2].map(|()| Gate::open(&place).unwrap());
        let order = parking_lot::Mutex::new(Vec::new());
        let pass = busy.enter(Duration::ZERO).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let _pass = patient.enter(Duration::from_secs(60)).unwrap();
                order.lock().push("patient");
            });
            let is_free = |_: &i32| {
                thread::sleep(NEXT);
                busy.turnstile.try_lock().map(|()| busy.turnstile.unlock().unwrap()).is_ok()
            };
            assert!((0..10_000).take_while(is_free).count() < 10_000, "nobody is next");
            drop(pass);
            let _pass = busy.enter(Duration::from_secs(60)).unwrap();
            order.lock().push("busy");
        });
        assert_eq!(*order.lock(), ["patient", "busy"]);
    }
}
