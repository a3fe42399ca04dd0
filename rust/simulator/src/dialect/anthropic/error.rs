//! Errors, before an answer and within one.

use crate::{
    refusal::{Cause, Refusal, Said},
    steps::FailureShape,
};
use serde_json::{Value, json};

/// What Anthropic says when it refuses a request for `model`.
pub(super) fn say(refusal: &Refusal, model: &str) -> Said {
    let message = message(refusal, model);
    let status = match refusal.cause {
        Cause::Quota => 400,
        _ => refusal.status,
    };
    Said { status, body: object(kind(status), &message), message }
}

fn object(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": null})
}

fn kind(status: u16) -> &'static str {
    KINDS.iter().find(|(known, _)| *known == status).map_or_else(
        || if status < 500 { "invalid_request_error" } else { "api_error" },
        |(_, kind)| kind,
    )
}

const KINDS: &[(u16, &str)] = &[
    (400, "invalid_request_error"),
    (401, "authentication_error"),
    (402, "billing_error"),
    (403, "permission_error"),
    (404, "not_found_error"),
    (409, "conflict_error"),
    (413, "request_too_large"),
    (429, "rate_limit_error"),
    (500, "api_error"),
    (504, "timeout_error"),
    (529, "overloaded_error"),
];

fn message(refusal: &Refusal, model: &str) -> String {
    match &refusal.cause {
        Cause::Status => by_status(refusal.status).to_owned(),
        Cause::Key { given: true } => "invalid x-api-key".to_owned(),
        Cause::Key { given: false } => "x-api-key header is required".to_owned(),
        Cause::Quota => "Your credit balance is too low to access the Anthropic API. Please go to \
                         Plans & Billing to upgrade or purchase credits."
            .to_owned(),
        Cause::Context => "prompt is too long: 208310 tokens > 200000 maximum".to_owned(),
        Cause::Filter => "Output blocked by content filtering policy".to_owned(),
        Cause::UnknownModel(why) => format!("model: {model} ({why})"),
        Cause::BadRequest(why) | Cause::Invalid { why, .. } => why.clone(),
        Cause::Parameter(name) => format!("{name}: Extra inputs are not permitted"),
        Cause::ThoughtsLost { place, .. } => format!(
            "messages.{place}.content.0.type: Expected `thinking` or `redacted_thinking`, but \
             found `tool_use`. When `thinking` is enabled, a final `assistant` message must start \
             with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` \
             blocks)."
        ),
        Cause::UnknownPath(_) => "Not Found".to_owned(),
    }
}

fn by_status(status: u16) -> &'static str {
    match status {
        401 => "invalid x-api-key",
        402 => "There is an issue with your organization's billing.",
        403 => "Your API key does not have permission to use the specified resource.",
        404 => "model: the script says so",
        413 => "Request exceeds the maximum size",
        429 => {
            "This request would exceed your organization's rate limit of 50 requests per minute."
        }
        529 => "Overloaded",
        500.. => "Internal server error",
        _ => "Your request cannot be served.",
    }
}

/// The error that ends an answer which had begun.
pub(super) fn failure(shape: FailureShape) -> Value {
    match shape {
        FailureShape::Overloaded => object("overloaded_error", "Overloaded"),
        _ => object("api_error", "Internal server error"),
    }
}

/// The status of the same error where no answer had begun.
pub(super) fn status(error: &Value) -> u16 {
    let kind = error["error"]["type"].as_str().unwrap_or_default();
    KINDS.iter().find(|(_, known)| *known == kind).map_or(500, |(status, _)| *status)
}
