//! `mcp.*`: servers of tools.
//!
//! Each method takes `project` (the folder of the project, or null), `mode`
//! and `pins` beside its own parameters, as a request does.

mod calls;
mod decisions;
mod login;
mod logs;
mod prompts;
mod resources;
mod servers;
mod tools;

pub(super) use calls::{call, calls};
pub(super) use decisions::{permit, rules, set, trust};
pub(super) use login::{login, logout};
pub(super) use logs::log;
pub(super) use prompts::{complete, prompt, prompts};
pub(super) use resources::{read, resources};
pub(super) use servers::{list, restart, start, stop};
pub(super) use tools::{cost, tools};
