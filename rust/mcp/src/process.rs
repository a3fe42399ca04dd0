//! A server's process, and all that it has started.

use crate::{Launch, environment, input, input::Input, input::Unread, lines};
use process_wrap::tokio::{ChildWrapper, CommandWrap};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, io, process::ExitStatus, process::Stdio, time::Duration};
use tokio::process::{ChildStdout, Command};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a server may take to end after the end of its input, after
/// SIGTERM, and after SIGKILL, which it cannot refuse but the system can delay.
const PATIENCE: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(1), Duration::from_secs(1)];

/// How long the last lines of standard error are waited for. They are there
/// already, unless somebody who left the group still holds it open.
const LAST_LINES: Duration = Duration::from_millis(200);

/// A process group that is gone when this is dropped.
pub(crate) struct Process {
    child: Box<dyn ChildWrapper>,
    #[cfg(unix)]
    group: Option<nix::unistd::Pid>,
    stderr: JoinSet<()>,
    over: bool,
    /// Until it has begun.
    unread: Option<Unread>,
}

/// What a server is spoken to through.
pub(crate) struct Pipes {
    pub(crate) input: Input,
    pub(crate) output: ChildStdout,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Exit {
    /// The code that it returned.
    pub code: Option<i32>,
    /// The signal that ended it, where one did.
    pub signal: Option<i32>,
}

impl Process {
    /// Start what LAUNCH, of the kind stdio, says; AROUND is the environment
    /// of whom it is started for, and TELL is told what it writes to its
    /// standard error.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn start(
        launch: &Launch,
        around: &BTreeMap<String, String>,
        tell: impl Fn(&str) + Send + 'static,
    ) -> io::Result<(Process, Pipes)> {
        let mut command = command(launch, around)?;
        let (input, unread) = input::before(&mut command)?;
        let mut wrap = CommandWrap::from(command);
        #[cfg(unix)]
        wrap.wrap(process_wrap::tokio::ProcessGroup::leader())
            .wrap(process_wrap::tokio::ResetSigmask);
        let mut child = wrap.spawn()?;
        let pipes = Pipes {
            input: input::after(input, child.as_mut())?,
            output: child.stdout().take().ok_or(io::ErrorKind::BrokenPipe)?,
        };
        let source = child.stderr().take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut stderr = JoinSet::new();
        stderr.spawn(async move { lines::read(source, tell).await });
        Ok((Process::new(child, stderr, unread), pipes))
    }

    /// Its id in the system, until it has ended and was waited for.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    #[cfg(unix)]
    fn new(child: Box<dyn ChildWrapper>, stderr: JoinSet<()>, unread: Unread) -> Process {
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        let (group, unread) = (group.map(nix::unistd::Pid::from_raw), Some(unread));
        Process { child, group, stderr, over: false, unread }
    }

    #[cfg(not(unix))]
    fn new(child: Box<dyn ChildWrapper>, stderr: JoinSet<()>, unread: Unread) -> Process {
        Process { child, stderr, over: false, unread: Some(unread) }
    }

    /// It can be used. From now on nobody but it holds the end of its input.
    pub(crate) fn begun(&mut self) {
        self.unread = None;
    }

    /// Whether it, which ended before it had begun, had read what it was told.
    pub(crate) async fn was_heard(&mut self) -> bool {
        match self.unread.take() {
            Some(unread) => unread.was_heard().await,
            None => true,
        }
    }

    /// Wait until the process that was started has ended. What it has started
    /// itself may still hold its output open, which therefore does not tell.
    pub(crate) async fn exited(&mut self) {
        let _ = self.child.wait().await;
    }

    /// Wait for its end, whose input has ended, and help it along: SIGTERM,
    /// then SIGKILL. `None` when it survived that too.
    pub(crate) async fn end(&mut self) -> Option<Exit> {
        for (patience, help) in
            PATIENCE.into_iter().zip([Process::terminate, Process::kill, Process::kill])
        {
            if let Ok(status) = timeout(patience, self.child.wait()).await {
                // The leader of the group is gone: a wrapper such as npx may
                // have left the server itself behind. Its group keeps its
                // number as long as anybody is in it.
                self.kill();
                self.over = true;
                let _ = timeout(LAST_LINES, self.stderr.join_next()).await;
                return status.ok().map(Exit::from);
            }
            help(self);
        }
        None
    }

    #[cfg(unix)]
    fn terminate(&mut self) {
        self.signal(nix::sys::signal::Signal::SIGTERM);
    }

    /// There is nothing gentler there.
    #[cfg(not(unix))]
    fn terminate(&mut self) {
        self.kill();
    }

    #[cfg(unix)]
    fn kill(&mut self) {
        self.signal(nix::sys::signal::Signal::SIGKILL);
    }

    #[cfg(not(unix))]
    fn kill(&mut self) {
        let _ = self.child.start_kill();
    }

    /// To the whole group. It fails when nobody is left in it.
    #[cfg(unix)]
    fn signal(&mut self, signal: nix::sys::signal::Signal) {
        if let Some(group) = self.group {
            let _ = nix::sys::signal::killpg(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.over {
            self.kill();
        }
    }
}

fn command(launch: &Launch, around: &BTreeMap<String, String>) -> io::Result<Command> {
    let Launch::Stdio { command, args, env, cwd } = launch else {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "it is no program"));
    };
    let mut it = Command::new(command);
    it.args(args).env_clear().envs(environment::of(around, env));
    it.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(cwd) = cwd {
        it.current_dir(cwd);
    }
    Ok(it)
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Exit {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal = None;
        Exit { code: status.code(), signal }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(f, "exit code {code}"),
            (None, Some(signal)) => write!(f, "signal {signal}"),
            (None, None) => f.write_str("no exit code"),
        }
    }
}
