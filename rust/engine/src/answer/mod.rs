//! One request, from what Lisp submitted to its terminal event.
//!
//! `candidate` says whom to ask, the most wanted first; `attempt` asks one of
//! them, in other words where it has to (`correction`); `flow` is the answer
//! while it arrives, `spoken` what was heard of it; `entry` and `recording`
//! are the request and the attempt in the ledger.

mod attempt;
mod candidate;
mod correction;
mod entry;
mod flow;
mod preview;
mod recording;
mod seal;
mod spoken;

pub(crate) use preview::preview;

use crate::core::Core;
use crate::event::Body;
use crate::intake::{self, Ask, Asked};
use crate::ledger::now_ms;
use crate::setup::Setup;
use crate::terminal::Terminal;
use attempt::{Failure, Try};
use candidate::{Candidate, candidates, of_route};
use entry::Entry;
use llm_switch_ledger::{NewRequest, Outcome};
use llm_switch_types::Error;
use serde_json::Value;
use spoken::Spoken;
use std::collections::VecDeque;
use std::sync::Arc;

/// Answer what TEXT asks; TERMINAL gets the end, whatever it is.
pub(crate) async fn answer(core: Arc<Core>, terminal: Terminal, text: String) {
    let read = intake::read(&text);
    drop(text);
    let end = match read {
        Ok(asked) => ask(&core, terminal.id(), asked).await,
        Err(error) => Err((error, Value::Null)),
    };
    match end {
        Ok(known) => terminal.finish(Body::Done(known)),
        Err((error, known)) => terminal.fail(error, known),
    }
}

/// What is known of an answer when it has ended; see [`recording`].
pub(crate) type Known = Value;

/// Ask what ASK says, for the job of ID.
pub(crate) async fn ask(
    core: &Arc<Core>,
    id: i64,
    ask: Ask,
) -> std::result::Result<Known, (Error, Known)> {
    let nothing_known = |error| (error, Value::Null);
    let setup = core.setup().await.map_err(nothing_known)?;
    let candidates = candidates(&setup, &ask.asked).map_err(nothing_known)?;
    let entry = Entry::begin(core.ledger.get().await, new_request(&ask));
    let mut answering = Answering { core, id, setup, ask, entry, remarks: Vec::new() };
    let end = answering.run(candidates).await;
    let outcome = end.as_ref().map_or_else(|(it, _)| Outcome::Failed(it.kind), |_| Outcome::Done);
    answering.entry.end(outcome);
    end
}

fn new_request(ask: &Ask) -> NewRequest {
    let route = match &ask.asked {
        Asked::Route(name) => Some(name.clone()),
        Asked::Deployment(_) => None,
    };
    NewRequest {
        started_ms: now_ms(),
        purpose: ask.purpose,
        client: ask.client.clone(),
        project: ask.project.clone(),
        route,
        requested: ask.asked.to_string(),
    }
}

/// A request that is being answered.
struct Answering<'a> {
    core: &'a Arc<Core>,
    id: i64,
    setup: Arc<Setup>,
    ask: Ask,
    entry: Entry,
    /// What the user should know beside the answer.
    remarks: Vec<String>,
}

impl Answering<'_> {
    /// Ask CANDIDATES in turn, until one has answered or the user has seen a
    /// part of an answer. Both ends come with what is known of the last one.
    async fn run(
        &mut self,
        mut candidates: VecDeque<Candidate>,
    ) -> std::result::Result<Known, (Error, Known)> {
        let mut asked = Vec::new();
        let mut last = None;
        while let Some(candidate) = candidates.pop_front() {
            if asked.contains(&candidate.deployment()) {
                continue;
            }
            asked.push(candidate.deployment());
            self.tell_fallback(last.take(), &candidate);
            let mut spoken = Spoken::default();
            let failure = match self.attempt(&candidate, &mut spoken).await {
                Ok(known) => return Ok(self.done(spoken, &candidate, known)),
                Err(failure) => failure,
            };
            if let Some(route) = &failure.instead {
                self.prepend(&mut candidates, route);
            }
            let goes_on = spoken.is_silent() && candidate.may_pass_on(&failure.error);
            if !goes_on || candidates.is_empty() {
                return Err((failure.error.at(candidate.deployment()), failure.known));
            }
            last = Some((candidate, failure));
        }
        // Only when all that was left had been asked before.
        let (candidate, Failure { error, known, .. }) = last.unwrap_or_else(|| unreachable!());
        Err((error.at(candidate.deployment()), known))
    }

    async fn attempt(
        &mut self,
        candidate: &Candidate,
        spoken: &mut Spoken,
    ) -> std::result::Result<Known, Failure> {
        let Answering { core, id, setup, ask, entry, remarks } = self;
        Try { core, id: *id, setup, ask, entry, candidate, remarks, spoken }.run().await
    }

    /// Have the deployments of ROUTE asked next, which a budget names. One
    /// that is not there was refused when the configuration was read.
    fn prepend(&self, candidates: &mut VecDeque<Candidate>, route: &str) {
        let route = of_route(&self.setup, route).unwrap_or_default();
        route.into_iter().rev().for_each(|candidate| candidates.push_front(candidate));
    }

    fn tell_fallback(&mut self, last: Option<(Candidate, Failure)>, next: &Candidate) {
        if let Some((candidate, failure)) = last {
            let (from, to) = (candidate.deployment(), next.deployment());
            self.remarks.push(format!("{from} → {to}: {}", failure.error.in_words()));
        }
    }

    /// KNOWN with `requested`, `remarks` (texts) and what [`Spoken::complete`] adds.
    fn done(&mut self, spoken: Spoken, candidate: &Candidate, mut known: Known) -> Known {
        spoken.complete(candidate, &mut known);
        known["requested"] = self.ask.asked.to_string().into();
        known["remarks"] = std::mem::take(&mut self.remarks).into();
        known
    }
}
