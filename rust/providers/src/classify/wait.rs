//! How long a service asks to wait, in each of the forms it is said in.

use super::{reset, told::Told};
use crate::clock;
use llm_switch_net::Headers;
use llm_switch_types::Limits;
use serde_json::Value;

/// Seconds after which the service invites another try, rounded up: what its
/// headers say, else its error, else when its allowance is full again.
pub(super) fn seconds(headers: &Headers, told: &Told, limits: &Limits, now: i64) -> Option<u32> {
    let until = |instant: i64| u64::try_from(instant.saturating_sub(now)).unwrap_or(0);
    let ms = milliseconds(headers)
        .or_else(|| Some(until(clock::instant(headers.get("retry-after")?, now)?)))
        .or_else(|| in_body(&told.json))
        .or_else(|| in_words(&told.text))
        .or_else(|| reset::named(told).or(limits.full_again()).map(until));
    ms.map(whole_seconds)
}

/// As [`seconds`], for an error in the middle of a stream, which has neither
/// headers nor a clock: what it says of a time from now on.
pub(super) fn seconds_told(told: &Told) -> Option<u32> {
    in_body(&told.json).or_else(|| in_words(&told.text)).map(whole_seconds)
}

fn whole_seconds(ms: u64) -> u32 {
    u32::try_from(ms.div_ceil(1000)).unwrap_or(u32::MAX)
}

fn milliseconds(headers: &Headers) -> Option<u64> {
    let ms: f64 = headers.get("retry-after-ms")?.trim().parse().ok()?;
    Some(ms.ceil() as u64)
}

/// Google's RetryInfo, and the field of Codex.
fn in_body(error: &Value) -> Option<u64> {
    let details = error["details"].as_array().into_iter().flatten();
    let delay = details.filter_map(|detail| detail["retryDelay"].as_str()).next();
    let seconds = || Some((error["resets_in_seconds"].as_f64()? * 1000.0).ceil() as u64);
    delay.and_then(clock::milliseconds).or_else(seconds)
}

/// "Please try again in 7.66s.", "Please retry in 34.07s", "again in 20 seconds".
fn in_words(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("again in ").or_else(|| text.split_once("retry in "))?;
    let mut words = rest.split_whitespace().map(|word| word.trim_end_matches(['.', ',', ')']));
    let (first, second) = (words.next()?, words.next().unwrap_or_default());
    clock::milliseconds(first).or_else(|| clock::milliseconds(&format!("{first} {second}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Window;

    /// 2026-11-20T00:00:00Z.
    const NOW: i64 = 1_795_132_800_000;

    fn asked(headers: &[(&str, &str)], body: &str) -> Option<u32> {
        let headers = headers.iter().copied().collect();
        seconds(&headers, &Told::from_body(body.as_bytes()), &Limits::default(), NOW)
    }

    #[test]
    fn every_form_of_an_invitation_in_a_header_is_understood() {
        let table = [
            ("retry-after-ms", "250", Some(1)),
            ("retry-after-ms", "1500.5", Some(2)),
            ("retry-after-ms", "soon", None),
            ("retry-after", "7", Some(7)),
            ("retry-after", "0.2", Some(1)),
            ("retry-after", "Fri, 20 Nov 2026 00:01:30 GMT", Some(90)),
            ("retry-after", "Thu, 19 Nov 2026 00:00:00 GMT", Some(0)),
            ("retry-after", "-1", None),
            ("retry-after", "1e99", Some(u32::MAX)),
            ("retry-after", "soon", None),
        ];
        for (name, value, wait) in table {
            assert_eq!(asked(&[(name, value)], ""), wait, "{name}: {value}");
        }
    }

    #[test]
    fn every_form_of_an_invitation_in_words_is_understood() {
        let table = [
            ("Limit 3. Please try again in 7.66s. Visit", Some(8)),
            ("Please try again in 1m2s.", Some(62)),
            ("try again in 200ms", Some(1)),
            ("Please retry in 34.07s", Some(35)),
            ("Try again in 20 seconds.", Some(20)),
            ("try again in a while", None),
            ("", None),
        ];
        for (message, wait) in table {
            let json = format!(r#"{{"error":{{"message":"{message}"}}}}"#);
            assert_eq!(asked(&[], &json), wait, "{json}");
            assert_eq!(asked(&[], message), wait, "{message}");
        }
    }

    #[test]
    fn every_form_of_an_invitation_in_fields_is_understood() {
        let table = [
            (r#"{"error":{"details":[{"reason":"x"},{"retryDelay":"34.07s"}]}}"#, 35),
            (r#"{"error":{"type":"usage_limit_reached","resets_in_seconds":90}}"#, 90),
            (r#"{"error":{"type":"usage_limit_reached","resets_at":1795132890}}"#, 90),
        ];
        for (body, wait) in table {
            assert_eq!(asked(&[], body), Some(wait), "{body}");
        }
    }

    #[test]
    fn the_headers_come_before_the_words_and_milliseconds_before_seconds() {
        let body = r#"{"error":{"message":"try again in 5s"}}"#;
        assert_eq!(asked(&[("retry-after-ms", "9000"), ("retry-after", "1")], body), Some(9));
        assert_eq!(asked(&[("retry-after", "3")], body), Some(3));
        assert_eq!(asked(&[("retry-after", "soon")], body), Some(5));
    }

    #[test]
    fn an_empty_allowance_tells_when_it_is_full_again_if_nothing_else_does() {
        let window =
            Window { remaining: Some(0), resets_at: Some(NOW + 6_500), ..Window::default() };
        let limits = Limits { windows: vec![window] };
        let wait = seconds(&Headers::default(), &Told::default(), &limits, NOW);
        assert_eq!(wait, Some(7));
    }
}
