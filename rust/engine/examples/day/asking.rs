//! What is asked in the course of the day, and whether it went as it must.

use crate::book::Standing;
use crate::clock::{MINUTE_MS, span};
use crate::day::Day;
use crate::health::Health;
use crate::life::{Ask, End};
use crate::record::Record;
use crate::world::{FORLORN, LONE, UPSTREAMS, accounts, upstream};
use crate::{Result, burst, replay};
use std::time::Duration;

/// How many ask at once in a burst.
const BURST: usize = 5;

/// Words of prompts: such as all take, and such as only some do.
const WORDS: [usize; 3] = [10, 120, 900];

impl Day {
    /// Asks several at once, then for each account once, then for some in mode
    /// free, and several at once again.
    pub fn look(&mut self) -> Result<()> {
        self.together()?;
        self.round(usize::MAX)?;
        for _ in 0..4 {
            let ask = Ask { mode: "free", ..self.any() };
            self.alone(ask)?;
        }
        self.together()
    }

    /// Asks for MOST accounts, one after the other, in any order.
    pub fn round(&mut self, most: usize) -> Result<()> {
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
            return self.alone(Ask { so_far: Some(end.text), ..ask });
        }
        self.requests.early += usize::from(!end.is_done() && self.is_early(&ask));
        Ok(())
    }

    /// Whether one of those that ASK leads to is mended, and nobody knows it
    /// yet: its time is not due.
    fn is_early(&self, ask: &Ask) -> bool {
        let now = self.clock.now();
        let is_mended = |account: &String| {
            let upstream = upstream(account).filter(|it| !it.troubles.is_empty());
            upstream.is_some_and(|it| it.trouble(now / MINUTE_MS).is_none())
        };
        replay::candidates(ask).iter().any(is_mended)
    }

    /// Asks for the one in whose place nobody answers, until it has had enough.
    pub fn hurry(&mut self) -> Result<()> {
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
    pub fn wait_out(&self) -> Result<()> {
        let lull = u64::try_from(self.book.lull(self.clock.now()))?;
        std::thread::sleep(Duration::from_millis(lull));
        Ok(())
    }

    fn note(&mut self, began: i64, ask: &Ask, faults: Vec<String>) {
        let asked = format!("{} to-{} in mode {}", span(began), ask.account, ask.mode);
        self.faults.extend(faults.into_iter().map(|fault| format!("{asked}: {fault}")));
    }
}
