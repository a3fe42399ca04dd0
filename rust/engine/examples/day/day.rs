//! The day, from its first minute to the verdict.

use crate::Result;
use crate::book::{Book, Standing};
use crate::clock::{Clock, MINUTE_MS, span};
use crate::config::config;
use crate::health::Health;
use crate::life::{Ask, End, Life};
use crate::record::Record;
use crate::services::Services;
use crate::tally::{Requests, Tally, tallies};
use crate::world::{FORLORN, LONE, UPSTREAMS, accounts, upstream};
use crate::{burst, replay, rows};
use fastrand::Rng;
use llm_switch_engine::Body;
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

/// How many ask at once in a burst.
const BURST: usize = 5;

/// Words of prompts: such as all take, and such as only some do.
const WORDS: [usize; 3] = [10, 120, 900];

/// A day, while it is played.
pub struct Day {
    folder: TempDir,
    rng: Rng,
    clock: Clock,
    services: Services,
    life: Option<Life>,
    book: Book,
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

    /// Asks several at once, then for each account once, then for some in mode
    /// free, and several at once again.
    fn look(&mut self) -> Result<()> {
        self.together()?;
        self.round(usize::MAX)?;
        for _ in 0..4 {
            let ask = Ask { mode: "free", ..self.any() };
            self.alone(ask)?;
        }
        self.together()
    }

    /// Asks for MOST accounts, one after the other, in any order.
    fn round(&mut self, most: usize) -> Result<()> {
        let mut accounts = accounts();
        self.rng.shuffle(&mut accounts);
        for account in accounts.into_iter().take(most) {
            let words = self.words();
            self.alone(Ask { account, mode: "auto", words, so_far: None })?;
        }
        Ok(())
    }

    fn words(&mut self) -> usize {
        WORDS[self.rng.usize(..WORDS.len())]
    }

    fn any(&mut self) -> Ask {
        let accounts = accounts();
        let account = accounts[self.rng.usize(..accounts.len())].clone();
        Ask { account, mode: "auto", words: self.words(), so_far: None }
    }

    /// Asks ASK alone, and goes on with what breaks off.
    fn alone(&mut self, ask: Ask) -> Result<()> {
        let (began, mut ends, records) = self.ask(vec![ask.clone()])?;
        let Some(end) = ends.pop() else { return Err("a request has no end".into()) };
        let faults = replay::faults(&mut self.book, began, &records, &end);
        self.note(began, &ask, faults);
        self.records.extend(records);
        if self.requests.count(&end) {
            self.alone(Ask { so_far: Some(end.text), ..ask })?;
        }
        Ok(())
    }

    /// Asks for the one in whose place nobody answers, until it has had enough.
    fn hurry(&mut self) -> Result<()> {
        let lone = UPSTREAMS.iter().filter(|it| it.group == LONE);
        for account in lone.flat_map(|it| it.accounts()) {
            for _ in 0..3 {
                let (account, mode, words) = (account.clone(), "auto", self.words());
                self.alone(Ask { account, mode, words, so_far: None })?;
            }
        }
        Ok(())
    }

    /// Whom to ask at once: one that is due if there is any, else any of a
    /// group that has somebody who is well.
    fn crowded(&mut self) -> Ask {
        let mut accounts = accounts();
        self.rng.shuffle(&mut accounts);
        let is_fit =
            |it: &String| upstream(it).is_some_and(|it| it.group != FORLORN && it.group != LONE);
        accounts.retain(is_fit);
        let now = self.clock.now();
        let due = accounts.iter().find(|it| self.book.standing(it, now) == Standing::Due);
        let account = due.or(accounts.first()).cloned().unwrap_or_default();
        Ask { account, mode: "auto", words: self.words(), so_far: None }
    }

    /// Asks several at once.
    fn together(&mut self) -> Result<()> {
        let ask = self.crowded();
        let (began, ends, records) = self.ask(vec![ask.clone(); BURST])?;
        let (faults, unsure) = burst::faults(&mut self.book, began, &records, &ends);
        self.note(began, &ask, faults);
        self.records.extend(records);
        let broken: Vec<String> =
            ends.into_iter().filter(|end| self.requests.count(end)).map(|end| end.text).collect();
        let rows = self.life()?.call("health.list")?;
        let health = Health { rows: &rows, clock: &self.clock };
        let book = &mut self.book;
        let faults = unsure.into_iter().filter_map(|it| health.settle(book, it)).collect();
        self.note(began, &ask, faults);
        for text in broken {
            self.alone(Ask { so_far: Some(text), ..ask.clone() })?;
        }
        Ok(())
    }

    /// Asks ALL at once: when that began, how they ended, and who was asked.
    fn ask(&mut self, all: Vec<Ask>) -> Result<(i64, Vec<End>, Vec<Record>)> {
        self.wait_out()?;
        let began = self.clock.now();
        let ends = self.life()?.ask(all)?;
        let records = self.services.asked(&self.clock);
        Ok((began, ends, records))
    }

    /// Waits while somebody's time is due just now.
    fn wait_out(&self) -> Result<()> {
        let lull = u64::try_from(self.book.lull(self.clock.now()))?;
        std::thread::sleep(Duration::from_millis(lull));
        Ok(())
    }

    fn life(&self) -> Result<&Life> {
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

    fn note(&mut self, began: i64, ask: &Ask, faults: Vec<String>) {
        let asked = format!("{} to-{} in mode {}", span(began), ask.account, ask.mode);
        self.faults.extend(faults.into_iter().map(|fault| format!("{asked}: {fault}")));
    }

    /// Whether the ledger agrees, and whether all that can happen has happened.
    fn audit(&mut self) -> Result<()> {
        self.life.take().into_iter().for_each(Life::end);
        let rows = rows::read(&self.folder.path().join("ledger.db"))?;
        self.faults.extend(rows::faults(&rows, &self.records));
        self.faults.extend(untried(&self.tallies()));
        Ok(())
    }

    /// What became of each account.
    pub fn tallies(&self) -> BTreeMap<String, Tally> {
        tallies(&self.records)
    }
}

impl Requests {
    /// Counts how END ended; whether it is to be gone on with.
    fn count(&mut self, end: &End) -> bool {
        let is_new = end.ask.so_far.is_none();
        self.asked += usize::from(is_new);
        match &end.body {
            Body::Error(error) if error["can-continue"] == true => return true,
            Body::Error(error) => {
                let kind = error["kind"].as_str().unwrap_or_default().to_owned();
                *self.refused.entry(kind).or_default() += 1;
            }
            _ if is_new => self.answered += 1,
            _ => self.continued += 1,
        }
        false
    }
}

/// Who should have failed and come back, and by TALLIES did not.
fn untried(tallies: &BTreeMap<String, Tally>) -> Vec<String> {
    let falls = |account: &&String| {
        upstream(account).is_some_and(|it| {
            let is_first = it.accounts().first() == Some(account);
            it.plays.starts_with("most:") || is_first && !it.troubles.is_empty()
        })
    };
    let wrong =
        |account: &&String| tallies.get(*account).is_none_or(|it| it.falls == 0 || it.returns == 0);
    let accounts = accounts();
    let untried = accounts.iter().filter(falls).filter(wrong);
    untried.map(|it| format!("{it} did not fall out and come back")).collect()
}
