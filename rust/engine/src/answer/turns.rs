//! One after the other is asked, until one has answered.

use super::Known;
use super::attempt::{Failure, Try};
use super::entry::Entry;
use super::outcome::{Passed, Unfit, limit, nobody_is_up};
use super::spoken::Spoken;
use crate::choice::{
    Abilities, Beyond, Candidate, Chosen, Fit, Full, Pass, Rest, Slot, Wanted, in_order, of_route,
    usual_price,
};
use crate::core::Core;
use crate::event::Body;
use crate::intake::{Ask, Asked};
use crate::ledger::now_ms;
use crate::mcp::Offer;
use crate::money::Habits;
use crate::setup::Setup;
use llm_switch_ledger::Health;
use llm_switch_types::{Deployment, Error, ErrorKind, WhenNone};
use serde_json::{Value, json};
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
    /// Who was asked, or passed over.
    asked: Vec<Deployment>,
    /// Who was put last, as probably unfit.
    last_resorts: Vec<Deployment>,
    /// Who was out.
    out: Vec<Health>,
    /// Who failed last, and how.
    last: Option<(Candidate, Failure)>,
    /// In whose place another is looked for.
    passed: Option<Passed>,
    /// Which limit of a route let nobody pass, if one did.
    full: Option<String>,
    rest: Rest,
    fit: Fit,
    /// The tools of servers that it offers.
    offer: Offer,
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
        let (remarks, asked, last_resorts, out, last, passed, full, fit) = Default::default();
        let rest = Rest::new(ask.retries);
        let offer = core.offer(ask.project.as_deref(), &ask.request);
        Turns {
            core,
            id,
            setup,
            ask,
            wanted,
            entry,
            remarks,
            asked,
            last_resorts,
            out,
            last,
            passed,
            full,
            rest,
            fit,
            offer,
        }
    }

    /// Ask those that are allowed; when none of them has answered, wait for
    /// who comes back soon; and then go on to those to whom the mode or the
    /// user lets it.
    pub(super) async fn run(&mut self) -> End {
        self.core.catch_up_on_health().await;
        self.core.remember_paces().await;
        let named = matches!(self.ask.asked, Asked::Deployment(_));
        let mut candidates = self.in_order(self.wanted.allowed());
        if let Some(end) = self.in_turn(candidates, named).await {
            return end;
        }
        loop {
            while let Some(candidate) = self.comes_back().await {
                self.asked.retain(|it| *it != candidate.deployment());
                if let Some(end) = self.in_turn([candidate].into(), true).await {
                    return end;
                }
            }
            candidates = self.widen().await.map_err(|error| (error, Value::Null))?;
            if candidates.is_empty() {
                return Err(self.nobody());
            }
            if let Some(end) = self.in_turn(self.in_order(candidates), false).await {
                return end;
            }
        }
    }

    /// CANDIDATES by the strategies of their routes; who gave the answer that is
    /// to be gone on with, or that is asked again, comes last.
    fn in_order(&self, candidates: VecDeque<Candidate>) -> VecDeque<Candidate> {
        let ordered = in_order(self.core, &self.setup, &self.ask.request, candidates);
        let is_from = |it: &Candidate| {
            self.ask.from.as_ref().is_some_and(|from| it.deployment().to_string() == *from)
        };
        let (last, mut first): (VecDeque<_>, VecDeque<_>) = ordered.into_iter().partition(is_from);
        first.extend(last);
        first
    }

    /// Who comes back soon. Where another mode may answer at once nobody
    /// waits.
    async fn comes_back(&mut self) -> Option<Candidate> {
        match self.wanted.permission.mode().when_none {
            WhenNone::Mode(_) => None,
            WhenNone::Ask | WhenNone::Fail => self.rest.first().await,
        }
    }

    /// Ask CANDIDATES in turn, also who is out where they ARE_WANTED anyway,
    /// until one has answered or the user has seen a part of an answer; `None`
    /// when another might still answer.
    async fn in_turn(
        &mut self,
        mut candidates: VecDeque<Candidate>,
        are_wanted: bool,
    ) -> Option<End> {
        while let Some(candidate) = candidates.pop_front() {
            if self.asked.contains(&candidate.deployment()) {
                continue;
            }
            self.asked.push(candidate.deployment());
            if self.fit.is_hopeless(self.abilities(), &candidate) {
                continue;
            }
            if let Some(unfit) = self.unfit(&candidate, &candidates).await {
                self.put_last(candidate, unfit, &mut candidates);
                continue;
            }
            let core = Arc::clone(self.core);
            let pass = match Pass::of(&core, &candidate, are_wanted).await {
                Ok(pass) => pass,
                Err(health) => {
                    self.pass_over(candidate, *health);
                    continue;
                }
            };
            let _slot = match self.enter(&core, &candidate) {
                Ok(slot) => slot,
                Err(full) => {
                    self.turn_away(candidate, full);
                    continue;
                }
            };
            self.tell_fallback(&candidate);
            let mut spoken = Spoken::default();
            let failure = match self.attempt(&candidate, &mut spoken).await {
                Ok(known) => {
                    pass.answered();
                    return Some(Ok(self.done(spoken, &candidate, known)));
                }
                Err(failure) => failure,
            };
            pass.failed(&failure.of_health());
            if let Some(route) = &failure.instead {
                self.prepend(&mut candidates, route);
            }
            if !spoken.is_silent() || !candidate.may_pass_on(&failure.error) {
                return Some(Err(broken_off(&candidate, failure, &spoken)));
            }
            self.pass_on(candidate, failure);
        }
        None
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities { setup: &self.setup, contexts: &self.core.contexts }
    }

    /// Why CANDIDATE should not be asked before OTHERS, if one of them can do
    /// what it cannot, or has more room for the conversation.
    async fn unfit(&self, candidate: &Candidate, others: &VecDeque<Candidate>) -> Option<Unfit> {
        if others.is_empty() || self.last_resorts.contains(&candidate.deployment()) {
            return None;
        }
        let abilities = self.abilities();
        let lacks = |it: &Candidate| abilities.lacks(it, &self.ask.request);
        if let Some(what) = lacks(candidate)
            && others.iter().any(|it| lacks(it).is_none())
        {
            return Some(Unfit::Lacks(what));
        }
        let ledger = self.entry.place().ok().map(|(ledger, _)| ledger);
        let (deployment, tasks) = (candidate.deployment(), &self.core.tasks);
        let habits = self.core.experience.habits(&deployment, ledger, tasks).await;
        let likely = habits.bound(&self.ask.request).likely.0;
        let has_room = self.fit.has_room(abilities, candidate, likely, others);
        (!has_room).then_some(Unfit::TooSmall)
    }

    /// CANDIDATE is UNFIT, and asked after all OTHERS: estimates and lists may
    /// be wrong.
    fn put_last(&mut self, candidate: Candidate, unfit: Unfit, others: &mut VecDeque<Candidate>) {
        self.asked.pop();
        self.last_resorts.push(candidate.deployment());
        self.passed.get_or_insert(Passed::unfit(candidate.clone(), unfit));
        others.push_back(candidate);
    }

    async fn attempt(
        &mut self,
        candidate: &Candidate,
        spoken: &mut Spoken,
    ) -> std::result::Result<Known, Failure> {
        let Turns { core, id, setup, ask, wanted, entry, remarks, offer, .. } = self;
        let of_route = candidate.route.as_ref().is_some_and(|it| it.strict);
        let strict = ask.strict || of_route || wanted.permission.is_strict();
        let route = wanted.route.as_deref();
        Try { core, id: *id, setup, ask, offer, strict, route, entry, candidate, remarks, spoken }
            .run()
            .await
    }

    async fn widen(&mut self) -> llm_switch_types::Result<VecDeque<Candidate>> {
        let Turns { core, id, setup, ask, wanted, asked, .. } = self;
        Beyond { core, id: *id, setup, ask, wanted, asked }.widen().await
    }

    /// A place for CANDIDATE, within the limits of its route.
    fn enter<'c>(&self, core: &'c Core, candidate: &Candidate) -> Result<Slot<'c>, Full> {
        let (input, output) = Habits::default().bound(&self.ask.request).likely;
        let (deployment, route) = (candidate.deployment(), candidate.route.as_ref());
        core.loads.enter(&deployment, route, input + output, now_ms())
    }

    /// CANDIDATE is not asked, for its route is FULL.
    fn turn_away(&mut self, candidate: Candidate, full: Full) {
        self.rest.full(&candidate, full.until);
        self.full = Some(full.why.clone());
        self.passed.get_or_insert(Passed::full(candidate, full.why));
    }

    /// CANDIDATE is not asked, for HEALTH.
    fn pass_over(&mut self, candidate: Candidate, health: Health) {
        self.rest.out(&candidate, &health);
        self.passed.get_or_insert(Passed::out(candidate, &health));
        self.out.push(health);
    }

    /// CANDIDATE ended in FAILURE, and another may be asked.
    fn pass_on(&mut self, candidate: Candidate, failure: Failure) {
        self.rest.failed(&candidate, &failure.error);
        let abilities = Abilities { setup: &self.setup, contexts: &self.core.contexts };
        self.fit.failed(abilities, &candidate, &failure.error);
        self.passed = Some(Passed::failed(candidate.clone(), &failure.error));
        // What the owner's own limits refused is told before what a service
        // failed with: only the owner can change it.
        let is_refused = |failure: &Failure| failure.error.kind == ErrorKind::Refused;
        let was_refused = self.last.as_ref().is_some_and(|(_, last)| is_refused(last));
        if !was_refused || is_refused(&failure) {
            self.last = Some((candidate, failure));
        }
    }

    /// How it ends when there is nobody left: as with the last one, if any
    /// was asked.
    fn nobody(&mut self) -> (Error, Known) {
        match self.last.take() {
            Some((candidate, failure)) => (failure.error.at(candidate.deployment()), failure.known),
            None if !self.out.is_empty() => (nobody_is_up(&self.ask.asked, &self.out), Value::Null),
            None if self.full.is_some() => (limit(self.full.take()), Value::Null),
            None => (self.wanted.nobody(&self.ask.asked), Value::Null),
        }
    }

    /// Have the deployments of ROUTE asked next, which a budget names. One
    /// that is not there was refused when the configuration was read.
    fn prepend(&self, candidates: &mut VecDeque<Candidate>, route: &str) {
        let route = self.wanted.keep(of_route(&self.setup, route).unwrap_or_default());
        route.into_iter().rev().for_each(|candidate| candidates.push_front(candidate));
    }

    /// Say that NEXT is asked in the place of who was passed over, if it is
    /// another.
    fn tell_fallback(&mut self, next: &Candidate) {
        let Some(Passed { candidate, reason, failure, asked }) = self.passed.take() else { return };
        let (from, to) = (candidate.deployment(), next.deployment());
        if from == to {
            let again = if asked { "was asked again" } else { "had to wait" };
            return self.remarks.push(format!("{from} {again}: {reason}"));
        }
        self.remarks.push(format!("{from} → {to}: {reason}"));
        let event = json!({
            "from": from.to_string(),
            "to": to.to_string(),
            "reason": reason,
            "failure": failure.map(|kind| kind.name()),
            "asked": asked,
            "from-price": usual_price(&self.setup, &candidate),
            "to-price": usual_price(&self.setup, next),
        });
        self.core.queue.push(self.id, Body::Fallback(event));
    }

    /// Where the answer of CANDIDATE of which this is KNOWN came far slower
    /// than its answers usually do, how much.
    fn slow(&self, candidate: &Candidate, known: &Known) -> Option<Value> {
        let (first, total) = (known["first-token-ms"].as_i64()?, known["total-ms"].as_i64()?);
        let output = known["usage"]["output"].as_u64().unwrap_or(0);
        self.core.paces.note(&candidate.deployment(), first, total, output)
    }

    /// KNOWN with `requested`, `mode`, `chosen` (`tier`, `route`, `reason`,
    /// or null), `remarks` (texts), `slow` (see
    /// [`crate::choice::Paces::note`], or null), what [`Spoken::complete`] adds,
    /// and where thoughts are [remembered](crate::memory) `kept`, the number
    /// by which `answer.stands` knows them.
    fn done(&mut self, spoken: Spoken, candidate: &Candidate, mut known: Known) -> Known {
        known["slow"] = self.slow(candidate, &known).into();
        if self.ask.quiet {
            known["text"] = spoken.text().into();
        } else if let Some(turn) = spoken.turn(candidate, &self.ask.request.messages) {
            known["kept"] = self.core.memory.keep(turn).into();
        }
        spoken.complete(candidate, &mut known);
        known["requested"] = self.ask.asked.to_string().into();
        known["chosen"] = self.wanted.chosen.as_ref().map(Chosen::value).into();
        known["mode"] = self.wanted.permission.mode().name.as_str().into();
        known["remarks"] = std::mem::take(&mut self.remarks).into();
        known
    }
}

/// How an answer of CANDIDATE ends that ended in FAILURE, of which the user
/// has seen what is SPOKEN: with `can-continue` where it may be gone on with.
fn broken_off(candidate: &Candidate, failure: Failure, spoken: &Spoken) -> (Error, Known) {
    let Failure { error, mut known, .. } = failure;
    if spoken.can_continue() && candidate.may_pass_on(&error) {
        known["can-continue"] = true.into();
    }
    (error.at(candidate.deployment()), known)
}
