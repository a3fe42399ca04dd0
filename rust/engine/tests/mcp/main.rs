//! Servers of tools, from the configuration to the ledger, with the example
//! server of the crate mcp and a user who answers as a test wants.

#![cfg(unix)]

mod calls;
mod changes;
mod permissions;
mod results;
mod starts;
mod world;
