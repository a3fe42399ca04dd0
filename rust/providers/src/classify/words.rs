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
        _ => &[],
    }
}

/// Google names with RESOURCE_EXHAUSTED whatever ran out, and the quota that
/// was hit in words that elsewhere could be anybody's.
const GEMINI: Rules = &[
    (ErrorKind::NoFunds, &["insufficient_g1_credits_balance"]),
    (ErrorKind::Quota, &["perday", "daily", "limit: 0", "quota_exhausted"]),
    (ErrorKind::Overloaded, &["model_capacity_exhausted"]),
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
            "usage_not_included",
            "budget_exceeded",
            "billing_error",
            "creditserror",
            "reached your specified",
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
            "enforced_spend_limit",
            "contract_spend_limit",
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
            "invalid model name",
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
            "misalignment_policy_violation",
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
    // Said in streams, where no status tells that asking again is in vain.
    (
        ErrorKind::BadRequest,
        &[
            "invalid_prompt",
            "data_residency_mismatch",
            "invalid_image",
            "invalid_base64_image",
            "unsupported_image",
            "image_too_",
            "image_file_",
            "image_parse_error",
            "failed_to_download_image",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn kind_of(dialect: Option<Dialect>, message: &str) -> Option<ErrorKind> {
        kind(dialect, &Told::from_json(&json!({ "message": message })))
    }

    #[test]
    fn every_service_has_its_own_words_for_too_long_a_conversation() {
        let messages = [
            "prompt is too long: 200001 tokens > 200000 maximum",
            "The input token count (9) exceeds the maximum number of tokens allowed (8)",
            "This model's maximum prompt length is 8 but the request contains 9 tokens",
            "Please reduce the length of the messages or completion.",
            "The input (9 tokens) is longer than the model's context length (8 tokens).",
            "The number of tokens is greater than the context length",
            "context window exceeds limit (2013)",
            "Invalid request: Your request exceeded model token limit: 8 (requested: 9)",
            "Prompt exceeds max length",
            "prompt too large for model with 8 maximum context length",
            "Range of input length should be [1, 8]",
            "prompt too long; exceeded max context length by 1 tokens",
            "This endpoint's maximum context length is 8 tokens.",
            "prompt token count of 9 exceeds the limit of 8",
        ];
        for message in messages {
            assert_eq!(kind_of(None, message), Some(ErrorKind::ContextLength), "{message}");
        }
    }

    #[test]
    fn haste_is_not_length_though_it_speaks_of_tokens() {
        let messages = [
            "Rate limit reached: please reduce the length of the messages",
            "Request too large for model on tokens per minute (TPM): Limit 8, Requested 9",
            "ThrottlingException: Too many tokens, please wait before trying again.",
        ];
        for message in messages {
            assert_eq!(kind_of(None, message), Some(ErrorKind::RateLimited), "{message}");
        }
    }

    #[test]
    fn what_would_mislead_elsewhere_is_read_in_its_dialect_only() {
        let quota = "GenerateRequestsPerDayPerProject";
        assert_eq!(kind_of(Some(Dialect::Gemini), quota), Some(ErrorKind::Quota));
        assert_eq!(kind_of(Some(Dialect::OpenaiChat), quota), None);
    }
}
