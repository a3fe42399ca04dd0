//! A call of a tool, from the model's words to its result.

use super::permit::Wanted;
use super::result::Told;
use super::table::Entry;
use super::{Place, limit};
use crate::core::Core;
use crate::event::Body;
use crate::ledger::now_ms;
use llm_switch_ledger::{RanTool, RequestKey, ToolOutcome};
use llm_switch_mcp::Outcome;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the progress of a call is told: nobody reads faster.
const PACE: Duration = Duration::from_millis(100);

/// A call of a tool.
pub(crate) struct Call<'a> {
    pub(crate) core: &'a Arc<Core>,
    pub(crate) id: i64,
    pub(crate) place: &'a Place,
    pub(crate) entry: &'a Entry,
    /// The JSON text that the model wrote.
    pub(crate) arguments: &'a str,
    pub(crate) granted: bool,
    /// The request whose answer called it, where that is known.
    pub(crate) request: Option<RequestKey>,
    /// The request that led to it was not told of the tool.
    pub(crate) withheld: bool,
}

impl Call<'_> {
    /// Make it, if it may be made, and record it. See `mcp.call` for what is
    /// returned.
    ///
    /// # Errors
    /// [`ErrorKind::BadRequest`] for arguments that are no object,
    /// [`ErrorKind::Refused`] when it is not allowed, [`ErrorKind::Mcp`] when
    /// the server fails.
    pub(crate) async fn make(&self) -> Result<Value> {
        let mut record = Record::new(self);
        let made = self.try_to(&mut record).await;
        made.inspect_err(|error| record.failed(error))
    }

    async fn try_to(&self, record: &mut Record) -> Result<Value> {
        let arguments = self.arguments()?;
        self.permit(&arguments).await?;
        record.began();
        let Entry { running, tool, .. } = self.entry;
        let _waiting = running.wait(self.id, self.place);
        let made = running.server.call(&tool.name, arguments, self.teller()).await;
        let outcome = made.map_err(|error| running.explain(error))?;
        record.ended();
        self.result(record, outcome).await
    }

    fn arguments(&self) -> Result<Map<String, Value>> {
        let text = self.arguments.trim();
        serde_json::from_str(if text.is_empty() { "{}" } else { text }).map_err(|error| {
            let what = format!("the arguments for {} are no JSON object: {error}", self.entry.name);
            Error::new(ErrorKind::BadRequest, what)
        })
    }

    async fn permit(&self, arguments: &Map<String, Value>) -> Result<()> {
        let Call { core, id, place, entry, granted, withheld, .. } = *self;
        let is_known = self.request.is_some();
        Wanted { core, id, place, entry, arguments, granted, withheld, is_known }.permit().await
    }

    /// Tells the progress of the call, the last word always, the others not
    /// faster than they can be read.
    fn teller(&self) -> impl FnMut(llm_switch_mcp::Progress) + Send + 'static {
        let (queue, id, mut last) = (Arc::clone(&self.core.queue), self.id, None::<Instant>);
        move |progress| {
            let is_last = progress.total.is_some_and(|total| progress.done >= total);
            if !is_last && last.is_some_and(|last| last.elapsed() < PACE) {
                return;
            }
            last = Some(Instant::now());
            queue.push(id, Body::Progress(json!(progress)));
        }
    }

    /// What becomes of OUTCOME, which RECORD gets too.
    async fn result(&self, record: &mut Record, outcome: Outcome) -> Result<Value> {
        let Entry { running, tool, .. } = self.entry;
        let metas = [outcome.meta.as_ref(), tool.meta.as_ref()];
        let limit = limit::limit(running.written.output_limit, &metas);
        let (core, is_error) = (Arc::clone(self.core), outcome.is_error);
        // What it gave may be long, and is written to the disk.
        let tell = move || Told::of(outcome, limit, &core.mcp.contents);
        let result = self.core.tasks.blocking(tell).await??;
        record.gave(is_error, result.bytes);
        Ok(json!({
            "text": result.limited.text, "cut": result.limited.cut, "path": result.limited.whole,
            "is-error": is_error, "handles": result.handles, "structured": result.structured,
            "ms": record.ran.ms, "server": running.name(), "tool": tool.name,
        }))
    }
}

/// What the ledger is told of a call when it is over, however that comes: a
/// call that is given up is dropped.
struct Record {
    core: Arc<Core>,
    /// When it was made; nothing while the user thinks about it.
    since: Option<Instant>,
    is_over: bool,
    ran: RanTool,
}

impl Record {
    fn new(call: &Call<'_>) -> Record {
        let ran = RanTool {
            started_ms: now_ms(),
            request: call.request,
            server: call.entry.running.name().to_owned(),
            tool: call.entry.tool.name.clone(),
            project: call.place.project().map(|it| it.to_string_lossy().into_owned()),
            mode: call.place.mode().map(str::to_owned),
            ms: 0,
            argument_bytes: call.arguments.len() as u64,
            result_bytes: 0,
            outcome: ToolOutcome::Cancelled,
        };
        let core = Arc::clone(call.core);
        Record { core, since: None, is_over: false, ran }
    }

    /// It is made from now on: how long the user thought does not count.
    fn began(&mut self) {
        self.since = Some(Instant::now());
    }

    /// Its server has answered: how long it takes to keep that does not count.
    fn ended(&mut self) {
        if !std::mem::replace(&mut self.is_over, true) {
            self.ran.ms = self.since.map_or(0, elapsed);
        }
    }

    /// The answer has so many BYTES, and says whether the tool failed.
    fn gave(&mut self, is_error: bool, bytes: usize) {
        self.ran.outcome = if is_error { ToolOutcome::ToolError } else { ToolOutcome::Ok };
        self.ran.result_bytes = bytes as u64;
    }

    /// There is no result because of ERROR.
    fn failed(&mut self, error: &Error) {
        self.ended();
        self.ran.outcome = outcome(error, self.since.is_some());
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.ended();
        if let Some(ledger) = self.core.ledger.if_open() {
            ledger.record_tool_call(self.ran.clone());
        }
    }
}

/// What became of a call that has no result because of ERROR, and that WAS
/// MADE or not.
fn outcome(error: &Error, was_made: bool) -> ToolOutcome {
    match error.kind {
        ErrorKind::Refused if !was_made => ToolOutcome::Denied,
        _ if error.timed_out => ToolOutcome::TimedOut,
        _ => ToolOutcome::Failed,
    }
}

fn elapsed(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_overlong_calls_and_failures_are_told_apart() {
        let error = |kind| Error::new(kind, "it failed");
        assert_eq!(outcome(&error(ErrorKind::Refused), false), ToolOutcome::Denied);
        assert_eq!(outcome(&error(ErrorKind::Refused), true), ToolOutcome::Failed);
        assert_eq!(outcome(&error(ErrorKind::BadRequest), false), ToolOutcome::Failed);
        let late = Error { timed_out: true, ..error(ErrorKind::Mcp) };
        assert_eq!(outcome(&late, true), ToolOutcome::TimedOut);
    }
}
