//! The byte that wakes Emacs.

use emacs::{Env, Value};
use llm_switch_engine::Doorbell;
use parking_lot::Mutex;
use std::io::PipeWriter;

/// The write end of a pipe process, or none while there is none.
#[derive(Default)]
pub(crate) struct Channel(Mutex<Option<PipeWriter>>);

impl Channel {
    /// Write to the pipe process PROCESS from now on.
    pub(crate) fn open(&self, env: &Env, process: Value<'_>) -> emacs::Result<()> {
        let opaque: Box<dyn std::any::Any> = Box::new(env.open_channel(process)?);
        let writer = opaque.downcast::<PipeWriter>();
        let writer = writer.map_err(|_| emacs::Error::msg("open_channel gave no pipe"))?;
        harden(&writer)?;
        *self.0.lock() = Some(*writer);
        Ok(())
    }
}

/// The descriptor comes from a plain `dup`: children would inherit it, and a
/// full pipe would block our thread.
#[cfg(unix)]
fn harden(writer: &PipeWriter) -> emacs::Result<()> {
    use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
    fcntl(writer, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    let flags = OFlag::from_bits_retain(fcntl(writer, FcntlArg::F_GETFL)?);
    fcntl(writer, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

#[cfg(not(unix))]
fn harden(_: &PipeWriter) -> emacs::Result<()> {
    Ok(())
}

impl Doorbell for Channel {
    /// A full pipe means that Emacs has yet to read an earlier ring, a closed
    /// one that the process was deleted and Lisp opens another: both are fine.
    fn ring(&self) {
        use std::io::Write;
        if let Some(writer) = self.0.lock().as_mut() {
            let _ = writer.write_all(b"!");
        }
    }
}
