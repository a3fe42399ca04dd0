//! Why a request gets an error status instead of an answer.

/// An error before any answer began.
pub(crate) struct Refusal {
    /// HTTP status.
    pub(crate) status: u16,
    pub(crate) cause: Cause,
    pub(crate) form: Form,
    /// How long the client is asked to wait.
    pub(crate) wait: Option<Wait>,
}

/// What went wrong; a dialect has its words for each.
pub(crate) enum Cause {
    /// Whatever the status usually means.
    Status,
    /// No key came, or another than the expected one.
    Key { given: bool },
    /// The account has no money left.
    Quota,
    /// The prompt is longer than the model's context.
    Context,
    /// The prompt is not allowed.
    Filter,
    /// No script has this name; the text says why.
    UnknownModel(String),
    /// The request is not what the dialect demands; the text says why.
    BadRequest(String),
    /// No such endpoint; the text is its method and target.
    UnknownPath(String),
}

/// The body's form.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// The dialect's JSON.
    #[default]
    Json,
    /// A web page, as proxies make it.
    Html,
    /// No body at all.
    Empty,
    /// A line of plain text.
    Text,
    /// JSON that holds the upstream's error as a string, as routers make it.
    Nested,
}

/// When to come again, and in which header that stands.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    /// `retry-after`, in seconds.
    Seconds(u32),
    /// `retry-after-ms`, in milliseconds.
    Millis(u32),
}

impl Refusal {
    /// A refusal in the dialect's own JSON, without advice to wait.
    pub(crate) fn new(status: u16, cause: Cause) -> Self {
        Refusal { status, cause, form: Form::default(), wait: None }
    }

    /// The request's body is not what the dialect demands.
    pub(crate) fn bad_request(why: impl Into<String>) -> Self {
        Refusal::new(400, Cause::BadRequest(why.into()))
    }
}
