//! What a service says when it refuses, turned into our errors.
//!
//! What the row of the provider says comes first, then what its dialect and
//! services in general mean by their codes and words, and the status last:
//! services use 400, 403 and 429 for a dozen different things. No body needs
//! to be JSON.

mod advice;
mod reset;
mod status;
mod told;
mod wait;
mod words;

use crate::limits;
use advice::{advice, advice_at, verdict};
use llm_switch_net::Headers;
use llm_switch_types::{Error, ErrorKind, ErrorRule, Provider, Said};
use serde_json::{Value, json};
use told::Told;

/// A refusal, as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: &'a Headers,
    /// The body, cut to what a person might read.
    pub body: &'a [u8],
    /// When it came, in Unix milliseconds.
    pub now: i64,
}

/// The longest wait that is still a matter of pace. Whoever asks for more has
/// an allowance that is used up, and nobody sits that out.
const LONGEST_PAUSE: u32 = 300;

/// The error that REFUSAL means, when PROVIDER says it.
pub fn classify(provider: &Provider, refusal: Refusal<'_>) -> Error {
    let Refusal { status, headers, now, .. } = refusal;
    let told = Told::from_body(refusal.body);
    let limits = limits::read(headers, now);
    let rule = rule(provider, Some(status), &told);
    let pause = wait::seconds(headers, &told, &limits, now).or(rule.and_then(|rule| rule.wait));
    let kind = rule.map(|rule| rule.kind).or_else(|| words::kind(Some(provider.dialect), &told));
    let kind = in_earnest(kind.unwrap_or(status::kind(status)), pause);
    let mut error = error(kind, Some(status), rule, provider);
    error.retry_after = pause;
    error.should_retry = headers.get("x-should-retry").and_then(|it| it.parse().ok());
    if kind == ErrorKind::Quota {
        let reset = rule.and_then(|rule| rule.resets);
        error.resets_at = reset::at(&told, &limits, reset, pause, now);
    }
    error.said = Some(Box::new(Said { limits, ..told.said }));
    error
}

/// The error that a service reports in the middle of a stream as ERROR.
pub(crate) fn in_stream(error: &Value) -> Error {
    let told = Told::from_json(&json!({ "error": error }));
    let status = told.status();
    let kind = words::kind(None, &told);
    let kind = kind.unwrap_or(status.map_or(ErrorKind::Server, status::kind));
    let mut error = Error { http_status: status, ..Error::new(kind, what(kind, status)) };
    error.advice = advice(kind).map(str::to_owned);
    (error.retry_after, error.resets_at) = (wait::seconds_told(&told), reset::named(&told));
    error.said = Some(Box::new(told.said));
    error
}

/// ERROR of a decoder as PROVIDER means it at NOW: a decoder knows the words
/// that services in general use, the row what this one means by its codes.
pub(crate) fn as_meant(provider: &Provider, error: Error, now: i64) -> Error {
    let Some(told) = error.said.as_deref().cloned().map(Told::from) else { return error };
    let Some(rule) = rule(provider, error.http_status, &told) else { return error };
    let meant = self::error(rule.kind, error.http_status, Some(rule), provider);
    let counted = || reset::after(rule.resets?, now);
    Error {
        retry_after: error.retry_after.or(rule.wait),
        resets_at: error.resets_at.or_else(counted),
        said: error.said,
        ..meant
    }
}

/// KIND, unless it is a rate limit that asks for a PAUSE nobody sits out.
fn in_earnest(kind: ErrorKind, pause: Option<u32>) -> ErrorKind {
    let used_up = kind == ErrorKind::RateLimited && pause > Some(LONGEST_PAUSE);
    if used_up { ErrorKind::Quota } else { kind }
}

fn rule<'a>(provider: &'a Provider, status: Option<u16>, told: &Told) -> Option<&'a ErrorRule> {
    provider.errors.iter().find(|rule| rule.matches(status, &told.said.codes, &told.text))
}

fn error(
    kind: ErrorKind,
    status: Option<u16>,
    rule: Option<&ErrorRule>,
    provider: &Provider,
) -> Error {
    let special = rule.and_then(|rule| rule.advice.clone());
    let advice = special.or_else(|| advice_at(kind, provider));
    Error { http_status: status, advice, ..Error::new(kind, what(kind, status)) }
}

fn what(kind: ErrorKind, status: Option<u16>) -> String {
    let verdict = verdict(kind);
    status.map_or(verdict.to_owned(), |status| format!("{verdict} (HTTP {status})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Limits;

    fn provider(errors: Vec<ErrorRule>) -> Provider {
        Provider { errors, ..Provider::unknown("x", "https://x.org/v1") }
    }

    fn told_by(provider: &Provider, status: u16, headers: &[(&str, &str)], body: &str) -> Error {
        let headers = headers.iter().copied().collect();
        classify(provider, Refusal { status, headers: &headers, body: body.as_bytes(), now: 0 })
    }

    fn told(status: u16, body: &str) -> Error {
        told_by(&provider(Vec::new()), status, &[], body)
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
                413,
                r#"{"error":{"message":"Request too large for model on tokens per minute (TPM)"}}"#,
                "rate-limited",
            ),
            (
                400,
                r#"{"message":"Too many tokens, please wait before trying again."}"#,
                "rate-limited",
            ),
        ];
        for (status, body, kind) in table {
            assert_eq!(told(status, body).kind.name(), kind, "{body}");
        }
    }

    #[test]
    fn the_row_decides_before_the_words_do() {
        let rule = ErrorRule {
            status: Some(429),
            code: None,
            text: Some("You exceeded your current quota".into()),
            kind: ErrorKind::RateLimited,
            resets: None,
            wait: Some(60),
            advice: Some("Slow down".into()),
        };
        let body = r#"{"error":{"message":"you exceeded your current quota","code":"insufficient_quota"}}"#;
        let error = told_by(&provider(vec![rule]), 429, &[], body);
        assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(60)));
        assert_eq!(error.advice.as_deref(), Some("Slow down"));
        assert_eq!(told(429, body).kind, ErrorKind::NoFunds);
    }

    #[test]
    fn a_page_is_told_by_its_title_and_silence_as_such() {
        let page = told(502, "<!doctype html><html><head><title>502\n Bad Gateway</title>");
        let first = |error: &Error| error.to_string().split(". ").next().unwrap().to_owned();
        assert_eq!(
            first(&page),
            "the service failed (HTTP 502), saying: a web page, \"502 Bad Gateway\""
        );
        assert_eq!(first(&told(500, " ")), "the service failed (HTTP 500), with no explanation");
    }

    #[test]
    fn a_long_message_is_cut_and_stays_on_one_line() {
        let error = told(400, &"many\nwords ".repeat(1000)).to_string();
        assert!(error.len() < 400 && !error.contains('\n'), "{error}");
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

    #[test]
    fn the_row_says_what_an_error_in_the_stream_means() {
        let rule = ErrorRule {
            status: Some(429),
            code: Some("1113".into()),
            text: None,
            kind: ErrorKind::NoFunds,
            resets: None,
            wait: None,
            advice: None,
        };
        let error = in_stream(&json!({"code": 1113, "message": "x"}));
        assert_eq!(error.kind, ErrorKind::Server);
        let meant = as_meant(&provider(vec![rule]), error.clone(), 0);
        assert_eq!((meant.kind, &meant.said), (ErrorKind::NoFunds, &error.said));
        let ours = Error::new(ErrorKind::Protocol, "not JSON");
        assert_eq!(as_meant(&provider(Vec::new()), ours.clone(), 0), ours);
    }

    #[test]
    fn an_error_in_the_stream_tells_how_long_to_wait_too() {
        let error =
            in_stream(&json!({"code": "rate_limit_exceeded", "message": "try again in 1.2s"}));
        assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(2)));
        let error = in_stream(&json!({"type": "usage_limit_reached", "resets_at": 1_795_132_800}));
        assert_eq!((error.kind, error.resets_at), (ErrorKind::Quota, Some(1_795_132_800_000)));
    }

    #[test]
    fn a_pause_that_nobody_sits_out_is_a_quota_with_its_end() {
        let told = |wait| told_by(&provider(Vec::new()), 429, &[("retry-after", wait)], "");
        assert_eq!((told("300").kind, told("300").resets_at), (ErrorKind::RateLimited, None));
        assert_eq!((told("301").kind, told("301").resets_at), (ErrorKind::Quota, Some(301_000)));
    }

    #[test]
    fn an_empty_allowance_tells_when_its_quota_is_filled_again() {
        let headers = [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1795132800000")];
        let body = r#"{"error":{"message":"usage limit reached"}}"#;
        let error = told_by(&provider(Vec::new()), 429, &headers, body);
        assert_eq!((error.kind, error.resets_at), (ErrorKind::Quota, Some(1_795_132_800_000)));
    }

    #[test]
    fn no_body_is_too_strange() {
        let bodies = [
            "null",
            "[]",
            "[[]]",
            "7",
            r#""""#,
            r#"{"error":[]}"#,
            r#"{"error":{"message":{}}}"#,
            r#"{"error":{"details":{"error_code":[]},"metadata":7}}"#,
            r#"{"error":{"resets_at":1e308,"resets_in_seconds":-1e308}}"#,
            r#"{"error":{"details":[{"retryDelay":"-99999999999999999s"},7]}}"#,
            r#"{"message":"reset at 2026-99-99 99:99:99, try again in 1e999s"}"#,
        ];
        for body in bodies {
            for end in (0..=body.len()).filter(|end| body.is_char_boundary(*end)) {
                assert_eq!(told(500, &body[..end]).kind, ErrorKind::Server, "{}", &body[..end]);
            }
        }
    }

    #[test]
    fn the_allowances_and_the_word_on_another_try_are_kept() {
        let headers = [("x-ratelimit-remaining-requests", "3"), ("X-Should-Retry", "false")];
        let error = told_by(&provider(Vec::new()), 500, &headers, "");
        assert!(!error.is_retryable());
        let Limits { windows } = error.said.unwrap().limits;
        assert_eq!(windows[0].remaining, Some(3));
    }

    #[test]
    fn a_refused_key_may_belong_to_another_region() {
        let mirrors = vec!["https://x.cn/v1".to_owned()];
        let error = told_by(&Provider { mirrors, ..provider(Vec::new()) }, 401, &[], "");
        assert!(error.advice.unwrap().contains("https://x.cn/v1"));
    }
}
