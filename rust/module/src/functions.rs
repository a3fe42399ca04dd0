//! All that Lisp can call. None of it blocks.

use crate::conditions::signal;
use crate::state::{self, with_engine};
use crate::{lisp, state::CHANNEL};
use emacs::{Env, Result, Value, defun};
use llm_switch_engine::{BOUNDARY, Envelope, Options};
use llm_switch_types::{Error, ErrorKind};

/// Return the version of the module, as a list (VERSION BOUNDARY).
///
/// VERSION is that of the package the module was built from, a string.
/// BOUNDARY is an integer; Lisp of another boundary cannot use this module.
#[defun]
fn version(env: &Env) -> Result<Value<'_>> {
    env.list((env!("CARGO_PKG_VERSION"), BOUNDARY as i64))
}

/// Ring at the pipe process PROCESS when events wait.
///
/// Each ring is one byte, which its filter ignores and answers with
/// `llm-switch--mod-drain'.  The process must have been made with
/// `process-adaptive-read-buffering' nil, or Emacs reads the byte up to 50 ms
/// late.  Return nil.
#[defun]
fn open_channel(env: &Env, process: Value<'_>) -> Result<()> {
    CHANNEL.open(env, process)
}

/// Start the engine with OPTIONS, unless it runs already.
///
/// OPTIONS is a JSON object of strings and numbers: "config-file",
/// "ledger-file", "state-folder", "cache-folder" (absolute names) and
/// "pace-ms", the milliseconds between two rings for text.  Return nil.  A
/// wrong configuration is no error; it is told by a `notice' event.
///
/// Signal `llm-switch-module' when the system gives no threads.
#[defun]
fn start(env: &Env, options: String) -> Result<()> {
    let options: std::result::Result<Options, _> = serde_json::from_str(&options);
    let started = options
        .map_err(|e| Error::new(ErrorKind::Module, format!("the options are wrong: {e}")))
        .and_then(state::start);
    started.or_else(|error| signal(env, &error))
}

/// Start the LLM request REQUEST and return its id, an integer, at once.
///
/// REQUEST is the JSON text of an OpenAI chat request whose model is
/// "sw/ACCOUNT/MODEL", with an object "llm_switch" beside the messages:
/// "v" (the boundary), "purpose" ("chat", "rewrite", "org", "tool-turn",
/// "compare" or "probe"), and optionally "client" and "project".
///
/// What becomes of it is told by events (see `llm-switch--mod-drain'); the
/// last one is `done' or `error'.
#[defun]
fn submit(env: &Env, request: String) -> Result<i64> {
    with_engine(env, |engine| engine.submit(request))
}

/// Start METHOD with PARAMS and return its id, an integer, at once.
///
/// METHOD is a string such as "deployments.list".  PARAMS is the JSON text of
/// an object with "v", the boundary, and what the method wants.  The result
/// comes as an event `value' or `error' (see `llm-switch--mod-drain').
#[defun]
fn call(env: &Env, method: String, params: String) -> Result<i64> {
    with_engine(env, |engine| engine.call(method, params))
}

/// Cancel the request or call ID and return t, or nil if it is over already.
///
/// Its last event is an `error' whose :kind is "cancelled".
#[defun]
fn cancel(env: &Env, id: i64) -> Result<bool> {
    with_engine(env, |engine| engine.cancel(id))
}

/// Return the events that wait, oldest first, as a list of (ID KIND . REST).
///
/// ID is what `llm-switch--mod-submit' or `llm-switch--mod-call' returned, or
/// 0 for everybody.  KIND is a symbol and says what REST is:
///
///   text, reasoning   a string, to be appended
///   tool-call         (:id :name :arguments), ARGUMENTS being JSON text
///   question          (:question ID :kind STRING ...)
///   withdrawn         (:question ID): nobody waits for its answer any more
///   fallback          (:from :to :reason :failure :from-price :to-price ...):
///                     another one is asked, and nothing was answered yet
///   progress          (:done NUMBER :total NUMBER :message STRING): how far a
///                     tool is
///   notice            (:kind STRING :message STRING)
///   done              a plist; the request is over
///   error             a plist (:kind :what :place :advice :message ...); over
///   value             what a method returned; the call is over
///
/// At most 256 events and 64 KiB of text come at once.  If more wait, the
/// process of `llm-switch--mod-open-channel' is rung again.
#[defun]
fn drain(env: &Env) -> Result<Value<'_>> {
    let mut events = with_engine(env, |engine| engine.drain())?;
    match deliver(env, &events) {
        Ok(list) => Ok(list),
        Err(error) => {
            with_engine(env, |engine| engine.give_back(std::mem::take(&mut events)))?;
            Err(error)
        }
    }
}

/// End the engine within half a second and return its last events.
///
/// They have the form that `llm-switch--mod-drain' documents: each request
/// that still ran gets its last event, an `error'.  If the engine does not run,
/// return nil.
#[defun]
fn shutdown(env: &Env) -> Result<Value<'_>> {
    let events = state::stop().map(|engine| engine.shutdown()).unwrap_or_default();
    deliver(env, &events)
}

fn deliver<'e>(env: &'e Env, events: &[Envelope]) -> Result<Value<'e>> {
    lisp::list(env, events.iter().map(|event| lisp::event(env, event)))
}
