//! Allowances, from the headers in which services tell them.

pub(crate) mod plans;

use crate::clock;
use llm_switch_net::Headers;
use llm_switch_types::{Limits, Window};

/// What HEADERS tell at NOW, in Unix milliseconds.
///
/// Services agree on little but the words limit, remaining and reset, so a
/// header is understood by its words and not by who sends it. What a LiteLLM
/// proxy passes on of the service behind it bears a prefix, there and here.
pub(crate) fn read(headers: &Headers, now: i64) -> Limits {
    let (passed_on, own): (Vec<_>, Vec<_>) =
        headers.iter().partition(|(name, _)| name.starts_with(PASSED_ON));
    let mut windows = windows(&Fields(own), now);
    let strip = |(name, value)| Some((str::strip_prefix(name, PASSED_ON)?, value));
    let passed_on = Fields(passed_on.into_iter().filter_map(strip).collect());
    windows.extend(
        self::windows(&passed_on, now)
            .into_iter()
            .map(|window| Window { name: format!("upstream-{}", window.name), ..window }),
    );
    windows.truncate(MOST_WINDOWS);
    Limits { windows }
}

/// What LiteLLM puts before the headers of the service behind it.
const PASSED_ON: &str = "llm_provider-";

/// More than any service has. They are kept, and a service's nonsense must
/// not swell what they are kept in.
const MOST_WINDOWS: usize = 32;

/// Headers that one service told.
struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        self.iter().find(|(it, _)| *it == name).map(|(_, value)| value)
    }

    fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().copied()
    }
}

fn windows(headers: &Fields, now: i64) -> Vec<Window> {
    let mut windows = Vec::new();
    for (name, value) in headers.iter() {
        if let Some((window, field)) = place(name) {
            set(window_of(&mut windows, &window), field, value, now);
        }
    }
    windows.extend(plans::read(headers, now));
    windows
}

#[derive(Clone, Copy)]
enum Field {
    Limit,
    Remaining,
    Reset,
}

fn field(word: &str) -> Option<Field> {
    Some(match word {
        "limit" => Field::Limit,
        "remaining" => Field::Remaining,
        "reset" => Field::Reset,
        _ => return None,
    })
}

/// The window and the field that the header NAME is about:
/// `x-ratelimit-FIELD-WINDOW`, `x-ratelimit-FIELD` or
/// `anthropic-ratelimit-WINDOW-FIELD`. Those of plans have their own form.
fn place(name: &str) -> Option<(String, Field)> {
    if name.starts_with(plans::UNIFIED) {
        return None;
    }
    if let Some(rest) = name.strip_prefix("anthropic-ratelimit-") {
        let (window, word) = rest.rsplit_once('-')?;
        return Some((window.to_owned(), field(word)?));
    }
    let rest = name.strip_prefix("x-ratelimit-")?;
    let (word, window) = rest.split_once('-').unwrap_or((rest, "requests"));
    Some((window.to_owned(), field(word)?))
}

fn window_of<'a>(windows: &'a mut Vec<Window>, name: &str) -> &'a mut Window {
    let at = windows.iter().position(|window| window.name == name).unwrap_or_else(|| {
        windows.push(Window { name: name.to_owned(), ..Window::default() });
        windows.len() - 1
    });
    &mut windows[at]
}

fn set(window: &mut Window, field: Field, value: &str, now: i64) {
    match field {
        Field::Limit => window.limit = count(value),
        Field::Remaining => window.remaining = count(value),
        Field::Reset => window.resets_at = clock::instant(value, now),
    }
}

fn count(value: &str) -> Option<u64> {
    let number: f64 = value.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(headers: &[(&str, &str)]) -> Vec<Window> {
        read(&headers.iter().copied().collect(), 1_000).windows
    }

    fn window(name: &str, limit: u64, remaining: u64, resets_at: i64) -> Window {
        let (limit, remaining) = (Some(limit), Some(remaining));
        Window { name: name.into(), limit, remaining, resets_at: Some(resets_at) }
    }

    #[test]
    fn durations_as_openai_and_groq_send_them() {
        let headers = [
            ("x-ratelimit-limit-requests", "14400"),
            ("x-ratelimit-remaining-requests", "14370"),
            ("x-ratelimit-reset-requests", "2m59.56s"),
            ("x-ratelimit-limit-tokens", "18000"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "120ms"),
        ];
        let expected =
            [window("requests", 14400, 14370, 180_560), window("tokens", 18000, 0, 1_120)];
        assert_eq!(told(&headers), expected);
    }

    #[test]
    fn seconds_as_cerebras_sends_them() {
        let headers = [
            ("x-ratelimit-limit-requests-day", "100"),
            ("x-ratelimit-remaining-requests-day", "99"),
            ("x-ratelimit-reset-requests-day", "33011.38"),
        ];
        assert_eq!(told(&headers), [window("requests-day", 100, 99, 33_012_380)]);
    }

    #[test]
    fn dates_as_anthropic_sends_them() {
        let headers = [
            ("anthropic-ratelimit-input-tokens-limit", "10"),
            ("anthropic-ratelimit-input-tokens-remaining", "0"),
            ("anthropic-ratelimit-input-tokens-reset", "1970-01-01T00:01:00Z"),
        ];
        assert_eq!(told(&headers), [window("input-tokens", 10, 0, 60_000)]);
    }

    #[test]
    fn epoch_milliseconds_as_openrouter_sends_them() {
        let headers = [
            ("X-RateLimit-Limit", "50"),
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", "1795132800000"),
        ];
        assert_eq!(told(&headers), [window("requests", 50, 0, 1_795_132_800_000)]);
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_taken_for_its_own() {
        let headers = [
            ("x-ratelimit-remaining-requests", "9"),
            ("llm_provider-x-ratelimit-remaining-requests", "3"),
            ("llm_provider-anthropic-ratelimit-unified-5h-utilization", "0.25"),
        ];
        let names: Vec<_> = told(&headers).into_iter().map(|it| (it.name, it.remaining)).collect();
        let expected = [("requests", 9), ("upstream-requests", 3), ("upstream-plan-300m", 75)];
        assert_eq!(names, expected.map(|(name, left)| (name.to_owned(), Some(left))));
    }

    #[test]
    fn nonsense_does_not_grow_without_bound() {
        let names: Vec<_> = (0..99).map(|it| format!("x-ratelimit-limit-{it}")).collect();
        let headers: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(told(&headers).len(), MOST_WINDOWS);
    }

    #[test]
    fn what_is_no_number_is_not_told() {
        let headers = [("x-ratelimit-limit-tokens", "many"), ("x-ratelimit-policy", "3;w=1")];
        assert_eq!(told(&headers), [Window { name: "tokens".into(), ..Window::default() }]);
        assert_eq!(told(&[]), []);
    }
}
