//! Processes that the engine starts.

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop};
use std::io;
use tokio::process::Command;

/// Start COMMAND with ENVIRONMENT and nothing else of ours: a process group
/// of its own, a clean signal mask (it would inherit the one of our threads
/// and could not be ended by SIGTERM), and its end when the handle is dropped.
///
/// ENVIRONMENT comes from Lisp's `process-environment` at that moment, since
/// what Emacs sets with `setenv` is not in the environment that Rust sees.
///
/// # Errors
/// Those of the system.
pub(crate) fn spawn(
    mut command: Command,
    environment: impl IntoIterator<Item = (String, String)>,
) -> io::Result<Box<dyn ChildWrapper>> {
    command.env_clear().envs(environment);
    let mut wrap = CommandWrap::from(command);
    wrap.wrap(KillOnDrop);
    #[cfg(unix)]
    wrap.wrap(process_wrap::tokio::ProcessGroup::leader()).wrap(process_wrap::tokio::ResetSigmask);
    wrap.spawn()
}
