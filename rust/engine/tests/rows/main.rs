//! Every provider that the catalogue offers, through the whole engine: from
//! the JSON that Lisp submits over HTTP to a simulator that stands for the
//! provider (its path, its header for the key, its quirks, its errors), and
//! back to events and a row in the ledger.
//!
//! What is shown here goes into `make provider-table`. Both sides are ours:
//! it is proved that a row means what it says, and not that it is true.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod ask;
mod cost;
mod errors;
mod image;
mod made_up;
mod models;
mod text;
mod tools;
mod usage;
mod world;
