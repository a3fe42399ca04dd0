//! One after the other is asked, until one has answered.

use super::Known;
use super::attempt::{Failure, Try};
use super::entry::Entry;
use super::spoken::Spoken;
use crate::choice::{Beyond, Candidate, Wanted, of_route};
use crate::core::Core;
use crate::intake::Ask;
use crate::setup::Setup;
use llm_switch_types::{Deployment, Error};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;

/// How a request ends: with what is known of the last one that was asked.
type End = std::result::Result<Known, (Error, Known)>;

/// A request that is being answered.
pub(super) struct Turns<'a> {
    core: &'a Arc<Core>,
    id: i64,
    setup: Arc<Setup>,
    ask: Ask,
    wanted: Wanted,
    pub(super) entry: Entry,
    /// What the user should know beside the answer.
    remarks: Vec<String>,
    /// Who was asked.
    asked: Vec<Deployment>,
    /// Who failed last, while another is looked for.
    last: Option<(Candidate, Failure)>,
}

impl<'a> Turns<'a> {
    pub(super) fn new(
        core: &'a Arc<Core>,
        id: i64,
        setup: Arc<Setup>,
        ask: Ask,
        wanted: Wanted,
        entry: Entry,
    ) -> Self {
        let (remarks, asked) = Default::default();
        Turns { core, id, setup, ask, wanted, entry, remarks, asked, last: None }
    }

    /// Ask those that are allowed; and when none of them has answered, those
    /// to whom the mode or the user lets it go on.
    pub(super) async fn run(&mut self) -> End {
        let mut candidates = self.wanted.allowed();
        loop {
            if let Some(end) = self.in_turn(candidates).await {
                return end;
            }
            candidates = self.widen().await.map_err(|error| (error, Value::Null))?;
            if candidates.is_empty() {
                return Err(self.nobody());
            }
        }
    }

    /// Ask CANDIDATES in turn, until one has answered or the user has seen a
    /// part of an answer; `None` when another might still answer.
    async fn in_turn(&mut self, mut candidates: VecDeque<Candidate>) -> Option<End> {
        while let Some(candidate) = candidates.pop_front() {
            if self.asked.contains(&candidate.deployment()) {
                continue;
            }
            self.asked.push(candidate.deployment());
            self.tell_fallback(&candidate);
            let mut spoken = Spoken::default();
            let failure = match self.attempt(&candidate, &mut spoken).await {
                Ok(known) => return Some(Ok(self.done(spoken, &candidate, known))),
                Err(failure) => failure,
            };
            if let Some(route) = &failure.instead {
                self.prepend(&mut candidates, route);
            }
            if !spoken.is_silent() || !candidate.may_pass_on(&failure.error) {
                return Some(Err((failure.error.at(candidate.deployment()), failure.known)));
            }
            self.last = Some((candidate, failure));
        }
        None
    }

    async fn attempt(
        &mut self,
        candidate: &Candidate,
        spoken: &mut Spoken,
    ) -> std::result::Result<Known, Failure> {
        let Turns { core, id, setup, ask, wanted, entry, remarks, .. } = self;
        let route = wanted.route.as_deref();
        Try { core, id: *id, setup, ask, route, entry, candidate, remarks, spoken }.run().await
    }

    async fn widen(&mut self) -> llm_switch_types::Result<VecDeque<Candidate>> {
        let Turns { core, id, setup, ask, wanted, asked, .. } = self;
        Beyond { core, id: *id, setup, ask, wanted, asked }.widen().await
    }

    /// How it ends when there is nobody left: as with the last one, if any
    /// was asked.
    fn nobody(&mut self) -> (Error, Known) {
        match self.last.take() {
            Some((candidate, failure)) => (failure.error.at(candidate.deployment()), failure.known),
            None => (self.wanted.nobody(&self.ask.asked), Value::Null),
        }
    }

    /// Have the deployments of ROUTE asked next, which a budget names. One
    /// that is not there was refused when the configuration was read.
    fn prepend(&self, candidates: &mut VecDeque<Candidate>, route: &str) {
        let route = self.wanted.keep(of_route(&self.setup, route).unwrap_or_default());
        route.into_iter().rev().for_each(|candidate| candidates.push_front(candidate));
    }

    fn tell_fallback(&mut self, next: &Candidate) {
        if let Some((candidate, failure)) = self.last.take() {
            let (from, to) = (candidate.deployment(), next.deployment());
            self.remarks.push(format!("{from} → {to}: {}", failure.error.in_words()));
        }
    }

    /// KNOWN with `requested`, `mode`, `remarks` (texts) and what
    /// [`Spoken::complete`] adds.
    fn done(&mut self, spoken: Spoken, candidate: &Candidate, mut known: Known) -> Known {
        spoken.complete(candidate, &mut known);
        known["requested"] = self.ask.asked.to_string().into();
        known["mode"] = self.wanted.permission.mode().name.as_str().into();
        known["remarks"] = std::mem::take(&mut self.remarks).into();
        known
    }
}
