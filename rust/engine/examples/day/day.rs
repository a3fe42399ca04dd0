//! The day, from its first minute to the verdict.

use crate::Result;
use crate::book::Book;
use crate::clock::{Clock, MINUTE_MS, span};
use crate::config::config;
use crate::health::Health;
use crate::life::Life;
use crate::record::Record;
use crate::rows;
use crate::services::Services;
use crate::tally::{Requests, Tally, tallies, untried};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// When it ends, in minutes: what is counted by the day comes back first.
const END: i64 = 26 * 60 + 30;

/// Minutes from one look at the world to the next. Nothing that befalls
/// anybody is over sooner.
const PAUSE: std::ops::Range<i64> = 20..34;

/// Each so many looks last some seconds, for what is counted by the second.
const LINGER: usize = 9;

/// A day, while it is played.
pub struct Day {
    folder: TempDir,
    pub rng: Rng,
    pub clock: Clock,
    pub services: Services,
    life: Option<Life>,
    pub book: Book,
    pub records: Vec<Record>,
    pub requests: Requests,
    pub faults: Vec<String>,
}

impl Day {
    /// Plays a day; what is random in it follows from SEED.
    pub fn play(seed: u64) -> Result<Day> {
        let services = Services::start()?;
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("config.toml"), config(|it| services.url(it)))?;
        let life = Some(Life::begin(folder.path())?);
        let (rng, clock) = (Rng::with_seed(seed), Clock::new());
        let (book, records, requests, faults) = Default::default();
        let mut day = Day { folder, rng, clock, services, life, book, records, requests, faults };
        day.pass()?;
        day.audit()?;
        Ok(day)
    }

    fn pass(&mut self) -> Result<()> {
        let (mut minute, mut looks) = (0, 0);
        while minute < END {
            minute += self.rng.i64(PAUSE);
            looks += 1;
            self.sleep_until(minute * MINUTE_MS)?;
            self.services.turn(minute);
            self.look()?;
            let rounds = if looks % LINGER == 0 { 2 } else { 0 };
            for _ in 0..rounds {
                std::thread::sleep(Duration::from_millis(self.rng.u64(1_000..3_000)));
                self.round(5)?;
                self.hurry()?;
            }
            self.compare()?;
        }
        Ok(())
    }

    /// Has Emacs closed until MS of the day.
    fn sleep_until(&mut self, ms: i64) -> Result<()> {
        self.life.take().into_iter().for_each(Life::end);
        let time = ms + self.book.lull(ms) - self.clock.now();
        let night = std::env::current_exe()?.with_file_name("night");
        let ledger = self.folder.path().join("ledger.db");
        let status = Command::new(&night).arg(&ledger).arg(time.to_string()).status();
        if !status.map_err(|error| format!("{}: {error}", night.display()))?.success() {
            return Err("the ledger could not be moved".into());
        }
        self.services.pass(Duration::from_millis(time.unsigned_abs()));
        self.clock.sleep(time);
        self.life = Some(Life::begin(self.folder.path())?);
        Ok(())
    }

    /// The Emacs that is open.
    pub fn life(&self) -> Result<&Life> {
        self.life.as_ref().ok_or_else(|| "there is no engine".into())
    }

    /// Whether the health table agrees.
    fn compare(&mut self) -> Result<()> {
        self.wait_out()?;
        let rows = self.life()?.call("health.list")?;
        let health = Health { rows: &rows, clock: &self.clock };
        let faults = health.faults(&self.book, &self.records);
        let at = span(self.clock.now());
        self.faults.extend(faults.into_iter().map(|fault| format!("{at}: {fault}")));
        Ok(())
    }

    /// Whether the ledger agrees, and whether all that can happen has happened.
    fn audit(&mut self) -> Result<()> {
        self.life.take().into_iter().for_each(Life::end);
        let rows = rows::read(&self.folder.path().join("ledger.db"))?;
        let requests = self.requests.asked + self.requests.continued;
        self.faults.extend(rows::faults(&rows, &self.records, requests));
        self.faults.extend(untried(&self.tallies()));
        Ok(())
    }

    /// What became of each account.
    pub fn tallies(&self) -> BTreeMap<String, Tally> {
        tallies(&self.records)
    }
}
