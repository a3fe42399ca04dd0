//! Codes and words that mean the same at most services.
//!
//! Services behind other services pass the words on, so the words of one
//! dialect turn up in another; only what would mislead elsewhere is kept to
//! its dialect.

use super::told::Told;
use llm_switch_types::{Dialect, ErrorKind};

type Rules = &'static [(ErrorKind, &'static [&'static str])];

/// The class that the words of TOLD show, in DIALECT where it is known;
/// `None` leaves it to the status.
pub(super) fn kind(dialect: Option<Dialect>, told: &Told) -> Option<ErrorKind> {
    let has = |words: &[&str]| words.iter().any(|word| told.text.contains(word));
    let hasty = has(HASTE);
    let own = dialect.map_or(&[][..], own).iter();
    let mut rules =
        own.chain(SHARED).filter(|(kind, _)| *kind != ErrorKind::ContextLength || !hasty);
    rules.find(|(_, words)| has(words)).map(|rule| rule.0)
}

/// Too many tokens within a minute, which sounds like too long a context.
const HASTE: &[&str] =
    &["rate limit", "too many requests", "tokens per minute", "too many tokens, please wait"];

fn own(dialect: Dialect) -> Rules {
    match dialect {
        Dialect::Gemini => GEMINI,
        Dialect::Anthropic => ANTHROPIC,
        _ => &[],
    }
}

/// Google says all of these with RESOURCE_EXHAUSTED.
const GEMINI: Rules = &[
    (ErrorKind::NoFunds, &["insufficient_g1_credits_balance"]),
    (ErrorKind::Quota, &["perday", "daily", "limit: 0", "quota_exhausted"]),
    (ErrorKind::Overloaded, &["model_capacity_exhausted"]),
    (ErrorKind::RateLimited, &["resource_exhausted"]),
    (ErrorKind::ModelNotFound, &["not_found"]),
];

const ANTHROPIC: Rules = &[
    (ErrorKind::Quota, &["enforced_spend_limit", "contract_spend_limit"]),
    (ErrorKind::NoFunds, &["billing_error", "reached your specified"]),
    (ErrorKind::ContextLength, &["request_too_large"]),
    (ErrorKind::ModelNotFound, &["not_found_error"]),
];

const SHARED: Rules = &[
    (
        ErrorKind::NoFunds,
        &[
            "insufficient_quota",
            "billing_not_active",
            "billing_hard_limit",
            "insufficient balance",
            "credit balance is too low",
            "exceeded_current_quota",
            "payment_required",
            "budget_exceeded",
            "creditserror",
        ],
    ),
    (
        ErrorKind::Quota,
        &[
            "usage_limit_reached",
            "usage_limit_exceeded",
            "usagelimiterror",
            "usage limit reached",
            "included credits",
        ],
    ),
    (
        ErrorKind::ContextLength,
        &[
            "context_length_exceeded",
            "exceed_context_size",
            "prompt is too long",
            "prompt too long",
            "maximum context length",
            "maximum prompt length",
            "maximum number of tokens allowed",
            "model's context length",
            "greater than the context length",
            "context window exceeds",
            "contextwindowexceeded",
            "exceeded model token limit",
            "prompt exceeds max length",
            "reduce the length of the messages",
            "range of input length should be",
            "prompt token count of",
        ],
    ),
    (
        ErrorKind::Auth,
        &[
            "invalid_api_key",
            "account_deactivated",
            "authentication_error",
            "api key not valid",
            "incorrect api key",
            "api_key_invalid",
        ],
    ),
    (
        ErrorKind::ModelNotFound,
        &[
            "model_not_found",
            "no such model",
            "not a valid model",
            "model not found",
            "no endpoints found",
        ],
    ),
    (
        ErrorKind::ContentFilter,
        &[
            "content_policy_violation",
            "contentpolicyviolation",
            "content_filter",
            "data_inspection_failed",
            "cyber_policy",
            "bio_policy",
        ],
    ),
    (
        ErrorKind::Overloaded,
        &[
            "overloaded",
            "slow_down",
            "at capacity",
            "capacity_exceeded",
            "capacity exceeded",
            "unavailable_error",
        ],
    ),
    (
        ErrorKind::RateLimited,
        &[
            "rate_limit_exceeded",
            "rate_limit_error",
            "rate limit",
            "too many requests",
            "tokens per minute",
            "too many tokens, please wait",
        ],
    ),
];
