//! Errors, before an answer and within one.

use crate::{
    refusal::{Cause, Refusal, Said, Wait},
    steps::FailureShape,
};
use serde_json::{Value, json};

/// What Google says when it refuses a request for `model`.
pub(super) fn say(refusal: &Refusal, model: &str) -> Said {
    let message = message(refusal, model);
    let status = match refusal.cause {
        Cause::Key { given: true } => 400,
        Cause::Key { given: false } => 403,
        _ => refusal.status,
    };
    let mut body = object(status, &message);
    let details = details(refusal, model);
    if !details.is_empty() {
        body["error"]["details"] = json!(details);
    }
    Said { status, message, body }
}

fn object(status: u16, message: &str) -> Value {
    let name = match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        402 | 429 => "RESOURCE_EXHAUSTED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "FAILED_PRECONDITION",
    };
    json!({"error": {"code": status, "message": message, "status": name}})
}

fn message(refusal: &Refusal, model: &str) -> String {
    match &refusal.cause {
        Cause::Status => by_status(refusal, model),
        Cause::Key { given: true } => "API key not valid. Please pass a valid API key.".to_owned(),
        Cause::Key { given: false } => {
            "Method doesn't allow unregistered callers (callers without \
            established identity). Please use API Key or other form of API consumer identity to \
            call this API."
                .to_owned()
        }
        Cause::Quota => "You exceeded your current quota, please check your plan and billing \
                         details."
            .to_owned(),
        Cause::Context => "The input token count (1200000) exceeds the maximum number of tokens \
                           allowed (1048576)."
            .to_owned(),
        Cause::Filter => "Request blocked: PROHIBITED_CONTENT".to_owned(),
        Cause::UnknownModel(why) => format!(
            "models/{model} is not found for API version v1beta, or is not supported for \
             generateContent: {why}."
        ),
        Cause::BadRequest(why) | Cause::Invalid { why, .. } => why.clone(),
        Cause::Parameter(name) => unknown(name),
        Cause::ThoughtsLost { place, call } => format!(
            "Function call is missing a thought_signature in functionCall parts. This is required \
             for tools to work correctly, and missing thought_signature may lead to degraded model \
             performance. Additional data, function call `default_api:{call}` , position {place}."
        ),
        Cause::UnknownPath(path) => format!("Not found: {path}"),
    }
}

/// `generationConfig.temperature` as the parser of Google's messages says it.
fn unknown(path: &str) -> String {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let place = if parent.is_empty() { String::new() } else { format!(" at '{parent}'") };
    format!("Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field.")
}

fn by_status(refusal: &Refusal, model: &str) -> String {
    match refusal.status {
        401 => "Request had invalid authentication credentials.".to_owned(),
        403 => "Your API key was reported as leaked. Please use another API key.".to_owned(),
        404 => format!("models/{model} is not found for API version v1beta."),
        429 => match seconds(refusal) {
            Some(wait) => format!(
                "You exceeded your current quota, please check your plan and billing details. \
                 Please retry in {wait}."
            ),
            None => "Resource has been exhausted (e.g. check quota).".to_owned(),
        },
        503 => "The model is overloaded. Please try again later.".to_owned(),
        504 => "The service is unable to finish processing within the deadline.".to_owned(),
        500.. => "An internal error has occurred. Please retry or report.".to_owned(),
        _ => "Request contains an invalid argument.".to_owned(),
    }
}

/// The wait as a duration in Google's JSON.
fn seconds(refusal: &Refusal) -> Option<String> {
    Some(match refusal.wait? {
        Wait::Seconds(n) => format!("{n}s"),
        Wait::Millis(n) => format!("{}.{:03}s", n / 1000, n % 1000),
    })
}

fn details(refusal: &Refusal, model: &str) -> Vec<Value> {
    let mut details = Vec::new();
    if let Cause::Key { given: true } = refusal.cause {
        details.push(json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID", "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"}}));
    }
    if let Cause::Parameter(name) = &refusal.cause {
        details.push(json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": name, "description": unknown(name)}]}));
    }
    if let Some(wait) = seconds(refusal) {
        details.push(json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric":
                    "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                "quotaDimensions": {"location": "global", "model": model}, "quotaValue": "10"}]}));
        details.push(json!({"@type": "type.googleapis.com/google.rpc.RetryInfo",
                            "retryDelay": wait}));
    }
    details
}

/// The error that ends an answer which had begun.
pub(super) fn failure(shape: FailureShape) -> Value {
    match shape {
        FailureShape::Overloaded => object(503, "The model is overloaded. Please try again later."),
        _ => object(500, "An internal error has occurred. Please retry or report."),
    }
}
