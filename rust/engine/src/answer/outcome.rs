//! Why somebody was passed over, and how it is told when nobody is left.

use crate::choice::{Candidate, patient_name};
use crate::intake::Asked;
use llm_switch_ledger::Health;
use llm_switch_types::{Error, ErrorKind};

/// In whose place another is looked for, and why.
pub(super) struct Passed {
    pub(super) candidate: Candidate,
    pub(super) reason: String,
    pub(super) failure: Option<ErrorKind>,
    /// It was asked, as opposed to passed over.
    pub(super) asked: bool,
}

impl Passed {
    pub(super) fn failed(candidate: Candidate, error: &Error) -> Passed {
        Passed { candidate, reason: error.in_words(), failure: Some(error.kind), asked: true }
    }

    pub(super) fn out(candidate: Candidate, health: &Health) -> Passed {
        let reason = why(health);
        Passed { candidate, reason, failure: health.kind, asked: false }
    }

    pub(super) fn full(candidate: Candidate, reason: String) -> Passed {
        Passed { candidate, reason, failure: Some(ErrorKind::RateLimited), asked: false }
    }

    pub(super) fn unfit(candidate: Candidate, unfit: Unfit) -> Passed {
        let (reason, failure) = match unfit {
            Unfit::TooSmall => {
                ("the conversation is probably too long for it", Some(ErrorKind::ContextLength))
            }
            Unfit::Lacks(reason) => (reason, None),
        };
        Passed { candidate, reason: reason.to_owned(), failure, asked: false }
    }
}

/// Why another is asked first.
pub(super) enum Unfit {
    /// The conversation is probably too long for it.
    TooSmall,
    /// What it cannot, in words.
    Lacks(&'static str),
}

/// Why somebody with HEALTH is not asked.
fn why(health: &Health) -> String {
    if health.disabled {
        return "it is disabled".to_owned();
    }
    let state = health.state.name().replace('-', " ");
    let reason = health.reason.as_deref().unwrap_or("it failed");
    format!("it is out ({state}), because {reason}")
}

/// That all whom ASKED leads to are OUT: of the class, and with the time, of
/// the first that comes back.
pub(super) fn nobody_is_up(asked: &Asked, out: &[Health]) -> Error {
    let first = out.iter().filter(|it| !it.disabled);
    let first = first.min_by_key(|it| it.until.unwrap_or(i64::MAX));
    let each: Vec<String> =
        out.iter().map(|it| format!("{}: {}", patient_name(it), why(it))).collect();
    let kind = first.and_then(|it| it.kind).unwrap_or(ErrorKind::Refused);
    let error = Error::new(kind, format!("nobody can be asked now: {}", each.join("; ")));
    let advice = match first {
        Some(_) => "See when they come back, or have them tried now, with M-x llm-switch-health",
        None => "Enable one with M-x llm-switch-health",
    };
    Error { resets_at: first.and_then(|it| it.until), ..error.at(asked).advise(advice) }
}

/// That a limit of a route lets nobody pass, for WHY.
pub(super) fn limit(why: Option<String>) -> Error {
    Error::new(ErrorKind::RateLimited, why.unwrap_or_default())
        .advise("Wait a moment, or change the limits of the route in the configuration")
}
