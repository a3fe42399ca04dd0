//! What goes wrong at a server, told to a person.

use crate::{Definition, Exit, secrets::Secrets};
use llm_switch_types::{Error, ErrorKind, Said};
use rmcp::model::ErrorData;
use rmcp::service::ClientInitializeError;
use std::{io, time::Duration};

/// The most characters of what a server itself says in an error.
const LONGEST: usize = 500;

/// The program of a server could not be started.
pub(crate) fn spawn(error: &io::Error, command: &str) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::NotFound => "Install it, correct its name, or look whether its cwd exists",
        io::ErrorKind::PermissionDenied => "Look whether you may run it",
        _ => "Try to start it in a shell",
    };
    mcp(format!("its program {command:?} does not start: {error}")).advise(advice)
}

/// A server said nothing until the time of its start was over.
pub(crate) fn silent(start: Duration, kept: usize) -> Error {
    mcp(format!("it was not ready within {} s", seconds(start)))
        .advise(look_at(kept, "Start it by hand to see what it waits for, or allow it more time"))
}

/// The process of a server ended without being asked to.
pub(crate) fn ended(exit: Option<Exit>, kept: usize) -> Error {
    let how = exit.map_or("the connection broke".into(), |exit| format!("it ended with {exit}"));
    mcp(how).advise(look_at(kept, "Start it by hand to see why"))
}

/// A server could not be agreed with on how to begin.
pub(crate) fn beginning(error: &ClientInitializeError, secrets: &Secrets) -> Error {
    match error {
        ClientInitializeError::JsonRpcError(data) => refused("it refused to begin", data, secrets)
            .advise("Look whether its version and ours know the same protocol"),
        ClientInitializeError::LegacyFallbackFailed { fallback, .. } => {
            beginning(fallback, secrets)
        }
        ClientInitializeError::ConnectionClosed(_) => {
            mcp("it closed the connection before it was ready")
                .advise("Look whether it is an MCP server at all")
        }
        ClientInitializeError::NoCompatibleProtocolVersion { .. } => {
            mcp("it speaks no version of the protocol that we know")
                .advise("Install another version of it")
        }
        _ => mcp("it did not begin as an MCP server does")
            .advise("Look at its protocol log, and whether it is an MCP server at all"),
    }
}

/// A server over HTTP cannot be reached, WHY where that is known.
pub(crate) fn unreachable(why: Option<&str>, secrets: &Secrets) -> Error {
    let why = why.map(|why| format!(": {}", shorten(&secrets.hide(why)))).unwrap_or_default();
    mcp(format!("it cannot be reached{why}"))
        .advise("Look whether it runs and whether its url is right")
}

/// It answered WHAT with an error.
pub(crate) fn refused(what: &str, data: &ErrorData, secrets: &Secrets) -> Error {
    let message = shorten(&secrets.hide(&data.message));
    let codes = data.code.0.to_string();
    Error { said: Some(Box::new(Said { message, codes, ..Said::default() })), ..mcp(what) }
}

/// It took longer than it may.
pub(crate) fn overdue(doing: &str, silence: bool, limit: Duration) -> Error {
    let seconds = seconds(limit);
    let (what, advice) = match silence {
        true => {
            (format!("{doing}: nothing was heard for {seconds} s"), "Allow it a longer silence")
        }
        false => (format!("{doing}: it took more than {seconds} s"), "Allow it more time"),
    };
    let error = mcp(format!("{what}; it was cancelled"));
    let advice = format!("{advice}, or ask for less at once");
    Error { timed_out: true, ..error }.advise(advice)
}

/// The connection broke while it did something.
pub(crate) fn lost(doing: &str) -> Error {
    mcp(format!("{doing}: the connection broke, and whether it was done is not known"))
        .advise("It is connected to again; look what was done before you repeat it")
}

/// REASON ended the server while it was DOING something.
pub(crate) fn during(doing: &str, reason: &Error) -> Error {
    Error { what: format!("{doing}: {}", reason.what), ..reason.clone() }
}

/// It wants to know who asks, or knows and says no for lack of SCOPE.
pub(crate) fn unknown_caller(doing: &str, scope: bool) -> Error {
    match scope {
        true => mcp(format!("{doing}: the login does not cover this"))
            .advise("Log in again and allow what it asks for"),
        false => mcp(format!("{doing}: it wants to know who asks")).advise("Log in to it"),
    }
}

pub(crate) fn mcp(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Mcp, what)
}

/// ERROR at the server of DEFINITION.
pub(crate) fn at(error: Error, definition: &Definition) -> Error {
    error.at(format!("MCP server {}", definition.name))
}

/// The innermost cause that ERROR names.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut found = error;
    while let Some(next) = found.source() {
        found = next;
    }
    found.to_string()
}

/// Where to look: the lines of standard error that are KEPT, else OTHERWISE.
fn look_at(kept: usize, otherwise: &str) -> String {
    match kept {
        0 => format!("It wrote nothing to its standard error. {otherwise}"),
        1 => "Look at the line that it wrote to its standard error".into(),
        _ => format!("Look at the last {kept} lines that it wrote to its standard error"),
    }
}

/// In seconds, without a fraction where there is none.
fn seconds(time: Duration) -> String {
    let text = format!("{:.1}", time.as_secs_f64());
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
