//! `plans.*`: what is paid for each month, what is left of it, and what
//! renews when.

mod credits;
mod draw;
mod entered;
mod list;
mod tally;
mod told;
mod windows;
mod worth;

pub(super) use entered::set_balance;
pub(super) use list::list;
pub(super) use windows::Counter;
pub(super) use worth::{charged, circumstances};
