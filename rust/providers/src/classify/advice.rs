//! What a class of refusal is called, and what to do about it.

use llm_switch_types::{ErrorKind, Provider};

/// What happened, for a person.
pub(super) fn verdict(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Auth => "the key was refused",
        ErrorKind::NoFunds => "the account has no money left",
        ErrorKind::RateLimited => "too many requests for now",
        ErrorKind::Quota => "the quota is used up",
        ErrorKind::Overloaded => "the service has too much to do",
        ErrorKind::ContextLength => "the conversation is too long for this model",
        ErrorKind::ModelNotFound => "there is no such model or address",
        ErrorKind::ContentFilter => "the service withholds the answer",
        ErrorKind::Protocol => "the service wants to send us elsewhere",
        ErrorKind::Server => "the service failed",
        ErrorKind::Network => "the service gave up waiting",
        _ => "the service does not accept the request",
    }
}

/// What to do next, whoever says it.
pub(super) fn advice(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Auth => "Check the key where the account's `key` says it is kept",
        ErrorKind::NoFunds => {
            "Add credit at the service, or choose another with M-x llm-switch-backend"
        }
        ErrorKind::RateLimited | ErrorKind::Overloaded | ErrorKind::Server | ErrorKind::Network => {
            "Wait a moment and ask again, or choose another with M-x llm-switch-backend"
        }
        ErrorKind::Quota => {
            "Wait until it is filled again, or choose another with M-x llm-switch-backend"
        }
        ErrorKind::ContextLength => {
            "Shorten the conversation, or choose a model with a larger context"
        }
        ErrorKind::ModelNotFound => {
            "Choose a model with M-x llm-switch-backend, or correct the base-url"
        }
        ErrorKind::Protocol => "Correct the base-url",
        _ => return None,
    })
}

/// What to do next when PROVIDER says it: a key that is refused is often one
/// of another region.
pub(super) fn advice_at(kind: ErrorKind, provider: &Provider) -> Option<String> {
    let advice = advice(kind)?;
    if kind != ErrorKind::Auth || provider.mirrors.is_empty() {
        return Some(advice.to_owned());
    }
    let mirrors = provider.mirrors.join(" or ");
    Some(format!("{advice}, or set base-url to where it is valid: {mirrors}"))
}
