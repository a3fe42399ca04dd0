//! A broken connection, told to a person.

use crate::Timeouts;
use llm_switch_types::{Error, ErrorKind};
use std::{error::Error as _, io};

/// ERROR in our words. Its URL is left out: the caller names the place.
pub(crate) fn of(error: reqwest::Error, timeouts: Timeouts) -> Error {
    if let Some(refusal) = cause::<Error>(&error) {
        return refusal.clone();
    }
    let (what, advice) = describe(&error, timeouts);
    Error::new(ErrorKind::Network, what).advise(advice)
}

/// Whether a connection that stood broke before the answer began.
pub(crate) fn is_broken(error: &reqwest::Error) -> bool {
    error.is_request()
        && !error.is_connect()
        && !error.is_timeout()
        && cause::<Error>(error).is_none()
}

fn describe(error: &reqwest::Error, timeouts: Timeouts) -> (String, &'static str) {
    let io = cause::<io::Error>(error).map(io::Error::kind);
    match io {
        _ if error.is_timeout() && error.is_connect() => (
            format!("no connection within {} s", timeouts.connect.as_secs()),
            "Check the address and the network",
        ),
        _ if error.is_timeout() => (
            format!("nothing was heard for {} s", timeouts.idle.as_secs()),
            "Look whether the server still works on it",
        ),
        Some(io::ErrorKind::ConnectionRefused) => {
            ("nothing answers at this address".into(), "Start the server, or correct its base-url")
        }
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe,
        ) => ("the connection broke".into(), "Look whether the server still runs, then ask again"),
        _ if error.is_connect() => {
            (format!("no connection: {}", innermost(error)), "Check the address and the network")
        }
        _ if error.is_body() || error.is_decode() || error.is_request() => {
            ("the connection broke".into(), "Look whether the server still runs, then ask again")
        }
        _ => (innermost(error), "Check the address and the network"),
    }
}

/// The first cause of ERROR that is a `T`. hyper wraps some of its causes in
/// an `io::Error`, whose own `source` skips what it wraps.
fn cause<T: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = error.source();
    while let Some(found) = next {
        if let Some(it) = found.downcast_ref::<T>() {
            return Some(it);
        }
        next = found.source();
    }
    None
}

fn innermost(error: &reqwest::Error) -> String {
    let mut found: &dyn std::error::Error = error;
    while let Some(next) = found.source() {
        found = next;
    }
    found.to_string()
}
