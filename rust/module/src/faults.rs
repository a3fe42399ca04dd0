//! Functions that go wrong on purpose, for the hazard tests.

use emacs::{Env, Result, defun};

/// Panic in a native function.
#[defun]
fn fault_panic(_: &Env) -> Result<()> {
    panic!("on purpose: é")
}
