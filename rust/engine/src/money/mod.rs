//! What a request may cost, and whether that may be spent.
//!
//! `estimate` bounds what it will use, `quote` prices the bound at the highest
//! rate there is, `caps` finds the budgets that count it, `admission` has the
//! ledger hold the amount, `permit` lets the hold grow while the answer comes,
//! `alerts` tells what is nearly spent.

mod admission;
mod alerts;
mod caps;
mod estimate;
mod experience;
mod permit;
mod quote;
mod unsent;
mod waiting;

pub(crate) use admission::{Refused, Wish, admit};
pub(crate) use alerts::check as check_alerts;
pub(crate) use caps::{cap, caps};
pub(crate) use estimate::{Bounds, Habits, Sample, schema_tokens};
pub(crate) use experience::Experience;
pub(crate) use permit::Permit;
pub(crate) use quote::Quote;
pub(crate) use waiting::Waiting;
