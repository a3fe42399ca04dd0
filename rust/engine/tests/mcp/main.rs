//! Servers of tools, from the configuration to the ledger, with the example
//! server of the crate mcp and a user who answers as a test wants.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper fails as its test would")]

mod calls;
mod changes;
mod definitions;
mod identities;
mod permissions;
mod results;
mod starts;
mod world;
