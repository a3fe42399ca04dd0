//! Servers of tools: what the user writes in `[mcp.NAME]`, and what stands in
//! the files of Claude Code and VS Code, which are read as they are.
//!
//! Reading fills nothing in: a variable may hold a secret, so the engine
//! keeps the text as it is written and [`McpServer::expand`]s it when the
//! server starts.

mod env_file;
mod expansion;
mod filling;
mod launch;
mod origin;
mod rules;
mod server;

pub use env_file::read_env_file;
pub use expansion::{Expanded, Need, Variables};
pub use launch::McpLaunch;
pub use origin::{McpOrigin, McpOriginKind};
pub use rules::{McpAccess, McpRules};
pub use server::{McpInput, McpOauth, McpServer, McpTimeouts};
