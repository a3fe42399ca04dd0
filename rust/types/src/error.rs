//! What goes wrong: one tree for Rust and Lisp.

use crate::Said;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The result of anything that can fail in a way the user is told about.
pub type Result<T> = std::result::Result<T, Error>;

/// The classes of failure. Each is a Lisp condition under `llm-switch-error`.
///
/// What follows from a failure (retry, fall back, cool, money at stake) is
/// asked here and nowhere else; nothing beyond the classifier looks at an
/// HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The configuration is wrong.
    Config,
    /// The key is missing, wrong or dead.
    Auth,
    /// The account has no money left.
    NoFunds,
    /// Too many requests for now.
    RateLimited,
    /// A daily, monthly or plan quota is used up.
    Quota,
    /// The service has too much to do.
    Overloaded,
    /// The conversation is too long for the model.
    ContextLength,
    /// There is no such model there.
    ModelNotFound,
    /// The service withholds the answer.
    ContentFilter,
    /// The service does not accept the request.
    BadRequest,
    /// The service failed.
    Server,
    /// The service cannot be reached, or the connection broke.
    Network,
    /// The service answered something that is not its protocol.
    Protocol,
    /// llm-switch refuses: privacy, budget, unknown price, strictness.
    Refused,
    /// The user cancelled.
    Cancelled,
    /// The ledger cannot be read or written.
    Store,
    /// A tool server failed.
    Mcp,
    /// A defect of llm-switch itself, or a module that does not match.
    Module,
}

impl ErrorKind {
    /// All of them, in the order of the declaration.
    pub const ALL: [ErrorKind; 18] = [
        Self::Config,
        Self::Auth,
        Self::NoFunds,
        Self::RateLimited,
        Self::Quota,
        Self::Overloaded,
        Self::ContextLength,
        Self::ModelNotFound,
        Self::ContentFilter,
        Self::BadRequest,
        Self::Server,
        Self::Network,
        Self::Protocol,
        Self::Refused,
        Self::Cancelled,
        Self::Store,
        Self::Mcp,
        Self::Module,
    ];

    /// The word for it, in the ledger, on the screen, and behind
    /// `llm-switch-` as the Lisp condition.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Auth => "auth",
            Self::NoFunds => "no-funds",
            Self::RateLimited => "rate-limited",
            Self::Quota => "quota",
            Self::Overloaded => "overloaded",
            Self::ContextLength => "context-length",
            Self::ModelNotFound => "model-not-found",
            Self::ContentFilter => "content-filter",
            Self::BadRequest => "bad-request",
            Self::Server => "server",
            Self::Network => "network",
            Self::Protocol => "protocol",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Store => "store",
            Self::Mcp => "mcp",
            Self::Module => "module",
        }
    }

    /// Whether the same request may succeed at the same place later.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Overloaded | Self::Server | Self::Network)
    }

    /// Whether another deployment may succeed where this one failed. What is
    /// wrong with the request itself is wrong everywhere; what the service
    /// withholds is passed on only where the route says so.
    pub const fn falls_back(self) -> bool {
        matches!(
            self,
            Self::Auth
                | Self::NoFunds
                | Self::RateLimited
                | Self::Quota
                | Self::Overloaded
                | Self::ContextLength
                | Self::ModelNotFound
                | Self::Server
                | Self::Network
                | Self::Protocol
                | Self::Refused
                | Self::Store
        )
    }

    /// Whether the service may bill for the failed attempt.
    pub const fn may_have_spent(self) -> bool {
        matches!(
            self,
            Self::Server
                | Self::Network
                | Self::Protocol
                | Self::ContentFilter
                | Self::Cancelled
                | Self::Module
        )
    }
}

/// A failure, told to a person: what failed, where, and what to do next.
///
/// It holds no prompt, no header and no body; a service's own message is
/// shortened to one line by the classifier, and stands apart in `said`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Error {
    /// The class.
    pub kind: ErrorKind,
    /// What failed, as one sentence without a full stop.
    pub what: String,
    /// Where: the deployment, account or file, where there is one.
    pub place: Option<String>,
    /// What to do next, as one sentence without a full stop.
    pub advice: Option<String>,
    /// The HTTP status, where a service answered with one.
    pub http_status: Option<u16>,
    /// Seconds after which the service invites another try.
    pub retry_after: Option<u32>,
    /// When a quota is filled again, in Unix milliseconds, where it is known.
    pub resets_at: Option<i64>,
    /// Whether another try makes sense, where the service says it outright.
    pub should_retry: Option<bool>,
    /// Whether it took longer than it may. For records; people read `what`.
    #[serde(skip)]
    pub timed_out: bool,
    /// What the service itself said, where one answered. Boxed, because every
    /// result carries the room for an error.
    pub said: Option<Box<Said>>,
}

impl Error {
    /// A failure of KIND described by WHAT.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Error {
            kind,
            what: what.into(),
            place: None,
            advice: None,
            http_status: None,
            retry_after: None,
            resets_at: None,
            should_retry: None,
            timed_out: false,
            said: None,
        }
    }

    /// What failed and what the service itself said of it, without a full stop
    /// as `what` is: more may follow.
    pub fn in_words(&self) -> String {
        let Error { what, said, .. } = self;
        match said.as_ref().map(|said| unstopped(&said.message)) {
            None => what.clone(),
            Some("") => format!("{what}, with no explanation"),
            Some(message) => format!("{what}, saying: {message}"),
        }
    }

    /// What parts [`Error::in_words`] from a sentence behind it: nothing, where
    /// the service's words end in a mark of their own.
    fn stop(&self) -> &'static str {
        if self.in_words().ends_with(['.', '…', '!', '?', '！', '？']) { "" } else { "." }
    }

    /// Whether the same request may succeed at the same place later: the
    /// service's own word counts before what its class suggests.
    pub fn is_retryable(&self) -> bool {
        self.should_retry.unwrap_or(self.kind.is_retryable())
    }

    /// The same failure at PLACE, unless it is placed already.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place.get_or_insert_with(|| place.to_string());
        self
    }

    /// The same failure with ADVICE on what to do next.
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.in_words())?;
        if let Some(advice) = &self.advice {
            write!(f, "{} {advice}", self.stop())?;
        }
        Ok(())
    }
}

/// TEXT without the full stop at its end. Of several none goes: they say that
/// there is more.
fn unstopped(text: &str) -> &str {
    let text = text.trim_end();
    let short = text.strip_suffix(['.', '。']).map(str::trim_end);
    short.filter(|short| !short.ends_with('.')).unwrap_or(text)
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_serde() {
        for kind in ErrorKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn says_where_what_and_what_next() {
        let error = Error::new(ErrorKind::Auth, "the key was refused")
            .at("openai/gpt-5")
            .advise("Replace it in auth-source");
        assert_eq!(
            error.to_string(),
            "openai/gpt-5: the key was refused. Replace it in auth-source"
        );
    }

    #[test]
    fn the_service_is_quoted_between_what_failed_and_what_next() {
        let said = |message: &str| Error {
            said: Some(Box::new(Said { message: message.into(), ..Said::default() })),
            ..Error::new(ErrorKind::NoFunds, "no money is left").advise("Add credit")
        };
        let quoted = "no money is left, saying: Insufficient Balance. Add credit";
        assert_eq!(said("Insufficient Balance").to_string(), quoted);
        assert_eq!(said("").to_string(), "no money is left, with no explanation. Add credit");
    }

    #[test]
    fn no_full_stop_follows_one_of_the_service() {
        let table = [
            ("Check your plan.", "Check your plan. Add credit"),
            ("余额不足。", "余额不足. Add credit"),
            ("Who pays?", "Who pays? Add credit"),
            ("Check ...", "Check ... Add credit"),
            (".", ", with no explanation. Add credit"),
        ];
        for (message, expected) in table {
            let error = Error {
                said: Some(Box::new(Said { message: message.into(), ..Said::default() })),
                ..Error::new(ErrorKind::NoFunds, "no money is left").advise("Add credit")
            };
            assert!(error.to_string().ends_with(expected), "{error}");
        }
        assert_eq!(Error::new(ErrorKind::NoFunds, "It says so").in_words(), "It says so");
    }

    #[test]
    fn the_services_own_word_on_another_try_counts_before_the_class() {
        let error = Error::new(ErrorKind::Server, "it failed");
        assert!(error.is_retryable());
        assert!(!Error { should_retry: Some(false), ..error }.is_retryable());
    }

    #[test]
    fn what_follows_from_each_class() {
        // One row per class: retryable, may have spent, falls back.
        let table = [
            ("config", false, false, false),
            ("auth", false, false, true),
            ("no-funds", false, false, true),
            ("rate-limited", true, false, true),
            ("quota", false, false, true),
            ("overloaded", true, false, true),
            ("context-length", false, false, true),
            ("model-not-found", false, false, true),
            ("content-filter", false, true, false),
            ("bad-request", false, false, false),
            ("server", true, true, true),
            ("network", true, true, true),
            ("protocol", false, true, true),
            ("refused", false, false, true),
            ("cancelled", false, true, false),
            ("store", false, false, true),
            ("mcp", false, false, false),
            ("module", false, true, false),
        ];
        let asked = ErrorKind::ALL
            .map(|k| (k.name(), k.is_retryable(), k.may_have_spent(), k.falls_back()));
        assert_eq!(asked, table);
    }
}
