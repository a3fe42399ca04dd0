//! One deployment, asked until it answers or cannot.

use super::correction::{Change, Correction};
use super::entry::Entry;
use super::flow::flow;
use super::recording::{Recording, Row};
use super::spoken::Spoken;
use crate::answer::Known;
use crate::choice::{Abilities, Candidate};
use crate::core::Core;
use crate::intake::Ask;
use crate::ledger::now_ms;
use crate::mcp::Offer;
use crate::money::{Bounds, Permit, Quote, Refused, Sample, Wish, admit, caps, check_alerts};
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_ledger::{Cap, NewAttempt};
use llm_switch_providers::Attempt;
use llm_switch_types::{Error, ErrorKind, Money, Payer, Request, Result, Subject, Usage};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::Arc;

/// A candidate that is asked.
pub(super) struct Try<'a> {
    pub(super) core: &'a Arc<Core>,
    pub(super) id: i64,
    pub(super) setup: &'a Arc<Setup>,
    pub(super) ask: &'a Ask,
    /// The tools of servers that it offers.
    pub(super) offer: &'a Offer,
    /// Whether an answer of another model than the one that was asked is
    /// refused.
    pub(super) strict: bool,
    /// The route that was asked.
    pub(super) route: Option<&'a str>,
    pub(super) entry: &'a Entry,
    pub(super) candidate: &'a Candidate,
    pub(super) remarks: &'a mut Vec<String>,
    pub(super) spoken: &'a mut Spoken,
}

/// Why a candidate did not answer.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The route to take instead, where a budget names one.
    pub(super) instead: Option<String>,
    pub(super) known: Known,
}

impl Failure {
    /// What it says of who failed. Whoever serves another model does not have
    /// the one that was asked, and would be paid for the next answer too.
    pub(super) fn of_health(&self) -> Error {
        let is_another = self.error.kind == ErrorKind::Refused && self.known["substituted"] == true;
        let kind = if is_another { ErrorKind::ModelNotFound } else { self.error.kind };
        Error { kind, ..self.error.clone() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure { error, instead: None, known: Value::Null }
    }
}

impl From<Refused> for Failure {
    fn from(Refused { error, instead }: Refused) -> Failure {
        Failure { error, instead, known: Value::Null }
    }
}

impl Try<'_> {
    /// Ask; again, when the refusal told how this deployment wants to be
    /// asked.
    pub(super) async fn run(mut self) -> std::result::Result<Known, Failure> {
        let key = self.core.key(self.id, &self.candidate.account).await?;
        let deployment = self.candidate.deployment();
        let (request, withheld) = self.request().await?;
        let lessons = self.core.learned.of(&deployment);
        let mut correction = Correction::new(&deployment, &request, lessons);
        loop {
            let (error, known, remark) = match self.once(&mut correction, key.as_ref()).await? {
                Ended::Answered(known) => return Ok(with_withheld(known, withheld)),
                Ended::Refused(error, known, remark) => (error, known, remark),
            };
            let Some(remark) = remark else { return Err(self.failure(error, known)) };
            self.remarks.push(remark);
        }
    }

    /// What is asked of this candidate: with the tools that it may use, and
    /// what tools and resources show where it can see; and the names of the tools that
    /// are kept from it.
    async fn request(&self) -> Result<(Request, Vec<String>)> {
        let mut request = self.candidate.shape(&self.ask.request);
        let withheld = self.offer.put_into(&mut request, self.setup, &self.subject());
        match self.sees() {
            true => Ok((self.core.with_media(request).await?, withheld)),
            false => Ok((request, withheld)),
        }
    }

    /// Whether it may be shown images: who is listed nowhere is tried.
    fn sees(&self) -> bool {
        let abilities = Abilities { setup: self.setup, contexts: &self.core.contexts };
        let tried = || !self.core.mcp.blind.knows(&self.candidate.deployment());
        abilities.sees(self.candidate).unwrap_or_else(tried)
    }

    fn failure(&self, error: Error, known: Known) -> Failure {
        if error.kind == ErrorKind::Auth {
            self.core.keys.forget(&self.candidate.account.name);
        }
        Failure { error, instead: None, known }
    }

    /// One upstream call, for which there is money.
    async fn once(
        &mut self,
        correction: &mut Correction<'_>,
        key: Option<&SecretString>,
    ) -> std::result::Result<Ended, Failure> {
        let mut request = correction.request.clone().into_owned();
        let bounds = self.bounds(&request).await;
        let at = Timestamp::now();
        let caps = caps(&self.setup.budgets, &self.subject(), at, &self.setup.time_zone);
        let (row, mut permit) = self.admitted(&request, bounds, at, &caps).await?;
        request.max_output_tokens = request.max_output_tokens.or(permit.limit);
        let setup = Arc::clone(self.setup);
        let mut recording = Recording::begin(row, setup, self.candidate, bounds.bytes);
        recording.strict = self.strict;
        recording.unfinished = self.ask.unfinished.clone();
        recording.before = self.entry.spent();
        let seed = format!("{:x}{:x}", now_ms(), self.id);
        let lessons = correction.lessons.clone();
        let call = Attempt {
            provider: &self.candidate.account.provider,
            model: &self.candidate.model,
            key,
            request: &request,
            lessons: &lessons,
            seed: &seed,
        };
        let client = self.core.clients.to(self.candidate.locality());
        let (core, id, spoken) = (self.core, self.id, &mut *self.spoken);
        let is_quiet = self.ask.quiet;
        let hear = |event| {
            if let Some(body) = spoken.hear(event).filter(|_| !is_quiet) {
                core.queue.push(id, body);
            }
        };
        let within = self.candidate.first_token_within();
        let end = flow(client, call, &mut permit, &mut recording, within, hear).await;
        let ended = match end {
            Ok(answered) => {
                recording.answered(&answered);
                self.core.heard_limits(self.candidate, &answered.limits);
                self.remember(bounds.bytes, recording.told_usage());
                Ended::Answered(recording.end(None))
            }
            Err(error) => {
                let known = recording.end(Some(&error));
                self.entry.note(&known);
                let remark = self.correct(correction, &error, call);
                Ended::Refused(error, known, remark)
            }
        };
        self.core.waiting.attempt_settled();
        if let Ok((ledger, _)) = self.entry.place() {
            check_alerts(self.core, self.setup, ledger, &caps);
        }
        Ok(ended)
    }

    async fn bounds(&self, request: &Request) -> Bounds {
        let ledger = self.entry.place().ok().map(|(ledger, _)| ledger);
        let deployment = self.candidate.deployment();
        let habits = self.core.experience.habits(&deployment, ledger, &self.core.tasks).await;
        habits.bound(request)
    }

    fn remember(&self, bytes: u64, usage: Option<Usage>) {
        if let Some(usage) = usage {
            let sample = Sample { bytes, input: usage.total_input(), output: usage.output };
            self.core.experience.add(&self.candidate.deployment(), sample);
        }
    }

    /// The attempt in the ledger, and what it may spend. What costs nothing
    /// and is counted by no budget begins without being asked; what is free
    /// also while the ledger is in trouble, or when there is none.
    async fn admitted(
        &self,
        request: &Request,
        bounds: Bounds,
        at: Timestamp,
        caps: &[Cap],
    ) -> std::result::Result<(Result<Row>, Permit), Failure> {
        let new = self.new_attempt(at, bounds);
        let payer = self.candidate.account.payer;
        if caps.is_empty() && payer != Payer::Metered {
            return Ok((self.begun(new), Permit::FREE));
        }
        match self.held(request, bounds, caps, new.clone(), at).await {
            Err(it) if payer == Payer::Free && it.error.kind == ErrorKind::Store => {
                Ok((self.begun(new), Permit::FREE))
            }
            held => held.map(|(row, permit)| (Ok(row), permit)).map_err(Failure::from),
        }
    }

    /// The attempt NEW in the ledger, of which nobody is asked.
    fn begun(&self, new: NewAttempt) -> Result<Row> {
        self.entry.place().map(|(ledger, request)| {
            let attempt = ledger.begin_attempt(request, new);
            Row { ledger: ledger.clone(), request, attempt }
        })
    }

    /// The attempt NEW in the ledger, with what CAPS let it hold.
    async fn held(
        &self,
        request: &Request,
        bounds: Bounds,
        caps: &[Cap],
        new: NewAttempt,
        at: Timestamp,
    ) -> std::result::Result<(Row, Permit), Refused> {
        let (ledger, key) = self.entry.place()?;
        let wish = Wish {
            id: self.id,
            setup: self.setup,
            ledger,
            request: key,
            new,
            subject: self.subject(),
            caps: caps.to_vec(),
            quote: self.quote(request, at),
            bounds,
            stated: request.max_output_tokens,
            streams: request.stream,
            model_limit: self.model_limit(),
            ceiling: self.ceiling(),
            // Once is enough: what is asked again costs no more.
            ask_above: self.ask.ask_above.filter(|_| self.remarks.is_empty()),
        };
        let permit = admit(self.core, wish).await?;
        let row =
            permit.attempt.map(|attempt| Row { ledger: ledger.clone(), request: key, attempt });
        let lost = || Error::new(ErrorKind::Store, "the attempt has no place in the ledger");
        Ok((row.ok_or_else(lost)?, permit))
    }

    fn subject(&self) -> Subject<'_> {
        let Candidate { account, model, .. } = self.candidate;
        Subject {
            provider: &account.provider.name,
            account: &account.name,
            model,
            route: self.route,
            project: self.ask.project.as_deref(),
            client: &self.ask.client,
        }
    }

    fn new_attempt(&self, at: Timestamp, bounds: Bounds) -> NewAttempt {
        let Candidate { account, model, .. } = self.candidate;
        NewAttempt {
            provider: account.provider.name.clone(),
            account: account.name.clone(),
            sent_model: model.clone(),
            payer: account.payer,
            started_ms: at.as_millisecond(),
            sent_bytes: bounds.bytes,
        }
    }

    fn quote<'q>(&'q self, request: &'q Request, at: Timestamp) -> Quote<'q> {
        let Candidate { account, model, .. } = self.candidate;
        let tier = request.extra.get("service_tier").and_then(Value::as_str);
        Quote { catalog: &self.setup.catalog, account, model, at, tier }
    }

    fn model_limit(&self) -> Option<u64> {
        let Candidate { account, model, .. } = self.candidate;
        self.setup.catalog.model(&account.provider.name, model)?.max_output
    }

    /// The most that one request may still cost: the least that anybody said,
    /// without what its attempts so far have cost.
    fn ceiling(&self) -> Option<Money> {
        let of_route = self.candidate.route.as_ref().and_then(|route| route.max_cost);
        let of_file = of_route.or(self.setup.max_cost);
        let most = self.ask.max_cost.into_iter().chain(of_file).min();
        most.map(|most| self.entry.left_of(most))
    }

    /// Change what is asked after CALL was REFUSED. The remark about it, or
    /// `None` when asking again makes no sense: nothing can be changed, or
    /// the user has seen a part of the answer already.
    fn correct(
        &self,
        correction: &mut Correction<'_>,
        refused: &Error,
        call: Attempt<'_>,
    ) -> Option<String> {
        if !self.spoken.is_silent() {
            return None;
        }
        let (change, remark) = correction.after(refused, call)?;
        match change {
            Change::Lesson => {
                self.core.learned.keep(correction.deployment, correction.lessons.clone());
            }
            Change::Media => self.core.mcp.blind.note(correction.deployment),
            Change::Thoughts => {}
        }
        Some(remark)
    }
}

/// KNOWN, and which tools were WITHHELD.
fn with_withheld(mut known: Known, withheld: Vec<String>) -> Known {
    if !withheld.is_empty() {
        known["withheld"] = withheld.into();
    }
    known
}

/// How a call ended.
enum Ended {
    Answered(Known),
    /// With what was changed since, if it may be asked again.
    Refused(Error, Known, Option<String>),
}
