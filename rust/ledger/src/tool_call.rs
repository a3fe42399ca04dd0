//! Calls of the tools of MCP servers.
//!
//! They are recorded when they are over and not as they begin: nothing is paid
//! for them, so that none has to be settled when its process dies.

use crate::RequestKey;
use crate::dimension::Dimension;
use crate::recorder::{MOST_BYTES, Recorder};
use rusqlite::{Result, params};

/// A call of an MCP server's tool, when it is over. It has no arguments and no
/// result: these are as private as prompts and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RanTool {
    /// When it began, in Unix milliseconds (UTC).
    pub started_ms: i64,
    /// The request whose answer called it, where that is known.
    pub request: Option<RequestKey>,
    /// The server's name.
    pub server: String,
    /// The tool's name, as its server calls it.
    pub tool: String,
    /// The project it was called for, where there is one.
    pub project: Option<String>,
    /// The mode it was called in, where that is known.
    pub mode: Option<String>,
    /// How many milliseconds it took.
    pub ms: u64,
    /// Bytes of its arguments.
    pub argument_bytes: u64,
    /// Bytes of its result, before anything was cut from it.
    pub result_bytes: u64,
    /// How it ended.
    pub outcome: ToolOutcome,
}

/// How the call of a tool ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToolOutcome {
    /// With a result.
    Ok,
    /// With a result that says that the tool failed.
    ToolError,
    /// Without a result: its server died, or broke the protocol.
    Failed,
    /// It was not allowed, so that its server never heard of it.
    Denied,
    /// The user did not want it any more.
    Cancelled,
    /// It took longer than it may.
    TimedOut,
}

impl ToolOutcome {
    /// All of them, in the order of the declaration.
    pub const ALL: [ToolOutcome; 6] =
        [Self::Ok, Self::ToolError, Self::Failed, Self::Denied, Self::Cancelled, Self::TimedOut];

    /// The word for it, in the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool-error",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed-out",
        }
    }
}

/// No call takes longer: about 35 years. It keeps every sum inside 64 bits.
const MOST_MS: u64 = 1 << 40;

/// Records that a tool RAN.
pub(crate) fn record(recorder: &mut Recorder, ran: &RanTool) -> Result<()> {
    let server = recorder.number(Dimension::Server, &ran.server)?;
    let tool = recorder.number(Dimension::Tool, &ran.tool)?;
    let project = recorder.optional_number(Dimension::Project, ran.project.as_deref())?;
    let mode = recorder.optional_number(Dimension::Mode, ran.mode.as_deref())?;
    let sql = "INSERT INTO tool_call (process, started, request, server, tool, project, mode,
                                      ms, argument_bytes, result_bytes, outcome)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    recorder.transaction.prepare_cached(sql)?.execute(params![
        recorder.process,
        ran.started_ms,
        ran.request.map(|key| key.0),
        server,
        tool,
        project,
        mode,
        ran.ms.min(MOST_MS).cast_signed(),
        ran.argument_bytes.min(MOST_BYTES).cast_signed(),
        ran.result_bytes.min(MOST_BYTES).cast_signed(),
        ran.outcome.name()
    ])?;
    Ok(())
}
