//! A server's standard input.

pub(crate) use system::{Input, Unread, after, before};

#[cfg(unix)]
mod system {
    use process_wrap::tokio::ChildWrapper;
    use std::{io, time::Duration};
    use tokio::net::unix::pipe::{Receiver, Sender};
    use tokio::{process::Command, time::timeout};

    /// How long it may take to see what is there already.
    const LOOK: Duration = Duration::from_millis(500);

    /// Where a server is written to.
    pub(crate) type Input = Sender;

    /// The end that a server reads from, kept while it begins: it tells
    /// whether the server read anything of what it was told. One that did may
    /// have ended because of that, one that did not never came so far.
    pub(crate) struct Unread(io::PipeReader);

    /// Let COMMAND read from a pipe of ours.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn before(command: &mut Command) -> io::Result<(Input, Unread)> {
        let (reader, writer) = io::pipe()?;
        let unread = Unread(reader.try_clone()?);
        command.stdin(reader);
        Ok((Input::from_owned_fd(writer.into())?, unread))
    }

    /// What the child that was started is written to.
    pub(crate) fn after(input: Input, _child: &mut dyn ChildWrapper) -> io::Result<Input> {
        Ok(input)
    }

    impl Unread {
        /// Whether the server, which has ended, read anything.
        pub(crate) async fn was_heard(self) -> bool {
            // This makes its end one that does not wait, which can trouble
            // nobody any more.
            let Ok(end) = Receiver::from_owned_fd(self.0.into()) else { return true };
            let ready = timeout(LOOK, end.readable()).await;
            !(matches!(ready, Ok(Ok(()))) && matches!(end.try_read(&mut [0]), Ok(1)))
        }
    }
}

#[cfg(not(unix))]
mod system {
    use process_wrap::tokio::ChildWrapper;
    use std::io;
    use tokio::process::{ChildStdin, Command};

    /// Where a server is written to.
    pub(crate) type Input = ChildStdin;

    /// Here nobody knows what a server read.
    pub(crate) struct Unread;

    /// COMMAND reads from a pipe of its own.
    pub(crate) fn before(_command: &mut Command) -> io::Result<((), Unread)> {
        Ok(((), Unread))
    }

    /// What the CHILD that was started is written to.
    ///
    /// # Errors
    /// When it has no standard input.
    pub(crate) fn after(_input: (), child: &mut dyn ChildWrapper) -> io::Result<Input> {
        child.stdin().take().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    impl Unread {
        /// It may have read something.
        pub(crate) async fn was_heard(self) -> bool {
            true
        }
    }
}
