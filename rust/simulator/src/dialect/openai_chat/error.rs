//! Errors, before an answer and within one.

use crate::{
    refusal::{Cause, Refusal, Said, Wait},
    steps::FailureShape,
};
use serde_json::{Value, json};

const SERVER_ERROR: &str =
    "The server had an error while processing your request. Sorry about that!";

const OVERLOADED: &str = "The engine is currently overloaded, please try again later.";

/// The members of an error object.
struct Words {
    message: String,
    kind: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
}

fn words(message: impl Into<String>, kind: &'static str, code: Option<&'static str>) -> Words {
    Words { message: message.into(), kind, param: None, code }
}

/// What OpenAI says when it refuses a request for `model`.
pub(in crate::dialect) fn say(refusal: &Refusal, model: &str) -> Said {
    let words = explain(refusal, model);
    let body = object(&words);
    Said { status: refusal.status, message: words.message, body }
}

fn explain(refusal: &Refusal, model: &str) -> Words {
    let invalid = "invalid_request_error";
    match &refusal.cause {
        Cause::Status => by_status(refusal, model),
        Cause::Key { given: true } => words(
            "Incorrect API key provided: ****. You can find your API key at \
             https://platform.openai.com/account/api-keys.",
            invalid,
            Some("invalid_api_key"),
        ),
        Cause::Key { given: false } => words(
            "You didn't provide an API key. You need to provide your API key in an \
             Authorization header using Bearer auth.",
            invalid,
            None,
        ),
        Cause::Quota => words(
            "You exceeded your current quota, please check your plan and billing details.",
            "insufficient_quota",
            Some("insufficient_quota"),
        ),
        Cause::Context => words(
            "This model's maximum context length is 8192 tokens. However, your messages \
             resulted in 9000 tokens. Please reduce the length of the messages.",
            invalid,
            Some("context_length_exceeded"),
        ),
        Cause::Filter => words(
            "Your request was rejected as a result of our safety system.",
            invalid,
            Some("content_policy_violation"),
        ),
        Cause::UnknownModel(why) => words(
            format!("The model `{model}` does not exist or you do not have access to it: {why}."),
            invalid,
            Some("model_not_found"),
        ),
        Cause::BadRequest(why) => words(why.as_str(), invalid, None),
        Cause::Invalid { why, code, parameter } => {
            Words { param: Some(parameter.clone()), ..words(why.as_str(), invalid, Some(code)) }
        }
        Cause::Parameter(name) => Words {
            param: Some(name.clone()),
            ..words(
                format!("Unsupported parameter: '{name}' is not supported with this model."),
                invalid,
                Some("unsupported_parameter"),
            )
        },
        // DeepSeek's words: OpenAI itself hides the thoughts on this wire.
        Cause::ThoughtsLost { place, .. } => words(
            format!(
                "Missing `reasoning_content` field in the assistant message at message index {place}"
            ),
            invalid,
            Some("invalid_request_error"),
        ),
        Cause::UnknownPath(path) => words(format!("Invalid URL ({path})"), invalid, None),
    }
}

/// What OpenAI says with a status, where the script wants nothing special.
fn by_status(refusal: &Refusal, model: &str) -> Words {
    let as_for = |cause| explain(&Refusal::new(refusal.status, cause), model);
    match refusal.status {
        401 => as_for(Cause::Key { given: true }),
        402 => words("Insufficient Balance", "unknown_error", Some("invalid_request_error")),
        403 => words(
            "Country, region, or territory not supported",
            "request_forbidden",
            Some("unsupported_country_region_territory"),
        ),
        404 => as_for(Cause::UnknownModel("the script says so".to_owned())),
        429 => words(too_many(refusal, model), "requests", Some("rate_limit_exceeded")),
        503 => words(OVERLOADED, "service_unavailable_error", Some("server_is_overloaded")),
        529 => words("Overloaded", "overloaded_error", None),
        500.. => words(SERVER_ERROR, "server_error", None),
        _ => words("Your request cannot be served.", "invalid_request_error", None),
    }
}

fn too_many(refusal: &Refusal, model: &str) -> String {
    let wait = match refusal.wait {
        Some(Wait::Millis(n)) => format!("{n}ms"),
        Some(Wait::Seconds(n)) => format!("{n}s"),
        None => "a while".to_owned(),
    };
    format!(
        "Rate limit reached for {model} on requests per min (RPM): Limit 3, Used 3, Requested \
         1. Please try again in {wait}."
    )
}

fn object(words: &Words) -> Value {
    let Words { message, kind, param, code } = words;
    json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
}

/// The JSON that tells of a failure after the answer began.
pub(super) fn failure(shape: FailureShape) -> Value {
    match shape {
        FailureShape::OpenAi => object(&words(SERVER_ERROR, "server_error", None)),
        FailureShape::Overloaded => {
            object(&words(OVERLOADED, "service_unavailable_error", Some("server_is_overloaded")))
        }
        FailureShape::Vllm => json!({
            "object": "error", "message": "EngineCore encountered an issue.",
            "type": "InternalServerError", "param": null, "code": 500,
        }),
        FailureShape::OpenRouter => json!({"error": {
            "code": 502, "message": "Provider disconnected unexpectedly",
            "metadata": {"error_type": "provider_unavailable", "provider_name": "Simulator"},
        }}),
        FailureShape::Ollama => json!({
            "error": "an error was encountered while running the model: unexpected EOF",
        }),
    }
}
