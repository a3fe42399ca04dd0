//! Who is asked: what the mode and the pins allow.
//!
//! `permission` says what may be used at all, `wanted` who would answer if
//! everything were allowed, and `beyond` what happens when nothing that is
//! allowed can answer.

mod beyond;
mod candidate;
mod expected;
mod permission;
mod wanted;

pub(crate) use beyond::Beyond;
pub(crate) use candidate::{Candidate, of_route};
pub(crate) use wanted::{Wanted, wanted};
