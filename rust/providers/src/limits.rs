//! Allowances, from the headers in which services tell them.

use crate::clock;
use llm_switch_net::Headers;
use llm_switch_types::{Limits, Window};

/// What HEADERS tell at NOW, in Unix milliseconds.
///
/// Services agree on little but the words limit, remaining and reset, so a
/// header is understood by its words and not by who sends it.
pub(crate) fn read(headers: &Headers, now: i64) -> Limits {
    let mut limits = Limits::default();
    for (name, value) in headers.iter() {
        if let Some((window, field)) = place(name) {
            set(window_of(&mut limits, &window), field, value, now);
        }
    }
    let plans = ["primary", "secondary"].into_iter().filter_map(|rank| plan(headers, rank, now));
    limits.windows.extend(plans);
    limits
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
/// `anthropic-ratelimit-WINDOW-FIELD`.
fn place(name: &str) -> Option<(String, Field)> {
    if let Some(rest) = name.strip_prefix("anthropic-ratelimit-") {
        let (window, word) = rest.rsplit_once('-')?;
        return Some((window.to_owned(), field(word)?));
    }
    let rest = name.strip_prefix("x-ratelimit-")?;
    let (word, window) = rest.split_once('-').unwrap_or((rest, "requests"));
    Some((window.to_owned(), field(word)?))
}

fn window_of<'a>(limits: &'a mut Limits, name: &str) -> &'a mut Window {
    let windows = &mut limits.windows;
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

/// The window of a ChatGPT plan, which is told in percent of use.
fn plan(headers: &Headers, rank: &str, now: i64) -> Option<Window> {
    let get = |field: &str| headers.get(&format!("x-codex-{rank}-{field}"));
    let used = count(get("used-percent")?)?;
    let minutes = get("window-minutes").and_then(count);
    Some(Window {
        name: minutes.map_or(format!("plan-{rank}"), |minutes| format!("plan-{minutes}m")),
        limit: Some(100),
        remaining: Some(100_u64.saturating_sub(used)),
        resets_at: get("reset-at").and_then(|text| clock::instant(text, now)),
    })
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
    fn the_windows_of_a_plan_in_percent() {
        let headers = [
            ("x-codex-primary-used-percent", "100"),
            ("x-codex-primary-window-minutes", "300"),
            ("x-codex-primary-reset-at", "1795132800"),
            ("x-codex-secondary-used-percent", "40.5"),
        ];
        let weekly = Window { resets_at: None, ..window("plan-secondary", 100, 60, 0) };
        assert_eq!(told(&headers), [window("plan-300m", 100, 0, 1_795_132_800_000), weekly]);
    }

    #[test]
    fn what_is_no_number_is_not_told() {
        let headers = [("x-ratelimit-limit-tokens", "many"), ("x-ratelimit-policy", "3;w=1")];
        assert_eq!(told(&headers), [Window { name: "tokens".into(), ..Window::default() }]);
        assert_eq!(told(&[]), []);
    }
}
