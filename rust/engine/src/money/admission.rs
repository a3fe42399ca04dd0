//! Whether the budgets let an attempt pass.
//!
//! The ledger decides, in one transaction for all processes; this prepares the
//! question, waits a little where a settlement may help, and asks the owner
//! where the budget says so.

use super::alerts::amount;
use super::permit::{Asked, Growing, Permit, Rates};
use super::unsent::Unsent;
use super::{Bounds, Quote};
use crate::core::Core;
use crate::ledger::now_ms;
use crate::questions::PATIENCE;
use crate::setup::Setup;
use llm_switch_ledger::{
    Allowance, AttemptKey, Cap, Demand, Denial, Hold, Ledger, NewAttempt, RequestKey, Verdict,
};
use llm_switch_types::{AtLimit, Error, ErrorKind, Limit, Money, Payer, Result, Subject, Usage};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// An attempt that wants to begin.
pub(crate) struct Wish<'a> {
    /// The job that it is for.
    pub(crate) id: i64,
    pub(crate) setup: &'a Setup,
    pub(crate) ledger: &'a Ledger,
    pub(crate) request: RequestKey,
    pub(crate) new: NewAttempt,
    pub(crate) subject: Subject<'a>,
    /// The budgets that count it.
    pub(crate) caps: Vec<Cap>,
    pub(crate) quote: Quote<'a>,
    pub(crate) bounds: Bounds,
    /// The output limit that the user or the route has set.
    pub(crate) stated: Option<u64>,
    /// The answer can be stopped while it comes.
    pub(crate) streams: bool,
    /// The most tokens that the model can put out.
    pub(crate) model_limit: Option<u64>,
    /// The most that it may cost, whatever the budgets say.
    pub(crate) ceiling: Option<Money>,
    /// The user is asked first when it probably costs more.
    pub(crate) ask_above: Option<Money>,
}

/// Why an attempt must not begin.
pub(crate) struct Refused {
    pub(crate) error: Error,
    /// The route to take instead, where the budget names one.
    pub(crate) instead: Option<String>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused { error, instead: None }
    }
}

/// How long a request waits for open holds to be settled before it is refused.
pub(crate) const WAIT: Duration = Duration::from_secs(5);
/// How often it looks whether another process has settled one.
const LOOK: Duration = Duration::from_millis(25);

/// How long what the owner allows for one request holds: a day, or until the
/// window is over.
const ALLOWED_MS: i64 = 86_400_000;

/// An answer that is not streamed cannot be stopped, so all that it may have
/// is held from the start.
const WHOLE_OUTPUT: u64 = 4_096;
/// The output limit that is sent where neither user, route nor catalogue know
/// one: what most services take.
const UNKNOWN_LIMIT: u64 = 32_768;
/// An answer of fewer tokens is not worth its input.
const SHORTEST: u64 = 64;

/// Have WISH admitted.
///
/// # Errors
/// [`ErrorKind::Refused`] with the budget, the numbers and the time at which
/// it is full again; [`ErrorKind::Store`] when nothing is known of budgets.
pub(crate) async fn admit(core: &Core, wish: Wish<'_>) -> std::result::Result<Permit, Refused> {
    let caps = &wish.caps;
    let rates = rates(&wish)?;
    confirm(core, &wish).await?;
    let mut output = wish.output();
    let deadline = Instant::now() + WAIT;
    let mut turn = core.waiting.turn_if_any(caps, deadline).await;
    loop {
        let denial = match ask(&wish, rates, output).await? {
            Ok(permit) => return Ok(permit),
            Err(denial) => denial,
        };
        let cap = &caps[denial.cap];
        let shorter = wish.shorter(cap, &denial, rates, output);
        let may_pass = denial.may_pass_later()
            || shorter.is_none() && wish.shortest_may_pass_later(cap, &denial, rates);
        if may_pass && Instant::now() < deadline {
            output = wish.output();
            match &turn {
                None => turn = core.waiting.turn(&cap.budget, deadline).await,
                Some(_) => core.waiting.settlement(LOOK).await,
            }
            continue;
        }
        match shorter {
            Some(shorter) => output = shorter,
            None => at_limit(core, &wish, cap, &denial).await?,
        }
    }
}

/// What the attempt costs by the length of its output, which must be known
/// where somebody pays by it.
fn rates(wish: &Wish<'_>) -> Result<Rates> {
    const MILLION: u64 = 1_000_000;
    let (quote, input) = (&wish.quote, wish.bounds.input);
    let priced = quote.highest(input, 0).zip(quote.highest(input, MILLION));
    let counts_money = wish.caps.iter().any(|cap| matches!(cap.limit, Limit::Dollars(_)));
    match priced {
        Some((base, more)) => {
            let million = Money::from_pico(more.pico().saturating_sub(base.pico()));
            Ok(Rates { input, base, million })
        }
        None if wish.must_be_priced() && (counts_money || wish.ceiling.is_some()) => {
            Err(unpriced(wish))
        }
        None => Ok(Rates { input, base: Money::ZERO, million: Money::ZERO }),
    }
}

/// Have the user confirm what is probably dear.
async fn confirm(core: &Core, wish: &Wish<'_>) -> Result<()> {
    let Some(threshold) = wish.ask_above else { return Ok(()) };
    let (input, output) = wish.bounds.likely;
    let output = wish.stated.map_or(output, |stated| output.min(stated));
    let likely = wish.quote.price(&Usage { input, output, ..Usage::default() });
    let Some(cost) = likely.filter(|cost| *cost > threshold) else { return Ok(()) };
    let details = json!({
        "deployment": format!("{}/{}", wish.subject.account, wish.subject.model),
        "amount": cost,
        "input": input,
        "output": output,
    });
    match core.ask(wish.id, "cost", details, PATIENCE).await {
        Some(Value::Bool(true)) => Ok(()),
        _ => {
            let what = format!("it probably costs ${cost}, and nobody said yes to that");
            Err(Error::new(ErrorKind::Refused, what).advise("Nothing was sent"))
        }
    }
}

fn unpriced(wish: &Wish<'_>) -> Error {
    let Subject { account, model, .. } = wish.subject;
    let what = format!("what {model} costs is not known, and a budget in dollars counts it");
    Error::new(ErrorKind::Refused, what).advise(format!(
        "Set its price with M-x llm-switch-set-price, or write unpriced = [{model:?}] at \
         [account.{account}]"
    ))
}

/// Ask the ledger once, for OUTPUT tokens.
async fn ask(
    wish: &Wish<'_>,
    rates: Rates,
    output: u64,
) -> std::result::Result<std::result::Result<Permit, Denial>, Refused> {
    let cost = rates.cost(output);
    if let Some(ceiling) = wish.ceiling.filter(|ceiling| cost > *ceiling) {
        return Err(above_ceiling(cost, ceiling).into());
    }
    let demand = Demand {
        hold: Hold { cost, tokens: rates.input.saturating_add(output) },
        caps: wish.caps.clone(),
        now_ms: now_ms(),
        sent: wish.sent(),
    };
    let (tell, hear) = oneshot::channel();
    let attempt = wish.ledger.admit(wish.request, wish.new.clone(), demand, move |verdict| {
        drop(tell.send(verdict));
    });
    let unsent = Unsent { ledger: wish.ledger, attempt, payer: wish.new.payer };
    let closed = || Err(Error::new(ErrorKind::Store, "the ledger is closed"));
    let verdict = hear.await.unwrap_or_else(|_| closed()).map_err(unwritable)?;
    unsent.heard();
    match verdict {
        Verdict::Denied(denial) => Ok(Err(denial)),
        Verdict::Granted { money, tokens } => {
            Ok(Ok(wish.permit(attempt, rates, output, (money, tokens))))
        }
    }
}

fn above_ceiling(cost: Money, ceiling: Money) -> Error {
    let what = format!("it may cost ${cost}, and no more than ${ceiling} is allowed for it");
    Error::new(ErrorKind::Refused, what)
        .advise("Set a smaller output limit, choose a cheaper model, or raise max-cost")
}

/// While the ledger cannot be written nothing is spent.
fn unwritable(error: Error) -> Error {
    let what = format!("nothing that costs money is sent: {}", error.what);
    Error { what, ..error }
}

impl Wish<'_> {
    fn must_be_priced(&self) -> bool {
        let account = self.quote.account;
        account.payer == Payer::Metered && !account.may_be_unpriced(self.quote.model)
    }

    /// Tokens of output to begin with.
    fn output(&self) -> u64 {
        let usual = self.bounds.output;
        let unstated = if self.streams { usual } else { usual.max(WHOLE_OUTPUT) };
        let most = self.model_limit.unwrap_or(u64::MAX);
        self.stated.unwrap_or(unstated.min(most))
    }

    /// What it will have used if nothing is heard of it again: its input.
    fn sent(&self) -> (Usage, Option<Money>) {
        let usage = Usage { input: self.bounds.bytes.div_ceil(4), ..Usage::default() };
        (usage, self.quote.price(&usage))
    }

    /// An output that fits into what DENIAL leaves, where nobody has said how
    /// long the answer may be: a short one is better than none.
    fn shorter(&self, cap: &Cap, denial: &Denial, rates: Rates, output: u64) -> Option<u64> {
        let left = denial.limit.saturating_sub(denial.spent).saturating_sub(denial.held);
        let fits = match cap.limit {
            Limit::Dollars(_) => self.quote.affordable(rates.input, Money::from_pico(left))?,
            Limit::Tokens(_) => u64::try_from(left).ok()?.checked_sub(rates.input)?,
            Limit::Requests(_) => return None,
        };
        let is_shorter = self.stated.is_none() && fits < output && fits >= SHORTEST;
        is_shorter.then_some(fits)
    }

    /// Whether the shortest answer that makes sense might be paid for when
    /// what others hold is settled, where nobody has said how long it is.
    fn shortest_may_pass_later(&self, cap: &Cap, denial: &Denial, rates: Rates) -> bool {
        let asked = match cap.limit {
            Limit::Dollars(_) => rates.cost(SHORTEST).pico(),
            Limit::Tokens(_) => i64::try_from(rates.input + SHORTEST).unwrap_or(i64::MAX),
            Limit::Requests(_) => return false,
        };
        self.stated.is_none() && Denial { asked, ..denial.clone() }.may_pass_later()
    }

    /// The permit for ATTEMPT, for which OUTPUT tokens are held and LEFT
    /// remains under the tightest cap.
    fn permit(
        &self,
        attempt: AttemptKey,
        rates: Rates,
        output: u64,
        left: (Option<Money>, Option<u64>),
    ) -> Permit {
        let attempt_key = Some(attempt);
        if self.stated.is_some() || !self.streams {
            let limit = self.stated.is_none().then_some(output);
            return Permit { attempt: attempt_key, limit, growing: None };
        }
        let limit = self.limit(rates, output, left);
        let growing = Growing {
            ledger: self.ledger.clone(),
            attempt,
            caps: self.caps.clone(),
            rates,
            output,
            slice: self.bounds.output,
            ceiling: self.ceiling,
            limit,
            asked: Asked::No,
        };
        Permit { attempt: attempt_key, limit: Some(limit), growing: Some(growing) }
    }

    /// The output limit to send: all that could be paid for if nobody else
    /// asked for anything.
    fn limit(
        &self,
        rates: Rates,
        output: u64,
        (money, tokens): (Option<Money>, Option<u64>),
    ) -> u64 {
        let all = |money: Money| rates.cost(output).saturating_add(money);
        let by_money = money.and_then(|money| self.quote.affordable(rates.input, all(money)));
        let by_tokens = tokens.map(|tokens| output.saturating_add(tokens));
        let by_ceiling = self.ceiling.and_then(|it| self.quote.affordable(rates.input, it));
        let by_model = Some(self.model_limit.unwrap_or(UNKNOWN_LIMIT));
        let limits = [by_money, by_tokens, by_ceiling, by_model];
        limits.into_iter().flatten().min().unwrap_or(output).max(1)
    }
}

/// What CAP says to a request for which it has too little left: done when it
/// may be asked again.
async fn at_limit(
    core: &Core,
    wish: &Wish<'_>,
    cap: &Cap,
    denial: &Denial,
) -> std::result::Result<(), Refused> {
    let budget = wish.setup.budgets.iter().find(|it| it.name == cap.budget);
    let error = refusal(cap, denial);
    match budget.map(|budget| &budget.at_limit) {
        Some(AtLimit::Route(route)) => Err(Refused { error, instead: Some(route.clone()) }),
        Some(AtLimit::Ask) if allowed(core, wish, cap, denial, &error).await => Ok(()),
        _ => Err(error.into()),
    }
}

/// Ask the owner whether the budget may be passed for this request, and write
/// down that it may.
async fn allowed(core: &Core, wish: &Wish<'_>, cap: &Cap, denial: &Denial, error: &Error) -> bool {
    let missing = denial.spent + denial.held + denial.asked - denial.limit;
    let details = json!({
        "budget": cap.budget,
        "unit": cap.limit.unit(),
        "asked": denial.asked,
        "missing": missing,
        "message": error.what,
    });
    let answer = core.ask(wish.id, "budget", details, PATIENCE).await;
    if answer != Some(json!(true)) {
        return false;
    }
    let made_ms = now_ms();
    let until_ms = cap.window.end.min(made_ms + ALLOWED_MS);
    let budget = cap.budget.clone();
    wish.ledger.allow(Allowance { budget, extra: missing, made_ms, until_ms });
    true
}

/// Why CAP refuses, for a person.
fn refusal(cap: &Cap, denial: &Denial) -> Error {
    let Denial { spent, held, asked, limit, .. } = *denial;
    let amount = |number: i64| amount(cap.limit, number);
    let left = limit.saturating_sub(spent).saturating_sub(held).max(0);
    let what = format!(
        "budget {:?} has {} left of {} ({} spent, {} held by open requests), and this may take {}",
        cap.budget,
        amount(left),
        amount(limit),
        amount(spent),
        amount(held),
        amount(asked)
    );
    let error = Error::new(ErrorKind::Refused, what).advise(
        "Choose what is free or cheaper, wait, raise the budget, or let it be passed for some \
         time with M-x llm-switch-allow",
    );
    Error { resets_at: Some(cap.window.end).filter(|end| *end < i64::MAX), ..error }
}
