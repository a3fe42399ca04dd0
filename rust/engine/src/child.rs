//! Processes that the engine starts.

use process_wrap::tokio::{ChildWrapper, CommandWrap};
use std::io;
use std::ops::{Deref, DerefMut};
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::Command;

/// A process that ends, with all that it has started, when this is dropped.
pub(crate) struct Child(Box<dyn ChildWrapper>);

/// Start COMMAND with ENVIRONMENT and nothing else of ours: a process group
/// of its own, and a clean signal mask (it would inherit the one of our
/// threads and could not be ended by SIGTERM).
///
/// ENVIRONMENT comes from Lisp's `process-environment` at that moment, since
/// what Emacs sets with `setenv` is not in the environment that Rust sees.
///
/// # Errors
/// Those of the system.
pub(crate) fn spawn(
    mut command: Command,
    environment: impl IntoIterator<Item = (String, String)>,
) -> io::Result<Child> {
    command.env_clear().envs(environment);
    let mut wrap = CommandWrap::from(command);
    #[cfg(unix)]
    wrap.wrap(process_wrap::tokio::ProcessGroup::leader()).wrap(process_wrap::tokio::ResetSigmask);
    wrap.spawn().map(Child)
}

impl Child {
    /// Wait until it has ended, and end what it has left behind.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) async fn over(&mut self) -> io::Result<ExitStatus> {
        let status = self.0.wait().await?;
        // A group that has members keeps its number. That of an empty one
        // would have to come round in this very moment to hit another.
        let _ = self.0.start_kill();
        Ok(status)
    }

    /// Ask it and all that it has started to end, and end them by force when
    /// it has not ended within GRACE.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) async fn end(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.ask_to_end();
        if let Ok(status) = tokio::time::timeout(grace, self.over()).await {
            return status;
        }
        self.0.start_kill()?;
        self.over().await
    }

    #[cfg(unix)]
    fn ask_to_end(&self) {
        // It fails for one that has ended already.
        let _ = self.0.signal(nix::sys::signal::Signal::SIGTERM as i32);
    }

    #[cfg(not(unix))]
    fn ask_to_end(&mut self) {
        let _ = self.0.start_kill();
    }
}

impl Deref for Child {
    type Target = dyn ChildWrapper;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref()
    }
}

impl DerefMut for Child {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.0.as_mut()
    }
}

impl Drop for Child {
    /// Here and not by `KillOnDrop`, which ends the group's leader only. One
    /// that was waited for has no id any more, and its number may be another's.
    fn drop(&mut self) {
        if self.0.id().is_some() {
            let _ = self.0.start_kill();
        }
    }
}
