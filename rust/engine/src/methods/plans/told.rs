//! The windows of a plan, as its service tells them.

use llm_switch_ledger::SeenWindow;
use llm_switch_types::{Period, PlanSpan, PlanWindow};
use serde_json::{Value, json};

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

/// How long a window lasts, by its name: `plan-300m`, `plan-month-tools`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Minutes(u64),
    Month,
}

/// WINDOW's length and what else its name says.
fn length(name: &str) -> Option<(Length, &str)> {
    let name = name.strip_prefix("upstream-").unwrap_or(name).strip_prefix("plan-")?;
    let (length, rest) = name.split_once('-').unwrap_or((name, ""));
    let minutes = || length.strip_suffix('m')?.parse().ok().map(Length::Minutes);
    let length = if length == "month" { Some(Length::Month) } else { minutes() };
    Some((length?, rest))
}

/// Whether a window that a service calls NAME is the one of SPAN.
fn is_of(name: &str, span: PlanSpan) -> bool {
    let Some((length, _)) = length(name) else { return false };
    let wanted = match span {
        PlanSpan::Hours(hours) => u64::from(hours) * HOUR,
        PlanSpan::Period(Period::Hour) => HOUR,
        PlanSpan::Period(Period::Day { .. }) => DAY,
        PlanSpan::Period(Period::Week { .. }) => 7 * DAY,
        PlanSpan::Period(Period::Rolling { days }) => u64::from(days) * DAY,
        PlanSpan::Period(Period::Month { .. }) => return length == Length::Month,
        PlanSpan::Period(Period::Total) => return false,
    };
    length == Length::Minutes(wanted)
}

/// NAME in words: `5 h`, `7 d tools`.
fn in_words(name: &str) -> String {
    let Some((length, rest)) = length(name) else {
        return name.strip_prefix("plan-").unwrap_or(name).to_owned();
    };
    let length = match length {
        Length::Month => "month".to_owned(),
        Length::Minutes(minutes) if minutes % DAY == 0 => format!("{} d", minutes / DAY),
        Length::Minutes(minutes) if minutes % HOUR == 0 => format!("{} h", minutes / HOUR),
        Length::Minutes(minutes) => format!("{minutes} m"),
    };
    format!("{length} {rest}").trim_end().to_owned()
}

/// Whether SEEN says something about the WINDOW that the user wrote down, at
/// NOW. One that is over says no more than that it begins anew.
pub(super) fn tells(seen: &SeenWindow, window: &PlanWindow, now: i64) -> bool {
    is_of(&seen.window.name, window.span)
        && seen.window.remaining.is_some()
        && seen.window.resets_at.is_none_or(|at| at > now)
}

/// Whether SEEN is one of WINDOWS, however old it is.
pub(super) fn is_written(seen: &SeenWindow, windows: &[PlanWindow]) -> bool {
    windows.iter().any(|it| is_of(&seen.window.name, it.span))
}

/// How many hundredths of SEEN were used when it was told.
fn hundredths(seen: &SeenWindow) -> Option<u64> {
    let (limit, left) = (seen.window.limit?, seen.window.remaining?);
    Some(limit.saturating_sub(left).saturating_mul(100) / limit.max(1))
}

/// Whether something of SEEN was used when it was told.
pub(super) fn is_used(seen: &SeenWindow) -> bool {
    hundredths(seen).is_some_and(|used| used > 0)
}

/// Whether a quarter of SEEN or more was used when it was told, and it is so
/// long that this says something of the whole plan.
pub(super) fn is_well_used(seen: &SeenWindow) -> bool {
    let is_long = match length(&seen.window.name) {
        Some((Length::Minutes(minutes), _)) => minutes >= 5 * DAY,
        Some((Length::Month, _)) => true,
        None => false,
    };
    is_long && hundredths(seen).is_some_and(|used| used >= 25)
}

/// SEEN of ACCOUNT as a row, as it stands at NOW. It bears the name that it
/// has among the user's WINDOWS. One that is over is full again.
pub(super) fn told(seen: &SeenWindow, account: &str, windows: &[PlanWindow], now: i64) -> Value {
    let told = &seen.window;
    let over = told.resets_at.is_some_and(|at| at <= now);
    let remaining = if over { told.limit } else { told.remaining };
    let named = windows.iter().find(|it| is_of(&told.name, it.span));
    let rest = length(&told.name).map_or("", |(_, rest)| rest);
    let name = named.filter(|_| rest.is_empty()).map(|it| it.name.clone());
    json!({
        "window": name.unwrap_or_else(|| in_words(&told.name)),
        "account": account,
        // Services tell a share, or a count without saying of what.
        "unit": if told.limit == Some(100) { "percent" } else { "units" },
        "used": told.limit.zip(remaining).map(|(limit, left)| limit.saturating_sub(left)),
        "limit": told.limit,
        "remaining": remaining,
        "resets-at": told.resets_at.filter(|_| !over),
        "source": "told",
        "seen-at": seen.seen_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Window;

    #[test]
    fn a_window_is_known_by_its_length() {
        let week = PlanSpan::Period("week".parse().unwrap());
        for (name, span, is) in [
            ("plan-300m", PlanSpan::Hours(5), true),
            ("upstream-plan-300m", PlanSpan::Hours(5), true),
            ("plan-300m-general", PlanSpan::Hours(5), true),
            ("plan-10080m", week, true),
            ("plan-10080m", PlanSpan::Period("rolling:7d".parse().unwrap()), true),
            ("plan-month", PlanSpan::Period("month".parse().unwrap()), true),
            ("plan-300m", week, false),
            ("plan-secondary", week, false),
            ("requests", PlanSpan::Hours(5), false),
        ] {
            assert_eq!(is_of(name, span), is, "{name} {span:?}");
        }
        assert_eq!(in_words("plan-10080m-oi"), "7 d oi");
        assert_eq!(in_words("plan-secondary"), "secondary");
    }

    #[test]
    fn a_window_that_is_over_is_full_again() {
        let window = Window {
            name: "plan-300m".into(),
            limit: Some(100),
            remaining: Some(30),
            resets_at: Some(50),
        };
        let seen = SeenWindow { model: None, window, seen_at: 10 };
        let row = |now| told(&seen, "kimi", &[], now);
        assert_eq!((&row(49)["used"], &row(49)["resets-at"]), (&json!(70), &json!(50)));
        assert_eq!((&row(50)["used"], &row(50)["resets-at"]), (&json!(0), &Value::Null));
        assert_eq!(row(49)["window"], "5 h");
    }
}
