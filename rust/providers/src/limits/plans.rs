//! The windows of plans, from the headers in which services tell them.
//!
//! They bear their length in their name (`plan-300m`) and are in percent, so
//! that those of different services can stand in one table.

use super::{Fields, count};
use crate::clock;
use llm_switch_types::Window;

/// A window of the plan: of a length in MINUTES where it is known, and of
/// what KIND where there are several.
pub(crate) fn name(minutes: Option<u64>, kind: &str) -> String {
    let length = minutes.map(|minutes| format!("{minutes}m"));
    let parts = ["plan", length.as_deref().unwrap_or_default(), kind];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

/// A window called NAME of which USED hundredths are used. What is left is
/// rounded down: a window that is all but empty is not to be relied on.
pub(crate) fn in_percent(name: String, used: f64, resets_at: Option<i64>) -> Window {
    // The cast takes what lies outside to its nearest end.
    let remaining = (100.0 - used).floor().clamp(0.0, 100.0) as u64;
    Window { name, limit: Some(100), remaining: Some(remaining), resets_at }
}

/// All that HEADERS tell at NOW.
pub(super) fn read(headers: &Fields, now: i64) -> Vec<Window> {
    let ranks = ["primary", "secondary"].into_iter().filter_map(|rank| chatgpt(headers, rank, now));
    ranks.chain(claude(headers, now)).collect()
}

/// A window of a ChatGPT plan, `x-codex-RANK-used-percent`.
fn chatgpt(headers: &Fields, rank: &str, now: i64) -> Option<Window> {
    let get = |field: &str| headers.get(&format!("x-codex-{rank}-{field}"));
    let used = number(get("used-percent")?)?;
    let minutes = get("window-minutes").and_then(count);
    let kind = if minutes.is_some() { "" } else { rank };
    let resets_at = get("reset-at").and_then(|text| clock::instant(text, now));
    Some(in_percent(name(minutes, kind), used, resets_at))
}

/// The windows of a Claude plan, `anthropic-ratelimit-unified-5h-utilization`:
/// `5h`, `7d`, and `7d_KIND` for models with a window of their own. What is
/// used is told as a share of one.
fn claude(headers: &Fields, now: i64) -> Vec<Window> {
    let windows = headers.iter().filter_map(|(header, value)| {
        let window = header.strip_prefix(UNIFIED)?.strip_suffix("-utilization")?;
        let (length, kind) = window.split_once('_').unwrap_or((window, ""));
        let get = |field: &str| headers.get(&format!("{UNIFIED}{window}-{field}"));
        let is_rejected = get("status") == Some("rejected");
        let used = if is_rejected { 100.0 } else { number(value)? * 100.0 };
        let resets_at = get("reset").and_then(|text| clock::instant(text, now));
        Some(in_percent(name(Some(minutes(length)?), kind), used, resets_at))
    });
    windows.collect()
}

pub(super) const UNIFIED: &str = "anthropic-ratelimit-unified-";

/// The minutes of a length such as `5h` or `7d`.
fn minutes(length: &str) -> Option<u64> {
    let (number, unit) = length.split_at_checked(length.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    fn told(headers: &[(&str, &str)]) -> Vec<(String, u64, Option<i64>)> {
        let windows = crate::limits::read(&headers.iter().copied().collect(), 1_000).windows;
        windows.into_iter().map(|it| (it.name, it.remaining.unwrap(), it.resets_at)).collect()
    }

    #[test]
    fn the_windows_of_a_chatgpt_plan() {
        let headers = [
            ("x-codex-primary-used-percent", "100"),
            ("x-codex-primary-window-minutes", "300"),
            ("x-codex-primary-reset-at", "1795132800"),
            ("x-codex-secondary-used-percent", "40.5"),
        ];
        let expected =
            [("plan-300m".into(), 0, Some(1_795_132_800_000)), ("plan-secondary".into(), 59, None)];
        assert_eq!(told(&headers), expected);
    }

    #[test]
    fn the_windows_of_a_claude_plan() {
        let headers = [
            ("anthropic-ratelimit-unified-status", "allowed"),
            ("anthropic-ratelimit-unified-reset", "1795132800"),
            ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
            ("anthropic-ratelimit-unified-fallback-percentage", "0.5"),
            ("anthropic-ratelimit-unified-overage-status", "rejected"),
            ("anthropic-ratelimit-unified-5h-status", "allowed"),
            ("anthropic-ratelimit-unified-5h-reset", "1795132800"),
            ("anthropic-ratelimit-unified-5h-utilization", "0.05"),
            ("anthropic-ratelimit-unified-7d-utilization", "1.02"),
            ("anthropic-ratelimit-unified-7d_oi-status", "rejected"),
            ("anthropic-ratelimit-unified-7d_oi-utilization", "0.99"),
        ];
        let expected = [
            ("plan-300m".into(), 95, Some(1_795_132_800_000)),
            ("plan-10080m".into(), 0, None),
            ("plan-10080m-oi".into(), 0, None),
        ];
        assert_eq!(told(&headers), expected);
    }

    #[test]
    fn a_length_that_is_none_is_no_window() {
        for length in ["", "h", "5x", "é", "99999999999999999999d"] {
            let header = format!("anthropic-ratelimit-unified-{length}-utilization");
            assert_eq!(told(&[(&header, "0.5")]), [], "{length}");
        }
    }
}
