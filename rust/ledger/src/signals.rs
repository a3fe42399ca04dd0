//! Signals are Emacs's.

/// Keeps this thread from signals, but those that it causes itself.
#[cfg(unix)]
pub(crate) fn mask() {
    use nix::sys::signal::{SigSet, Signal};
    let mut foreign = SigSet::all();
    let own = [
        Signal::SIGSEGV,
        Signal::SIGBUS,
        Signal::SIGFPE,
        Signal::SIGILL,
        Signal::SIGTRAP,
        Signal::SIGABRT,
        Signal::SIGSYS,
    ];
    own.into_iter().for_each(|signal| foreign.remove(signal));
    // It fails for an unknown request only.
    let _ = foreign.thread_block();
}

#[cfg(not(unix))]
pub(crate) fn mask() {}
