//! Servers of tools: what the user writes in `[mcp.NAME]`, and what stands in
//! the files of Claude Code and VS Code, which are read as they are.
//!
//! Reading fills nothing in: a variable may hold a secret, so the engine
//! keeps the text as it is written and [`McpServer::expand`]s it when the
//! server starts.

mod claude;
mod comments;
mod entry;
mod env_file;
mod expansion;
mod files;
mod filling;
mod launch;
mod name;
mod origin;
mod rules;
mod section;
mod server;
mod source;
mod table;
mod text;
mod value;
mod vs_code;

pub use env_file::read_env_file;
pub use expansion::{Expanded, Need, Variables};
pub use files::{McpFiles, read_mcp_files};
pub use launch::McpLaunch;
pub(crate) use name::{check_name, kept_apart};
pub(crate) use origin::place;
pub use origin::{McpOrigin, McpOriginKind};
pub(crate) use rules::AccessTable;
pub use rules::{McpAccess, McpRules};
pub use server::{McpInput, McpOauth, McpServer, McpTimeouts};
pub use source::read_text;
pub(crate) use table::Table;
