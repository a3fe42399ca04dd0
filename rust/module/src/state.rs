//! The one engine of this Emacs.

use crate::conditions::signal;
use crate::doorbell::Channel;
use emacs::Env;
use llm_switch_engine::{Doorbell, Engine, Options};
use llm_switch_types::{Error, ErrorKind, Result};
#[cfg(unix)]
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use parking_lot::Mutex;
use std::sync::{Arc, LazyLock};

pub(crate) static CHANNEL: LazyLock<Arc<Channel>> = LazyLock::new(Arc::default);
static ENGINE: Mutex<Option<Engine>> = Mutex::new(None);

/// While it lives, nothing ends Emacs. For SIGTERM and the like Emacs runs
/// `kill-emacs-hook`, and so [`stop`], within the signal's handler: in the
/// middle of one of our calls that would wait for a lock which it holds itself.
#[cfg(unix)]
struct Undisturbed(nix::Result<SigSet>);

#[cfg(unix)]
impl Undisturbed {
    fn new() -> Self {
        let ends = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM];
        Undisturbed(SigSet::from_iter(ends).thread_swap_mask(SigmaskHow::SIG_BLOCK))
    }
}

#[cfg(unix)]
impl Drop for Undisturbed {
    fn drop(&mut self) {
        let _ = self.0.map(|before| before.thread_set_mask());
    }
}

/// Start the engine with OPTIONS unless it runs.
pub(crate) fn start(options: Options) -> Result<()> {
    #[cfg(unix)]
    let _undisturbed = Undisturbed::new();
    let mut engine = ENGINE.lock();
    if engine.is_none() {
        let doorbell = Arc::clone(&CHANNEL) as Arc<dyn Doorbell>;
        *engine = Some(Engine::start(options, doorbell)?);
    }
    Ok(())
}

/// Take the engine, so that it can be shut down.
pub(crate) fn stop() -> Option<Engine> {
    ENGINE.lock().take()
}

/// Let WORK use the engine, or signal that there is none.
pub(crate) fn with_engine<T>(env: &Env, work: impl FnOnce(&Engine) -> T) -> emacs::Result<T> {
    #[cfg(unix)]
    let _undisturbed = Undisturbed::new();
    match ENGINE.lock().as_ref() {
        Some(engine) => Ok(work(engine)),
        None => signal(
            env,
            &Error::new(ErrorKind::Module, "the engine is not running")
                .advise("Restart Emacs if this is not because it is about to exit"),
        ),
    }
}
