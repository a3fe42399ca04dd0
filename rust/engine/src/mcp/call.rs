//! A call of a tool, from the model's words to its result.

use super::permit::Wanted;
use super::table::Entry;
use super::{Place, limit, told};
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
        let arguments = self.arguments()?;
        self.permit(&mut record, &arguments).await?;
        record.began();
        let Entry { running, tool, .. } = self.entry;
        let _waiting = running.wait(self.id, self.place);
        let made = running.server.call(&tool.name, arguments, self.teller()).await;
        let outcome = made.inspect_err(|_| record.outcome = ToolOutcome::Failed)?;
        self.result(record, outcome)
    }

    fn arguments(&self) -> Result<Map<String, Value>> {
        let text = self.arguments.trim();
        serde_json::from_str(if text.is_empty() { "{}" } else { text }).map_err(|error| {
            let what = format!("the arguments for {} are no JSON object: {error}", self.entry.name);
            Error::new(ErrorKind::BadRequest, what)
        })
    }

    async fn permit(&self, record: &mut Record, arguments: &Map<String, Value>) -> Result<()> {
        let Call { core, id, place, entry, granted, .. } = *self;
        let wanted = Wanted { core, id, place, entry, arguments, granted };
        wanted.permit().await.inspect_err(|_| record.outcome = ToolOutcome::Denied)
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
    fn result(&self, mut record: Record, outcome: Outcome) -> Result<Value> {
        let contents = &self.core.mcp.contents;
        let told = told::tell(&outcome.content, contents)?;
        let structured = outcome.structured.map(|it| it.to_string());
        // What is only data is better than nothing.
        let text = match (&structured, told.text.is_empty()) {
            (Some(structured), true) => structured.clone(),
            _ => told.text,
        };
        record.ended(outcome.is_error, text.len());
        let running = &self.entry.running;
        let meta = outcome.meta.as_ref().or(self.entry.tool.meta.as_ref());
        let limit = limit::limit(running.written.output_limit, meta);
        let limited = limit::cut(text, limit, contents)?;
        Ok(json!({
            "text": limited.text, "cut": limited.cut, "path": limited.whole,
            "is-error": outcome.is_error, "handles": told.handles,
            "structured": structured.filter(|it| it.len() <= limit), "ms": record.ran.ms,
            "server": running.name(), "tool": self.entry.tool.name,
        }))
    }
}

/// What the ledger is told of a call when it is over, however that comes: a
/// call that is given up is dropped.
struct Record {
    core: Arc<Core>,
    since: Instant,
    outcome: ToolOutcome,
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
        Record { core, since: Instant::now(), outcome: ToolOutcome::Cancelled, ran }
    }

    /// It is made from now on: how long the user thought does not count.
    fn began(&mut self) {
        self.since = Instant::now();
    }

    fn ended(&mut self, is_error: bool, bytes: usize) {
        self.outcome = if is_error { ToolOutcome::ToolError } else { ToolOutcome::Ok };
        self.ran.result_bytes = bytes as u64;
        self.ran.ms = elapsed(self.since);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.ran.outcome = self.outcome;
        self.ran.ms = elapsed(self.since);
        if let Some(ledger) = self.core.ledger.if_open() {
            ledger.record_tool_call(self.ran.clone());
        }
    }
}

fn elapsed(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
