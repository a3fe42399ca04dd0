//! What a script does, in no dialect's terms.
//!
//! A script yields [`Step`]s; a dialect turns each into the bytes that its
//! services would send. A new dialect needs no new script, and a new script
//! no new dialect.

use serde_json::Number;

/// The steps of an answer, made one at a time: a flood of a million deltas
/// must not stand in memory.
pub(crate) type Steps = Box<dyn Iterator<Item = Step> + Send>;

/// One thing that the service says.
pub(crate) enum Step {
    /// Some of the answer's text, as one delta.
    Text(String),
    /// The same, written as the inside of a JSON string, for what no Rust
    /// string can hold: half of a surrogate pair.
    Escaped(&'static str),
    /// One delta of text sent many times, in as few writes as possible.
    Repeat { text: &'static str, times: u64 },
    /// Some of the model's thoughts.
    Reasoning { field: ReasoningField, text: String },
    /// The [seal](crate::seal) of all the thoughts so far.
    Seal { field: ReasoningField, thoughts: String },
    /// A tool call or a piece of one.
    Call(CallPiece),
    /// Every field null that the dialect allows to be null.
    Nulls,
    /// A payload that is not JSON.
    NotJson,
    /// The service reports that it failed, after the answer began.
    Failure(FailureShape),
}

/// Where in a delta the thoughts stand: hosts disagree.
#[derive(Clone, Copy)]
pub(crate) enum ReasoningField {
    ReasoningContent,
    Reasoning,
    ReasoningText,
    /// The same text in `reasoning` and in `reasoning_content`.
    Both,
    Details,
    /// Not told at all, only sealed.
    Hidden,
}

/// Whose form an error takes inside a stream.
#[derive(Clone, Copy)]
pub(crate) enum FailureShape {
    OpenAi,
    Vllm,
    OpenRouter,
    Ollama,
    /// Whatever the dialect says when there are too many requests.
    Overloaded,
}

/// A piece of a tool call; what is `None` is left out on the wire.
pub(crate) struct CallPiece {
    pub(crate) index: Option<usize>,
    pub(crate) id: Option<String>,
    /// The tool's name; a piece that has one begins a call.
    pub(crate) name: Option<String>,
    /// Some of the JSON text of the arguments.
    pub(crate) arguments: String,
}

/// How an answer ends.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    /// As it should: a reason, usage, and the mark that all was sent.
    Finished(Finish),
    /// It does not: the transport fails.
    Fault(Fault),
}

/// Why the model stopped.
#[derive(Clone, Copy)]
pub(crate) enum Finish {
    Stop,
    Length,
    ContentFilter,
    ToolCalls,
}

/// A failure of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Silence until the client leaves.
    Stall,
    /// The body ends properly, but too early.
    Cut,
    /// The connection closes inside the body.
    Truncate,
    /// The connection is reset.
    Reset,
}

/// Tokens. Those read from the cache and written to it are a part of `prompt`,
/// and `reasoning` is one of `output`; each dialect has its own way to tell.
#[derive(Clone, Default)]
pub(crate) struct Usage {
    pub(crate) prompt: u64,
    pub(crate) cached: u64,
    /// Written to the cache for five minutes.
    pub(crate) written: u64,
    /// Written to the cache for an hour.
    pub(crate) written_hour: u64,
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
    /// Dollars, where the service says itself what it charges.
    pub(crate) cost: Option<Number>,
}
