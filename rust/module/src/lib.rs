//! The Emacs dynamic module: the only crate that knows Emacs.
//!
//! It decides nothing. `functions` is all that Lisp can call; `state` holds
//! the one engine; `doorbell` is the byte that wakes Emacs; `lisp` turns
//! events into Lisp values; `conditions` turns errors into Lisp conditions.

// The emacs crate's macros define the `extern "C"` entry points.
#![allow(unsafe_code)]

mod conditions;
mod doorbell;
#[cfg(feature = "faults")]
mod faults;
mod functions;
mod lisp;
mod state;

emacs::plugin_is_GPL_compatible!();

/// Runs when Emacs loads the module, which provides the feature
/// `llm-switch-native`; the feature `llm-switch-module` is the Lisp file's.
///
/// The panic hook is silenced: its default writes to the terminal, which in a
/// text frame is the user's screen. A panic still becomes a Lisp signal, or
/// the error event of the request that it ended.
#[emacs::module(
    name = "llm-switch-native",
    defun_prefix = "llm-switch--mod",
    separator = "-",
    mod_in_name = false
)]
fn init(_: &emacs::Env) -> emacs::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    Ok(())
}
