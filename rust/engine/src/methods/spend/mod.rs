//! `spend.*`: what was spent, on what, and what it will come to.
//!
//! All of them take when: `span` ("day", "week", "month", "year" or "all")
//! and `back`, how many of these ago (0 is the current one), or `from` and
//! `to`, each Unix milliseconds (the second exclusive) or a date such as
//! "2026-11-20" (the second inclusive). And `filter`, an object of columns
//! and the names that are let through, null being none; `zone`, an IANA name,
//! that of the configuration or else the system's by default; `week-start`, 0 being Sunday, 1 by default;
//! `now`, Unix milliseconds.
//!
//! Sums have the fields of [`llm_switch_ledger::Sums`], money in pico-dollars.

mod ask;
mod budgets;
mod calendar;
mod export;
mod forecast;
mod history;
mod overview;
mod report;
mod requests;
mod savings;
mod table;
mod writing;

pub(super) use ask::{Ask, fields};
pub(super) use calendar::wrong;
pub(super) use export::export;
pub(super) use overview::overview;
pub(super) use report::{report, series};
pub(super) use requests::requests;
