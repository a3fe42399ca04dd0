//! What an attempt used and cost, from its first byte to its row in the ledger.

use super::entry::dropped;
use crate::choice::Candidate;
use crate::ledger::now_ms;
use crate::setup::{Account, Setup};
use crate::unfinished::Unfinished;
use jiff::Timestamp;
use llm_switch_catalog::{Circumstances, is_same_model};
use llm_switch_ledger::{AttemptEnd, AttemptKey, Ledger, Outcome, RequestKey, Seen};
use llm_switch_providers::Answered;
use llm_switch_types::{Basis, Cost, Error, ErrorKind, Event, Limits, Money, Result, Usage};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;

/// Follows one attempt and writes it down when it ends, in whatever way: when
/// it is dropped before [`Recording::end`], as cancelled.
pub(super) struct Recording {
    setup: Arc<Setup>,
    account: Account,
    model: String,
    /// Where it stands in the ledger, or why it does not.
    row: Result<Row>,
    begun: Timestamp,
    started: Instant,
    first_token_ms: Option<i64>,
    served: Option<String>,
    service_tier: Option<String>,
    usage: Option<Usage>,
    reported: Option<Money>,
    /// Bytes that went in and came out, for an estimate.
    sent: u64,
    received: u64,
    /// Bytes that the ledger knows of.
    written_down: u64,
    http_status: Option<u16>,
    /// An answer of another model is refused.
    pub(super) strict: bool,
    /// Nobody waits for it any more, though the service may still work at it.
    pub(super) given_up: bool,
    /// Where what is known is left when it is dropped.
    pub(super) unfinished: Unfinished,
    /// What earlier attempts of the request have cost.
    pub(super) before: Money,
    over: bool,
}

/// An attempt in the ledger.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) ledger: Ledger,
    pub(super) request: RequestKey,
    pub(super) attempt: AttemptKey,
}

/// Bytes of text in a token, roughly, for answers whose usage is not told.
const BYTES_PER_TOKEN: u64 = 4;

/// Bytes of text in a token, at least, as long as money hangs on it.
const BYTES_PER_TOKEN_AT_LEAST: u64 = 2;

impl Recording {
    /// Begin at CANDIDATE, with SENT bytes of text. Without a ROW the attempt
    /// goes on and says so at its end.
    pub(super) fn begin(
        row: Result<Row>,
        setup: Arc<Setup>,
        candidate: &Candidate,
        sent: u64,
    ) -> Self {
        Recording {
            setup,
            account: candidate.account.clone(),
            model: candidate.model.clone(),
            row,
            begun: Timestamp::now(),
            started: Instant::now(),
            first_token_ms: None,
            served: None,
            service_tier: None,
            usage: None,
            reported: None,
            sent,
            received: 0,
            written_down: 0,
            http_status: None,
            strict: false,
            given_up: false,
            unfinished: Unfinished::default(),
            before: Money::ZERO,
            over: false,
        }
    }

    /// Take note of EVENT.
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::Text(text) | Event::Reasoning(text) => self.visible(text.len()),
            Event::ToolCall(call) => self.visible(call.name.len() + call.arguments.len()),
            Event::Served(model) => self.served = Some(model.clone()),
            Event::ServiceTier(tier) => self.service_tier = Some(tier.clone()),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Reported(cost) => self.reported = Some(*cost),
            Event::Opaque(_) | Event::Stop(_) => {}
        }
    }

    fn visible(&mut self, bytes: usize) {
        self.received += bytes as u64;
        self.first_token_ms.get_or_insert(self.started.elapsed().as_millis() as i64);
    }

    /// Tokens that have come out so far: rather too many than too few, for
    /// what is held must cover them.
    pub(super) fn output(&self) -> u64 {
        let received = self.received.div_ceil(BYTES_PER_TOKEN_AT_LEAST);
        self.usage.map_or(0, |usage| usage.output).max(received)
    }

    /// Have the ledger know what was received since it was last told, so that
    /// a crash leaves little uncounted.
    pub(super) fn write_down(&mut self) {
        if self.received == self.written_down {
            return;
        }
        self.written_down = self.received;
        let usage = self.estimate();
        if let Ok(Row { ledger, attempt, .. }) = &self.row {
            let cost = self.price(&usage).with_fee(self.account.fee);
            ledger.note(*attempt, &usage, cost.amount);
        }
    }

    /// What the service has counted, if it has.
    pub(super) fn told_usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The answer came as ANSWERED says.
    pub(super) fn answered(&mut self, answered: &Answered) {
        self.http_status = Some(answered.status);
        self.see_limits(&answered.limits);
    }

    /// A refusal too tells what the account has left, and it matters more.
    fn see(&self, error: &Error) {
        if let Some(said) = &error.said {
            self.see_limits(&said.limits);
        }
    }

    fn see_limits(&self, limits: &Limits) {
        let Ok(Row { ledger, .. }) = &self.row else { return };
        if !limits.windows.is_empty() {
            let (account, model) = (self.account.name.clone(), Some(self.model.clone()));
            let seen = Seen { account, model, at_ms: now_ms() };
            ledger.see_windows(seen, limits.windows.clone());
        }
    }

    /// Write it down, and tell what is known: `provider`, `title`, `account`,
    /// `payer`, `sent`, `served`, `substituted`, `usage`, `cost` (`amount` in pico-dollars,
    /// `dollars` as text, `basis`), `request-cost` (what all attempts of the request so far have
    /// cost, pico-dollars), `first-token-ms`, `total-ms`, `request` (its key in the ledger) or
    /// `ledger-error`.
    pub(super) fn end(mut self, failure: Option<&Error>) -> Value {
        failure.into_iter().for_each(|error| self.see(error));
        self.http_status = self.http_status.or(failure.and_then(|error| error.http_status));
        self.write(failure.map_or(Outcome::Done, |error| Outcome::Failed(error.kind)))
    }

    fn write(&mut self, outcome: Outcome) -> Value {
        self.over = true;
        let (usage, cost) = self.bill(outcome);
        let told = self.tell(&usage, &cost);
        if let Ok(Row { ledger, attempt, .. }) = &self.row {
            let end = AttemptEnd {
                ended_ms: now_ms(),
                first_token_ms: self.first_token_ms,
                served_model: self.served.take(),
                http_status: self.http_status,
                outcome,
                computed: self.computed(&usage, &cost),
                usage,
                cost,
            };
            ledger.end_attempt(*attempt, end);
        }
        told
    }

    /// What the user pays: what the service charges, and the fee on credit.
    fn bill(&self, outcome: Outcome) -> (Usage, Cost) {
        let (usage, cost) = self.charge(outcome);
        (usage, cost.with_fee(self.account.fee))
    }

    /// What our prices say to USAGE where COST is the service's own figure, with
    /// the same fee on top, so that the two can be compared.
    fn computed(&self, usage: &Usage, cost: &Cost) -> Option<Money> {
        if cost.basis != Basis::Reported {
            return None;
        }
        let computed = self.price(usage).with_fee(self.account.fee);
        computed.amount.filter(|_| matches!(computed.basis, Basis::Computed | Basis::Estimated))
    }

    /// What USAGE costs in the circumstances of this attempt.
    fn price(&self, usage: &Usage) -> Cost {
        let circumstances = Circumstances {
            at: self.begun,
            service_tier: self.service_tier.as_deref(),
            duration: self.started.elapsed(),
        };
        let (provider, payer) = (&self.account.provider.name, self.account.payer);
        self.setup.catalog.price(provider, &self.model, payer, usage, &circumstances)
    }

    /// The service's own figure wins; what it did not tell is estimated, and a
    /// failure that cannot have been billed cost nothing.
    fn charge(&self, outcome: Outcome) -> (Usage, Cost) {
        if let Some(usage) = self.usage.filter(|_| outcome == Outcome::Done) {
            let cost = match self.reported {
                Some(amount) => Cost { amount: Some(amount), basis: Basis::Reported, price: None },
                None => self.price(&usage),
            };
            return (usage, cost);
        }
        let usage = if self.was_billed(outcome) { self.estimate() } else { Usage::default() };
        let cost = self.price(&usage);
        let is_nothing = usage == Usage::default();
        (usage, if is_nothing { nothing(cost) } else { cost.estimated() })
    }

    /// Whether the service may bill for what has this OUTCOME. Who cancels, or
    /// gives up waiting, pays for what was sent; where nothing came back it may
    /// not have arrived.
    fn was_billed(&self, outcome: Outcome) -> bool {
        // Who refuses the model that answers is billed for the question.
        let unwanted = self.strict && self.is_substituted();
        let heard = self.received > 0 || self.usage.is_some() || unwanted || self.given_up;
        match outcome {
            Outcome::Failed(ErrorKind::Cancelled) => true,
            Outcome::Failed(kind) if !kind.may_have_spent() => heard,
            _ => heard || self.http_status.is_some(),
        }
    }

    /// What an answer that did not come to its end has used. Some services
    /// tell the input at the beginning and count the output as it grows; what
    /// was received since counts too.
    fn estimate(&self) -> Usage {
        let received = self.received.div_ceil(BYTES_PER_TOKEN);
        match self.usage {
            Some(usage) => Usage { output: usage.output.max(received), ..usage },
            None => Usage {
                input: self.sent.div_ceil(BYTES_PER_TOKEN),
                output: received,
                ..Usage::default()
            },
        }
    }

    /// The service says that it served another model.
    fn is_substituted(&self) -> bool {
        self.served.as_ref().is_some_and(|served| !is_same_model(&self.model, served))
    }

    /// Refuse an answer of another model, where that is wanted.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] with both names.
    pub(super) fn check_served(&self) -> Result<()> {
        match &self.served {
            Some(served) if self.strict && self.is_substituted() => {
                let what = format!("{served:?} answered in the place of {:?}", self.model);
                Err(Error::new(ErrorKind::Refused, what)
                    .advise("It was refused, because strict is set; what it cost is counted"))
            }
            _ => Ok(()),
        }
    }

    fn tell(&self, usage: &Usage, cost: &Cost) -> Value {
        let mut told = Map::new();
        let mut set = |name: &str, value: Value| told.insert(name.to_owned(), value);
        set("provider", self.account.provider.name.as_str().into());
        set("title", self.account.provider.title.as_str().into());
        set("account", self.account.name.as_str().into());
        set("payer", self.account.payer.name().into());
        set("sent", self.model.as_str().into());
        set("served", self.served.as_deref().into());
        set("substituted", self.is_substituted().into());
        set("usage", json!(usage));
        set("cost", cost_value(cost));
        let all = self.before.pico().saturating_add(cost.amount.map_or(0, Money::pico));
        set("request-cost", json!(Money::from_pico(all)));
        set("first-token-ms", self.first_token_ms.into());
        set("total-ms", (self.started.elapsed().as_millis() as i64).into());
        match &self.row {
            Ok(row) => set("request", json!(row.request)),
            Err(error) => set("ledger-error", error.to_string().into()),
        };
        Value::Object(told)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if !self.over {
            let known = self.write(Outcome::Failed(dropped()));
            self.unfinished.leave(known);
        }
    }
}

/// The cost of nothing, which is known even where the price is not, and has
/// neither fee nor electricity in it.
fn nothing(cost: Cost) -> Cost {
    match cost.amount {
        Some(_) => Cost { amount: Some(Money::ZERO), ..cost },
        None => Cost { amount: Some(Money::ZERO), basis: Basis::Computed, price: None },
    }
}

fn cost_value(cost: &Cost) -> Value {
    json!({
        "amount": cost.amount,
        "dollars": cost.amount.map(|amount| amount.to_string()),
        "basis": cost.basis,
        "price": cost.price,
    })
}
