//! What a service says when it refuses, turned into our errors.
//!
//! The code and the words decide before the status does: services use 400,
//! 403 and 429 for a dozen different things. No body needs to be JSON.

use llm_switch_types::{Error, ErrorKind};
use serde_json::Value;

/// A refusal, as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body, cut to what a person might read.
    pub body: &'a [u8],
    /// Seconds after which the service invites another try.
    pub retry_after: Option<u64>,
}

/// The error that REFUSAL means.
pub fn classify(refusal: Refusal<'_>) -> Error {
    let body = String::from_utf8_lossy(refusal.body);
    let told = serde_json::from_str::<Value>(&body).ok().map(|json| Told::from_json(&json));
    let told = told.unwrap_or_else(|| Told::from_text(&body));
    let kind = told.kind().unwrap_or_else(|| kind_of_status(refusal.status));
    let mut error = told.error(kind, Some(refusal.status));
    error.retry_after = refusal.retry_after;
    error
}

/// The error that a service reports in the middle of a stream as ERROR.
pub(crate) fn in_stream(error: &Value) -> Error {
    let told = Told::from_json(&serde_json::json!({ "error": error }));
    let mut codes = told.code.split(' ').filter_map(|word| word.parse().ok());
    let status = codes.find(|code| (400..600).contains(code));
    told.error(told.kind().unwrap_or(status.map_or(ErrorKind::Server, kind_of_status)), status)
}

/// What a service says: its own words and its codes.
struct Told {
    message: String,
    /// `code`, `type` and the like, joined for matching.
    code: String,
}

impl Told {
    fn from_json(json: &Value) -> Told {
        // Gemini wraps its refusals of a stream in a list.
        let json = json.get(0).unwrap_or(json);
        let error = match &json["error"] {
            Value::Null => json,
            error => error,
        };
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let messages = [error, &error["message"], &json["message"], &json["detail"]];
        let message = messages.into_iter().map(text).find(|it| !it.is_empty()).unwrap_or_default();
        let codes = ["code", "type", "status"].map(|field| text(&error[field]));
        Told { message: one_line(&message), code: codes.join(" ").trim().to_owned() }
    }

    fn from_text(body: &str) -> Told {
        let body = body.trim();
        let message = if body.starts_with('<') { title(body) } else { one_line(body) };
        Told { message, code: String::new() }
    }

    /// The class that the words show; `None` leaves it to the status.
    fn kind(&self) -> Option<ErrorKind> {
        let said = format!("{} {}", self.code, self.message).to_lowercase();
        RULES
            .iter()
            .find(|(_, words)| words.iter().any(|word| said.contains(word)))
            .map(|rule| rule.0)
    }

    fn error(&self, kind: ErrorKind, status: Option<u16>) -> Error {
        let status_text = status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
        let said = match self.message.as_str() {
            "" => "with no explanation".to_owned(),
            message => format!("saying: {message}"),
        };
        let mut error = Error::new(kind, format!("{}{status_text}, {said}", verdict(kind)));
        error.http_status = status;
        error.advice = advice(kind).map(str::to_owned);
        error
    }
}

/// Words that decide, in lower case; the first rule that matches wins.
const RULES: &[(ErrorKind, &[&str])] = &[
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
        ],
    ),
    (
        ErrorKind::ContextLength,
        &[
            "context_length_exceeded",
            "exceed_context_size",
            "prompt is too long",
            "maximum context length",
            "greater than the context length",
            "exceeds the maximum number of tokens allowed",
            "exceeded max context length",
        ],
    ),
    (
        ErrorKind::Auth,
        &[
            "invalid_api_key",
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
        ],
    ),
    (
        ErrorKind::ContentFilter,
        &[
            "content_policy_violation",
            "content_filter",
            "data_inspection_failed",
            "bio_policy",
            "cyber_policy",
            "misalignment_policy_violation",
        ],
    ),
    (ErrorKind::Overloaded, &["overloaded", "slow_down", "at capacity", "unavailable_error"]),
    (ErrorKind::RateLimited, &["rate_limit_exceeded", "rate_limit_error", "too many requests"]),
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

fn kind_of_status(status: u16) -> ErrorKind {
    match status {
        401 | 403 => ErrorKind::Auth,
        402 => ErrorKind::NoFunds,
        404 => ErrorKind::ModelNotFound,
        429 => ErrorKind::RateLimited,
        498 | 503 | 529 => ErrorKind::Overloaded,
        500..=599 => ErrorKind::Server,
        300..=399 => ErrorKind::Protocol,
        _ => ErrorKind::BadRequest,
    }
}

fn verdict(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Auth => "the key was refused",
        ErrorKind::NoFunds => "the account has no money left",
        ErrorKind::RateLimited => "too many requests for now",
        ErrorKind::Overloaded => "the service has too much to do",
        ErrorKind::ContextLength => "the conversation is too long for this model",
        ErrorKind::ModelNotFound => "there is no such model or address",
        ErrorKind::ContentFilter => "the service withholds the answer",
        ErrorKind::Protocol => "the service wants to send us elsewhere",
        ErrorKind::Server => "the service failed",
        _ => "the service does not accept the request",
    }
}

fn advice(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Auth => "Check the key where the account's `key` says it is kept",
        ErrorKind::NoFunds => {
            "Add credit at the service, or choose another with M-x llm-switch-backend"
        }
        ErrorKind::RateLimited | ErrorKind::Overloaded | ErrorKind::Server => {
            "Wait a moment and ask again, or choose another with M-x llm-switch-backend"
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

/// TEXT on one line, short enough for the echo area.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(300).collect()
}

/// The title of an HTML page, which is all that a person wants of it.
fn title(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let title = lower.find("<title>").zip(lower.find("</title>"));
    let title = title.and_then(|(start, end)| html.get(start + 7..end)).map(one_line);
    title
        .filter(|it| !it.is_empty())
        .map_or("a web page".to_owned(), |it| format!("a web page, \"{it}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> Error {
        classify(Refusal { status, body: body.as_bytes(), retry_after: None })
    }

    #[test]
    fn the_status_decides_where_nothing_else_does() {
        let table = [
            (400, "bad-request"),
            (401, "auth"),
            (402, "no-funds"),
            (403, "auth"),
            (404, "model-not-found"),
            (429, "rate-limited"),
            (500, "server"),
            (503, "overloaded"),
            (529, "overloaded"),
            (302, "protocol"),
            (418, "bad-request"),
        ];
        for (status, kind) in table {
            for body in ["", "<html>", "{}", "[", "nope"] {
                assert_eq!(told(status, body).kind.name(), kind, "{status} {body}");
            }
        }
    }

    #[test]
    fn words_and_codes_decide_before_the_status() {
        let table = [
            (
                429,
                r#"{"error":{"code":"insufficient_quota","message":"You exceeded"}}"#,
                "no-funds",
            ),
            (
                400,
                r#"{"error":{"type":"exceed_context_size_error","code":400,"n_ctx":1}}"#,
                "context-length",
            ),
            (400, r#"{"error":{"message":"API key not valid. Please pass"}}"#, "auth"),
            (403, r#"{"error":{"code":"model_not_found"}}"#, "model-not-found"),
            (
                503,
                r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
                "overloaded",
            ),
            (
                400,
                r#"{"object":"error","message":"maximum context length is 5"}"#,
                "context-length",
            ),
            (500, r#"{"error":"overloaded"}"#, "overloaded"),
            (
                400,
                r#"{"error":{"message":"/chat/completions: Invalid model name passed in model=x"}}"#,
                "model-not-found",
            ),
            (400, r#"[{"error":{"code":400,"message":"API key not valid."}}]"#, "auth"),
            (
                400,
                r#"{"error":{"message":"The input token count (9) exceeds the maximum number of tokens allowed (8)."}}"#,
                "context-length",
            ),
            (
                400,
                r#"{"error":"prompt too long; exceeded max context length by 9 tokens"}"#,
                "context-length",
            ),
        ];
        for (status, body, kind) in table {
            assert_eq!(told(status, body).kind.name(), kind, "{body}");
        }
    }

    #[test]
    fn a_page_is_told_by_its_title_and_silence_as_such() {
        let page = told(502, "<!doctype html><html><head><title>502\n Bad Gateway</title>");
        assert_eq!(
            page.what,
            "the service failed (HTTP 502), saying: a web page, \"502 Bad Gateway\""
        );
        assert_eq!(told(500, " ").what, "the service failed (HTTP 500), with no explanation");
    }

    #[test]
    fn a_long_message_is_cut_and_stays_on_one_line() {
        let error = told(400, &"many\nwords ".repeat(1000));
        assert!(error.what.len() < 400 && !error.what.contains('\n'), "{}", error.what);
    }

    #[test]
    fn an_error_in_the_stream_is_classified_by_its_words_or_its_code() {
        let kind = |json: &str| in_stream(&serde_json::from_str(json).unwrap()).kind.name();
        assert_eq!(kind(r#"{"message":"x","type":"server_error"}"#), "server");
        assert_eq!(kind(r#"{"message":"slow","code":429}"#), "rate-limited");
        assert_eq!(kind(r#""out of memory""#), "server");
        assert_eq!(kind(r#"{"code":"context_length_exceeded"}"#), "context-length");
        assert_eq!(kind(r#"{"code":"invalid_image_url","message":"x"}"#), "bad-request");
        assert_eq!(kind(r#"{"code":"image_content_policy_violation"}"#), "content-filter");
        assert_eq!(kind(r#"{"code":"server_is_overloaded"}"#), "overloaded");
        assert_eq!(kind("null"), "server");
    }
}
