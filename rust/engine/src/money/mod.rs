//! What a request may cost, and whether that may be spent.
//!
//! `estimate` bounds what it will use, `quote` prices the bound at the highest
//! rate there is, `caps` finds the budgets that count it, `admission` has the
//! ledger hold the amount, `alerts` tells what is nearly spent.

mod estimate;
mod quote;

pub(crate) use estimate::{Bounds, Habits, Sample};
pub(crate) use quote::Quote;
