//! What can be recorded.

use crate::reply::Reply;
use crate::{AttemptKey, Demand, Health, Outcome, RanTool, RequestKey, Verdict, Vote};
use llm_switch_types::{Balance, Basis, Cost, Error, Money, Payer, Purpose, Usage, Window};

/// A request as it begins. Times are Unix milliseconds (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// When the user asked.
    pub started_ms: i64,
    /// Why.
    pub purpose: Purpose,
    /// The program that asks, such as `emacs`.
    pub client: String,
    /// The project it is asked for, where there is one.
    pub project: Option<String>,
    /// The route, when it was asked of a route.
    pub route: Option<String>,
    /// The model as the user named it: a deployment or a route.
    pub requested: String,
}

/// An attempt as it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttempt {
    /// The provider's name.
    pub provider: String,
    /// The account's name.
    pub account: String,
    /// The model's name as it is sent.
    pub sent_model: String,
    /// Who pays.
    pub payer: Payer,
    /// When it is sent, in Unix milliseconds (UTC).
    pub started_ms: i64,
    /// Bytes of text that are sent.
    pub sent_bytes: u64,
}

/// An attempt as it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptEnd {
    /// When, in Unix milliseconds (UTC).
    pub ended_ms: i64,
    /// Milliseconds from the start to the first visible piece of the answer.
    pub first_token_ms: Option<i64>,
    /// The model that the service says it served.
    pub served_model: Option<String>,
    /// The status of the reply, where there was one.
    pub http_status: Option<u16>,
    /// How.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// What it cost.
    pub cost: Cost,
    /// Where that is the service's own figure: what our prices say.
    pub computed: Option<Money>,
}

/// An attempt that begins only if the budgets allow it.
#[derive(Debug)]
pub(crate) struct Admit {
    pub(crate) attempt: AttemptKey,
    pub(crate) request: RequestKey,
    pub(crate) new: NewAttempt,
    pub(crate) demand: Demand,
    pub(crate) reply: Reply<Verdict>,
}

/// An open attempt that wants to hold something else: all of it, not what is
/// on top.
#[derive(Debug)]
pub(crate) struct Extend {
    pub(crate) attempt: AttemptKey,
    pub(crate) demand: Demand,
    pub(crate) reply: Reply<Verdict>,
}

/// That a threshold of a budget was passed, and whether that is news.
#[derive(Debug)]
pub(crate) struct Alert {
    pub(crate) budget: String,
    pub(crate) window_start: i64,
    pub(crate) threshold: u32,
    pub(crate) told_ms: i64,
    pub(crate) reply: Reply<bool>,
}

/// That somebody who is out is tried, unless somebody else does already.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) trials: Vec<Health>,
    pub(crate) stale_ms: i64,
    pub(crate) reply: Reply<bool>,
}

/// More for a budget than its limit, for some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The budget's name.
    pub budget: String,
    /// How much more, in the unit of its limit.
    pub extra: i64,
    /// When it is given, in Unix milliseconds (UTC).
    pub made_ms: i64,
    /// When it ends, in Unix milliseconds (UTC).
    pub until_ms: i64,
}

/// What was seen of an account, and when, in Unix milliseconds (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The account's name.
    pub account: String,
    /// The model that was asked, where one was.
    pub model: Option<String>,
    /// When.
    pub at_ms: i64,
}

/// A record on its way to the file.
#[derive(Debug)]
pub(crate) enum Command {
    BeginRequest(RequestKey, NewRequest),
    BeginAttempt(AttemptKey, RequestKey, NewAttempt),
    Admit(Box<Admit>),
    Extend(Box<Extend>),
    Alert(Box<Alert>),
    Allow(Box<Allowance>),
    Note(AttemptKey, Usage, Option<Money>),
    // Boxed: it is three times as large as the others.
    EndAttempt(AttemptKey, Box<AttemptEnd>),
    EndRequest(RequestKey, i64, Outcome),
    SeeWindows(Seen, Vec<Window>),
    SeeBalance(Seen, Balance),
    Enter(Seen, Money),
    SeeHealth(Box<Health>),
    Claim(Box<Claim>),
    RanTool(Box<RanTool>),
    Vote(Box<Vote>),
}

impl Command {
    /// Tells who waits for an answer that TROUBLE keeps the file from being
    /// written. What they asked will not happen.
    pub(crate) fn refuse(&self, trouble: &Error) {
        match self {
            Self::Admit(admit) => admit.reply.answer(Err(trouble.clone())),
            Self::Extend(extend) => extend.reply.answer(Err(trouble.clone())),
            Self::Alert(alert) => alert.reply.answer(Err(trouble.clone())),
            Self::Claim(claim) => claim.reply.answer(Err(trouble.clone())),
            _ => {}
        }
    }

    /// Whether somebody waits for an answer.
    pub(crate) fn is_question(&self) -> bool {
        matches!(self, Self::Admit(_) | Self::Extend(_) | Self::Alert(_) | Self::Claim(_))
    }

    /// Whether budgets stand otherwise after it; admissions see to that
    /// themselves.
    pub(crate) fn moves_money(&self) -> bool {
        matches!(
            self,
            Self::Extend(_) | Self::Allow(_) | Self::EndAttempt(..) | Self::EndRequest(..)
        )
    }

    /// When it asks for money, in Unix milliseconds, if it does.
    pub(crate) fn asks_at(&self) -> Option<i64> {
        match self {
            Self::Admit(admit) => Some(admit.demand.now_ms),
            Self::Extend(extend) => Some(extend.demand.now_ms),
            _ => None,
        }
    }

    /// Whether a power cut may not undo it once it is committed: money that
    /// was spent, or may be spent in a moment, must stay counted.
    pub(crate) fn must_survive_power_cut(&self) -> bool {
        match self {
            Self::Admit(admit) => admit.demand.hold.cost > Money::ZERO,
            Self::Extend(extend) => extend.demand.hold.cost > Money::ZERO,
            Self::Allow(_) => true,
            Self::EndAttempt(_, end) => !matches!(end.cost.basis, Basis::Free | Basis::Plan),
            _ => false,
        }
    }
}
