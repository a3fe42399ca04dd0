//! A response as bytes to send, in no dialect's terms.

use crate::steps::{Ending, Fault};

/// What the simulator sends back.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
}

/// A response's body.
pub(crate) enum Body {
    /// Sent at once, its length in the head.
    Whole(Vec<u8>),
    /// Sent in chunks, as they are made.
    Parts(Parts),
}

/// The parts of a body, made one at a time.
pub(crate) type Parts = Box<dyn Iterator<Item = Part> + Send>;

/// A part of a body, sent as one chunk.
pub(crate) enum Part {
    /// Bytes that no delivery may alter.
    Bytes(Vec<u8>),
    /// One or more server-sent events.
    Event(Vec<u8>),
    /// The same event many times, many to a write.
    Repeat { event: Vec<u8>, times: u64 },
    /// The transport fails here; nothing follows.
    Fault(Fault),
}

impl Response {
    /// A response whose body is text of this media type.
    pub(crate) fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", media_type.to_owned())];
        Response { status, headers, body: Body::Whole(body.into()) }
    }

    /// A response whose body is this JSON text.
    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Response::new(status, "application/json", body.to_string())
    }

    /// 200 and this JSON text; half of it where the transport is to fail.
    pub(crate) fn ending(body: String, ending: Ending) -> Self {
        match ending {
            Ending::Finished(_) => Response::json(200, body),
            Ending::Fault(fault) => {
                let half = body.as_bytes()[..body.len() / 2].to_vec();
                Response::parts("application/json", [Part::Bytes(half), Part::Fault(fault)])
            }
        }
    }

    /// 200 and this stream of events.
    pub(crate) fn events<I>(parts: I) -> Self
    where
        I: IntoIterator<Item = Part, IntoIter: Send + 'static>,
    {
        Response::parts("text/event-stream; charset=utf-8", parts)
            .header("cache-control", "no-cache")
    }

    /// 200 and these parts.
    pub(crate) fn parts<I>(media_type: &str, parts: I) -> Self
    where
        I: IntoIterator<Item = Part, IntoIter: Send + 'static>,
    {
        let body = Body::Parts(Box::new(parts.into_iter()));
        Response { body, ..Response::new(200, media_type, "") }
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Seconds after which it invites the client to come again.
    pub(crate) fn retry_after(&self) -> Option<u32> {
        let (_, value) = self.headers.iter().find(|(name, _)| *name == "retry-after")?;
        value.parse().ok()
    }

    /// The head as it goes over the wire.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        head.into_bytes()
    }
}

/// What the status is called, where clients show that to people.
fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        411 => "Length Required",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        529 => "Overloaded",
        _ => "Error",
    }
}
