//! Money reserved before it is spent.

use llm_switch_types::{Limit, Money, Scope, Usage};
use std::ops::Range;

/// What an attempt may use at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// What it may cost.
    pub cost: Money,
    /// Tokens in and out that it may use.
    pub tokens: u64,
}

/// One budget in one of its windows, as an attempt meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The budget's name.
    pub budget: String,
    /// Whose spending counts.
    pub on: Scope,
    /// The window, in Unix milliseconds (UTC). An attempt counts in the
    /// window in which it began.
    pub window: Range<i64>,
    /// How much may be spent in it.
    pub limit: Limit,
}

/// What an attempt asks for before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// What is to be reserved.
    pub hold: Hold,
    /// All budgets that count it; each of them must agree.
    pub caps: Vec<Cap>,
    /// Now, in Unix milliseconds (UTC).
    pub now_ms: i64,
    /// What it will have used and cost if nothing more is ever heard of it.
    pub sent: (Usage, Option<Money>),
}

/// Whether a demand is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is reserved, and in the file.
    Granted {
        /// The money that is left under the tightest of the caps.
        money: Option<Money>,
        /// The tokens that are left under the tightest of the caps.
        tokens: Option<u64>,
    },
    /// Nothing is reserved.
    Denied(Denial),
}

/// Why a demand is not met. The numbers are in the unit of the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Which of the caps said no, counted from 0.
    pub cap: usize,
    /// What was spent in the window.
    pub spent: i64,
    /// What others hold at present.
    pub held: i64,
    /// What was asked for.
    pub asked: i64,
    /// The limit, with what the owner allowed on top.
    pub limit: i64,
}

impl Denial {
    /// Whether it might be met when what others hold is settled.
    pub fn may_pass_later(&self) -> bool {
        self.spent.saturating_add(self.asked) <= self.limit
    }
}

/// How a budget stands. The numbers are in the unit of its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What was spent in the window.
    pub spent: i64,
    /// What open attempts hold.
    pub held: i64,
    /// The limit, with what the owner allowed on top.
    pub limit: i64,
}
