//! What an attempt may spend, and how that grows.

use super::admission::WAIT;
use llm_switch_ledger::{AttemptKey, Cap, Demand, Denial, Hold, Ledger, Verdict};
use llm_switch_types::{Error, ErrorKind, Limit, Money, Result, Usage};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use tokio::time::sleep;

/// That an attempt may be sent, and what it may spend.
pub(crate) struct Permit {
    /// Its name in the ledger.
    pub(crate) attempt: Option<AttemptKey>,
    /// The output limit to send, where the user has set none.
    pub(crate) limit: Option<u64>,
    pub(super) growing: Option<Growing>,
}

/// A hold for an answer whose length nobody knows.
pub(super) struct Growing {
    pub(super) ledger: Ledger,
    pub(super) attempt: AttemptKey,
    pub(super) caps: Vec<Cap>,
    pub(super) rates: Rates,
    /// Tokens of output that are held.
    pub(super) output: u64,
    /// How much more is asked for at a time.
    pub(super) slice: u64,
    /// The most that this attempt may cost, whatever the budgets say.
    pub(super) ceiling: Option<Money>,
    /// The output limit that is sent: there the service stops by itself.
    pub(super) limit: u64,
    pub(super) asked: Asked,
}

/// What an attempt costs by the length of its output.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) input: u64,
    /// With no output at all.
    pub(super) base: Money,
    /// For a million tokens of output.
    pub(super) million: Money,
}

/// Whether more was asked for.
pub(super) enum Asked {
    No,
    /// For this much output.
    For(u64, oneshot::Receiver<Result<Verdict>>),
    /// In vain; not again before.
    Denied(Instant, Denied),
}

/// Why there is no more.
#[derive(Clone, Debug)]
pub(super) enum Denied {
    Budget {
        name: String,
        /// It fits when others settle what they hold.
        may_pass: bool,
        /// The output that would fit now.
        fits: u64,
    },
    Ceiling,
    Ledger(Error),
}

/// How long to wait after a denial: others settle meanwhile.
const AGAIN: Duration = Duration::from_millis(100);

/// What is counted as output is so many times what is charged for it where the
/// service tells nothing. Who has sent more than its limit by that does not
/// keep it.
const BEYOND: u64 = 2;

impl Permit {
    /// For what no budget counts.
    pub(crate) const FREE: Permit = Permit { attempt: None, limit: None, growing: None };

    /// Have OUTPUT tokens covered. More is asked for when half a slice is
    /// left, so that usually nobody waits here; where others hold what is
    /// missing, this waits as long as a request would.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when there is no money for more.
    pub(crate) async fn cover(&mut self, output: u64) -> Result<()> {
        match &mut self.growing {
            Some(growing) => growing.cover(output).await,
            None => Ok(()),
        }
    }
}

impl Growing {
    async fn cover(&mut self, output: u64) -> Result<()> {
        if output + self.slice / 2 < self.output || self.is_covered_to_its_end(output) {
            return Ok(());
        }
        let deadline = Instant::now() + WAIT;
        loop {
            if self.may_ask() {
                self.ask(self.wanted(output));
            }
            // Only when nothing is left does the stream wait for the ledger.
            self.hear(output >= self.output).await;
            let (again, why) = match &self.asked {
                Asked::Denied(again, why) if output >= self.output => (*again, why),
                _ => return Ok(()),
            };
            if !why.may_change(output) || Instant::now() >= deadline {
                return Err(why.told(self.output));
            }
            sleep(again.saturating_duration_since(Instant::now())).await;
        }
    }

    /// All that may come is held for, so that nothing has to be stopped by a
    /// count that is too high.
    fn is_covered_to_its_end(&self, output: u64) -> bool {
        self.output >= self.limit && output / BEYOND <= self.limit
    }

    /// How much to ask for: a slice more, or what would fit where that does
    /// not, but never more than can come.
    fn wanted(&self, output: u64) -> u64 {
        let slice = output.max(self.output) + self.slice;
        let most = match self.asked {
            Asked::Denied(_, Denied::Budget { fits, .. }) if fits > output => slice.min(fits),
            _ => slice,
        };
        most.min(self.limit.max(output + 1))
    }

    fn may_ask(&self) -> bool {
        match &self.asked {
            Asked::No => true,
            Asked::For(..) => false,
            Asked::Denied(again, _) => Instant::now() >= *again,
        }
    }

    fn ask(&mut self, output: u64) {
        let cost = self.rates.cost(output);
        if self.ceiling.is_some_and(|ceiling| cost > ceiling) {
            self.asked = Asked::Denied(Instant::now() + AGAIN, Denied::Ceiling);
            return;
        }
        let demand = Demand {
            hold: Hold { cost, tokens: self.rates.input.saturating_add(output) },
            caps: self.caps.clone(),
            now_ms: crate::ledger::now_ms(),
            sent: (Usage::default(), None),
        };
        let (tell, hear) = oneshot::channel();
        self.ledger.extend(self.attempt, demand, move |verdict| drop(tell.send(verdict)));
        self.asked = Asked::For(output, hear);
    }

    /// Hear what the ledger said; with MUST_WAIT, wait until it says it.
    async fn hear(&mut self, must_wait: bool) {
        let Asked::For(output, verdict) = &mut self.asked else { return };
        let output = *output;
        let verdict = if must_wait {
            verdict.await.unwrap_or_else(|_| Err(gone()))
        } else {
            match verdict.try_recv() {
                Ok(verdict) => verdict,
                Err(oneshot::error::TryRecvError::Empty) => return,
                Err(oneshot::error::TryRecvError::Closed) => Err(gone()),
            }
        };
        self.asked = match verdict {
            Ok(Verdict::Granted { .. }) => {
                self.output = output;
                Asked::No
            }
            Ok(Verdict::Denied(denial)) => self.denied(self.why(&denial)),
            Err(error) => self.denied(Denied::Ledger(error)),
        };
    }

    fn denied(&self, why: Denied) -> Asked {
        Asked::Denied(Instant::now() + AGAIN, why)
    }

    fn why(&self, denial: &Denial) -> Denied {
        let Cap { budget, limit, .. } = &self.caps[denial.cap];
        let left = denial.limit.saturating_sub(denial.spent).saturating_sub(denial.held);
        let fits = match limit {
            Limit::Dollars(_) => self.rates.affordable(Money::from_pico(left)),
            Limit::Tokens(_) => u64::try_from(left).unwrap_or(0).saturating_sub(self.rates.input),
            Limit::Requests(_) => 0,
        };
        Denied::Budget { name: budget.clone(), may_pass: denial.may_pass_later(), fits }
    }
}

impl Rates {
    /// What OUTPUT tokens cost, rounded up.
    pub(super) fn cost(&self, output: u64) -> Money {
        const MILLION: i128 = 1_000_000;
        let more = i128::from(self.million.pico()) * i128::from(output);
        let more = (more + MILLION - 1) / MILLION;
        self.base.saturating_add(Money::from_pico(i64::try_from(more).unwrap_or(i64::MAX)))
    }

    /// How many tokens of output MONEY pays for.
    fn affordable(&self, money: Money) -> u64 {
        const MILLION: i128 = 1_000_000;
        let left = i128::from(money.pico()) - i128::from(self.base.pico());
        let tokens = left.max(0) * MILLION / i128::from(self.million.pico().max(1));
        u64::try_from(tokens).unwrap_or(u64::MAX)
    }
}

impl Denied {
    /// Whether there may be more in a moment than OUTPUT.
    fn may_change(&self, output: u64) -> bool {
        match self {
            Self::Budget { may_pass, fits, .. } => *may_pass || *fits > output,
            Self::Ceiling => false,
            Self::Ledger(_) => true,
        }
    }

    /// Why an answer ends after OUTPUT tokens.
    fn told(&self, output: u64) -> Error {
        let what = match self {
            Self::Budget { name, .. } => format!("budget {name:?} is used up"),
            Self::Ceiling => "the most that this request may cost is reached".to_owned(),
            Self::Ledger(error) => return error.clone(),
        };
        let what = format!("{what}: the answer was stopped after about {output} tokens");
        Error::new(ErrorKind::Refused, what).advise(
            "What came stands. M-x llm-switch-allow lets the budget be passed for some time",
        )
    }
}

fn gone() -> Error {
    Error::new(ErrorKind::Store, "the ledger is closed")
}
