//! Why a request gets an error status instead of an answer.

use crate::response::Response;
use serde_json::{Value, json};

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
    /// The same, where the dialect also names a code and a parameter.
    Invalid { why: String, code: &'static str, parameter: String },
    /// The model takes no parameter of this name, its parts joined by dots.
    Parameter(String),
    /// Message number `place` calls tool `call` without the thoughts that led
    /// to it.
    ThoughtsLost { place: usize, call: String },
    /// No such endpoint; the text is its method and target.
    UnknownPath(String),
}

/// A dialect's words for a refusal.
pub(crate) struct Said {
    /// HTTP status: services disagree on that of the same cause.
    pub(crate) status: u16,
    /// The sentence for people.
    pub(crate) message: String,
    /// The JSON that it stands in.
    pub(crate) body: Value,
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

    /// The response that refuses in these words.
    pub(crate) fn response(&self, said: Said) -> Response {
        let status = said.status;
        let response = match self.form {
            Form::Json => Response::json(status, said.body),
            Form::Nested => Response::json(status, nested(status, &said.body)),
            Form::Text => Response::new(status, "text/plain", said.message),
            Form::Html => Response::new(status, "text/html; charset=utf-8", html(status)),
            Form::Empty => Response { headers: Vec::new(), ..Response::new(status, "", "") },
        };
        match self.wait {
            None => response,
            Some(Wait::Seconds(n)) => response.header("retry-after", n),
            Some(Wait::Millis(n)) => response.header("retry-after-ms", n),
        }
    }

    /// The request's body is not what the dialect demands.
    pub(crate) fn bad_request(why: impl Into<String>) -> Self {
        Refusal::new(400, Cause::BadRequest(why.into()))
    }
}

/// As OpenRouter passes on what a host said: the error that matters is a
/// string inside, and the message outside says nothing.
fn nested(status: u16, body: &Value) -> Value {
    json!({"error": {
        "code": status,
        "message": "Provider returned error",
        "metadata": {"provider_name": "Simulator", "raw": body.to_string()},
    }})
}

fn html(status: u16) -> String {
    format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n\
         <center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}
