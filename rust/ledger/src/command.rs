//! What can be recorded.

use crate::{AttemptKey, Outcome, RequestKey};
use llm_switch_types::{Balance, Basis, Cost, Money, Payer, Purpose, Usage, Window};

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
    Note(AttemptKey, Usage, Option<Money>),
    // Boxed: it is three times as large as the others.
    EndAttempt(AttemptKey, Box<AttemptEnd>),
    EndRequest(RequestKey, i64, Outcome),
    SeeWindows(Seen, Vec<Window>),
    SeeBalance(Seen, Balance),
}

impl Command {
    /// Whether a power cut may not undo it once it is committed: money that
    /// was spent must stay counted.
    pub(crate) fn must_survive_power_cut(&self) -> bool {
        match self {
            Self::EndAttempt(_, end) => !matches!(end.cost.basis, Basis::Free | Basis::Plan),
            _ => false,
        }
    }
}
