//! Who is out, and until when.
//!
//! What is found is told to the ledger and read from there, so that every
//! Emacs knows it. An account that is out takes all its deployments with it.

use super::candidate::Candidate;
use super::mark::{Verdict, verdict};
use llm_switch_ledger::{Health, HealthState};
use llm_switch_types::{Deployment, Error};
use parking_lot::Mutex;
use std::collections::HashMap;

/// After so long a trial that nobody ended does not count any more: its
/// process may be gone.
pub(super) const TRIAL_MS: i64 = 120_000;

/// How far back changes are read again: a process may write late what it
/// found early.
const OVERLAP_MS: i64 = 60_000;

/// Who is out: an account, or a model of it.
pub(crate) type Patient = (String, Option<String>);

/// Who is out, and until when.
#[derive(Default)]
pub(crate) struct Watch(Mutex<Book>);

#[derive(Default)]
struct Book {
    known: HashMap<Patient, Health>,
    /// The newest change that was read.
    read_ms: i64,
}

/// Whether a deployment may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It may.
    Open,
    /// It may, once: its time is due, and this finds out.
    Trial,
    /// It may not.
    Out(Health),
}

impl Watch {
    /// From when on changes are still to be read, in Unix milliseconds.
    pub(crate) fn unread_ms(&self) -> i64 {
        self.0.lock().read_ms.saturating_sub(OVERLAP_MS)
    }

    /// Take note of what any process FOUND: what changed in what was known.
    pub(crate) fn read(&self, found: Vec<Health>) -> Vec<Health> {
        let mut book = self.0.lock();
        let newer = |book: &Book, it: &Health| {
            book.known.get(&patient(it)).is_none_or(|known| it.changed > known.changed)
        };
        let news: Vec<Health> = found.into_iter().filter(|it| newer(&book, it)).collect();
        for it in &news {
            book.read_ms = book.read_ms.max(it.changed);
            book.known.insert(patient(it), it.clone());
        }
        news
    }

    /// All that is known.
    pub(crate) fn all(&self) -> Vec<Health> {
        self.0.lock().known.values().cloned().collect()
    }

    /// Whether DEPLOYMENT would be turned away at NOW.
    pub(crate) fn is_out(&self, deployment: &Deployment, now: i64) -> bool {
        let book = self.0.lock();
        patients(deployment).iter().filter_map(|it| book.known.get(it)).any(|it| is_out(it, now))
    }

    /// Whether DEPLOYMENT may be asked at NOW; who is let in on trial is
    /// counted as being tried. Who IS_NAMED outright is let in, unless the
    /// user has disabled it: the user's word is a trial. With the change.
    pub(crate) fn admit(
        &self,
        deployment: &Deployment,
        is_named: bool,
        now: i64,
    ) -> (Entry, Vec<Health>) {
        let mut book = self.0.lock();
        let patients = patients(deployment);
        let marks = || patients.iter().filter_map(|it| book.known.get(it));
        if let Some(disabled) = marks().find(|it| it.disabled) {
            return (Entry::Out(disabled.clone()), Vec::new());
        }
        if let Some(out) = marks().find(|it| !is_named && is_out(it, now)) {
            return (Entry::Out(out.clone()), Vec::new());
        }
        let mut tried = Vec::new();
        for patient in &patients {
            if let Some(mark) = book.known.get_mut(patient).filter(|it| is_ill(it)) {
                (mark.trial, mark.changed) = (Some(now), later(mark, now));
                tried.push(mark.clone());
            }
        }
        (if tried.is_empty() { Entry::Open } else { Entry::Trial }, tried)
    }

    /// CANDIDATE, asked at ASKED_MS, failed with ERROR at NOW: what changed.
    pub(crate) fn failed(
        &self,
        candidate: &Candidate,
        error: &Error,
        asked_ms: i64,
        now: i64,
    ) -> Vec<Health> {
        let deployment = candidate.deployment();
        let mut book = self.0.lock();
        let of = |book: &Book, of_account: bool| {
            let patient =
                (deployment.account.clone(), (!of_account).then(|| deployment.model.clone()));
            let known = book.known.get(&patient).cloned();
            known.unwrap_or_else(|| healthy(patient, now))
        };
        let (locality, payer) = (candidate.account.provider.locality, candidate.account.payer);
        let judge = |strikes| verdict(error, locality, payer, strikes, now);
        let Some(Verdict { of_account, .. }) = judge(0) else {
            return book.released(&deployment, now);
        };
        let before = of(&book, of_account);
        // Who was asked before the last failure was known says nothing new.
        let strikes = match before.since {
            since if is_ill(&before) && asked_ms < since => before.strikes.saturating_sub(1),
            _ => before.strikes,
        };
        let Some(found) = judge(strikes) else { return Vec::new() };
        let mark = Health {
            state: found.state,
            kind: Some(error.kind),
            reason: Some(error.what.clone()),
            since: now,
            until: Some(found.until),
            strikes: strikes + 1,
            trial: None,
            changed: later(&before, now),
            ..before
        };
        book.known.insert(patient(&mark), mark.clone());
        let mut changed = book.released(&deployment, now);
        changed.push(mark);
        changed
    }

    /// CANDIDATE has answered, and with ERROR the next one would be refused at
    /// NOW: what changed. That is no failure, and counts as none.
    pub(crate) fn used_up(&self, candidate: &Candidate, error: &Error, now: i64) -> Vec<Health> {
        let mut changed = self.failed(candidate, error, now, now);
        let mut book = self.0.lock();
        for mark in &mut changed {
            mark.strikes = 1;
            book.known.insert(patient(mark), mark.clone());
        }
        changed
    }

    /// DEPLOYMENT, asked at ASKED_MS, has answered: what changed.
    pub(crate) fn answered(&self, deployment: &Deployment, asked_ms: i64, now: i64) -> Vec<Health> {
        let mut book = self.0.lock();
        let was_ill = |it: &&mut Health| is_ill(it) && it.since <= asked_ms;
        let mut healed = Vec::new();
        for patient in patients(deployment) {
            if let Some(mark) = book.known.get_mut(&patient).filter(was_ill) {
                *mark = Health {
                    disabled: mark.disabled,
                    changed: later(mark, now),
                    ..healthy(patient, now)
                };
                healed.push(mark.clone());
            }
        }
        healed
    }

    /// A trial of DEPLOYMENT ended without telling anything: what changed.
    pub(crate) fn release(&self, deployment: &Deployment, now: i64) -> Vec<Health> {
        self.0.lock().released(deployment, now)
    }

    /// The user wants PATIENT to be asked again: what changed.
    pub(crate) fn retry(&self, patient: &Patient, now: i64) -> Option<Health> {
        let mut book = self.0.lock();
        let mark = book.known.get_mut(patient).filter(|it| is_ill(it))?;
        (mark.until, mark.trial, mark.changed) = (Some(now), None, later(mark, now));
        Some(mark.clone())
    }

    /// The user wants PATIENT to be left alone, or not any more: what changed.
    pub(crate) fn disable(&self, patient: Patient, disabled: bool, now: i64) -> Health {
        let mut book = self.0.lock();
        let mark = book.known.entry(patient.clone()).or_insert_with(|| healthy(patient, now));
        (mark.disabled, mark.changed) = (disabled, later(mark, now));
        mark.clone()
    }
}

impl Book {
    fn released(&mut self, deployment: &Deployment, now: i64) -> Vec<Health> {
        let mut changed = Vec::new();
        for patient in patients(deployment) {
            if let Some(mark) = self.known.get_mut(&patient).filter(|it| it.trial.is_some()) {
                (mark.trial, mark.changed) = (None, later(mark, now));
                changed.push(mark.clone());
            }
        }
        changed
    }
}

fn patient(health: &Health) -> Patient {
    (health.account.clone(), health.model.clone())
}

/// The account first: it takes its deployments with it.
fn patients(deployment: &Deployment) -> [Patient; 2] {
    let Deployment { account, model } = deployment;
    [(account.clone(), None), (account.clone(), Some(model.clone()))]
}

fn healthy((account, model): Patient, now: i64) -> Health {
    let (state, kind, reason, until, strikes, trial, disabled) = Default::default();
    Health {
        account,
        model,
        state,
        kind,
        reason,
        since: now,
        until,
        strikes,
        trial,
        disabled,
        changed: now,
    }
}

fn is_ill(mark: &Health) -> bool {
    mark.state != HealthState::Healthy
}

fn is_out(mark: &Health, now: i64) -> bool {
    let waits = mark.until.is_none_or(|until| until > now);
    let is_tried = mark.trial.is_some_and(|trial| now - trial < TRIAL_MS);
    mark.disabled || is_ill(mark) && (waits || is_tried)
}

/// Each change of MARK is later than the one before, even within one
/// millisecond: the later one wins.
fn later(mark: &Health, now: i64) -> i64 {
    now.max(mark.changed + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::Setup;
    use llm_switch_catalog::Catalog;
    use llm_switch_config::Config;
    use llm_switch_types::ErrorKind;

    fn candidate(name: &str) -> Candidate {
        let config = Config::parse("[account.work]\nprovider = 'openai'\nkey = 'env:X'\n").unwrap();
        let setup = Setup::new(Catalog::embedded().unwrap(), &config).unwrap();
        super::super::candidate::candidate(&setup, &name.parse().unwrap(), None).unwrap()
    }

    fn error(kind: ErrorKind) -> Error {
        Error { http_status: Some(500), ..Error::new(kind, "it failed") }
    }

    /// Whether NAME may be asked at NOW.
    fn entry(watch: &Watch, name: &str, now: i64) -> &'static str {
        match watch.admit(&name.parse().unwrap(), false, now).0 {
            Entry::Open => "open",
            Entry::Trial => "trial",
            Entry::Out(_) => "out",
        }
    }

    #[test]
    fn who_failed_is_out_until_its_time_and_then_tried_once() {
        let watch = Watch::default();
        let it = candidate("work/a");
        assert_eq!(entry(&watch, "work/a", 0), "open");
        watch.failed(&it, &error(ErrorKind::Server), 0, 0);
        assert_eq!(entry(&watch, "work/a", 4_999), "out");
        assert_eq!(entry(&watch, "work/b", 4_999), "open");
        assert_eq!(entry(&watch, "work/a", 5_000), "trial");
        assert_eq!(entry(&watch, "work/a", 5_001), "out", "one is enough");
        watch.failed(&it, &error(ErrorKind::Server), 5_000, 5_002);
        assert_eq!(entry(&watch, "work/a", 15_001), "out", "twice as long");
        assert_eq!(entry(&watch, "work/a", 15_002), "trial");
        watch.answered(&it.deployment(), 15_002, 15_003);
        assert_eq!(entry(&watch, "work/a", 15_004), "open");
    }

    #[test]
    fn a_dead_key_takes_all_deployments_of_the_account_with_it() {
        let watch = Watch::default();
        watch.failed(&candidate("work/a"), &error(ErrorKind::Auth), 0, 0);
        assert_eq!(entry(&watch, "work/b", 1), "out");
        let named = watch.admit(&"work/b".parse().unwrap(), true, 1).0;
        assert_eq!(named, Entry::Trial, "the user's word is a trial");
    }

    #[test]
    fn several_that_fail_at_once_are_one_failure() {
        let watch = Watch::default();
        let it = candidate("work/a");
        for now in 1..9 {
            watch.failed(&it, &error(ErrorKind::Server), 0, now);
        }
        assert_eq!(watch.all()[0].strikes, 1);
        watch.answered(&it.deployment(), 0, 10);
        assert_eq!(entry(&watch, "work/a", 11), "out", "it was asked before that");
    }

    #[test]
    fn a_trial_that_tells_nothing_or_is_forgotten_may_be_repeated() {
        let watch = Watch::default();
        let it = candidate("work/a");
        watch.failed(&it, &error(ErrorKind::Server), 0, 0);
        assert_eq!(entry(&watch, "work/a", 5_000), "trial");
        watch.failed(&it, &error(ErrorKind::BadRequest), 5_000, 5_001);
        assert_eq!(entry(&watch, "work/a", 5_002), "trial");
        assert_eq!(entry(&watch, "work/a", 5_003 + TRIAL_MS), "trial");
        watch.release(&it.deployment(), 6_000 + TRIAL_MS);
        assert_eq!(entry(&watch, "work/a", 6_001 + TRIAL_MS), "trial");
    }

    #[test]
    fn the_user_decides_before_the_clock_does() {
        let watch = Watch::default();
        let it = candidate("work/a");
        let of_it = ("work".to_owned(), Some("a".to_owned()));
        watch.failed(&it, &error(ErrorKind::Server), 0, 0);
        assert!(watch.retry(&of_it, 1).is_some());
        assert_eq!(entry(&watch, "work/a", 1), "trial");
        watch.disable(of_it.clone(), true, 2);
        watch.answered(&it.deployment(), 1, 3);
        assert_eq!(entry(&watch, "work/a", 4), "out");
        let named = watch.admit(&it.deployment(), true, 5).0;
        assert!(matches!(named, Entry::Out(_)), "{named:?}");
        watch.disable(of_it, false, 6);
        assert_eq!(entry(&watch, "work/a", 7), "open");
    }

    #[test]
    fn what_another_process_found_later_counts() {
        let [one, other] = [Watch::default(), Watch::default()];
        let changed = one.failed(&candidate("work/a"), &error(ErrorKind::Server), 0, 100);
        assert_eq!(other.read(changed.clone()).len(), 1);
        assert_eq!(entry(&other, "work/a", 101), "out");
        other.answered(&"work/a".parse().unwrap(), 100, 102);
        assert_eq!(other.read(changed).len(), 0, "that is old news");
        assert_eq!(entry(&other, "work/a", 103), "open");
    }
}
