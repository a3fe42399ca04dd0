//! The windows of plans, in the form of each service that tells them.

use super::number;
use crate::clock;
use crate::limits::plans::{in_percent, name};
use llm_switch_types::Window;
use serde_json::Value;

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn count(value: &Value) -> Option<u64> {
    number(value).filter(|number| *number >= 0.0).map(|number| number as u64)
}

fn instant(value: &Value, now: i64) -> Option<i64> {
    value.as_f64().and_then(clock::epoch).or_else(|| clock::instant(value.as_str()?, now))
}

/// Kimi Code: the week's in `usage`, and shorter ones in `limits`, each with
/// `limit` and `remaining` or `used`, mostly as text.
pub(super) fn kimi(json: &Value, now: i64) -> Vec<Window> {
    let week = kimi_window(name(Some(WEEK), ""), &json["usage"], now);
    let shorter = list(&json["limits"]).filter_map(|limit| {
        let window = &limit["window"];
        let unit = match window["timeUnit"].as_str()? {
            "TIME_UNIT_MINUTE" => 1,
            "TIME_UNIT_HOUR" => HOUR,
            "TIME_UNIT_DAY" => DAY,
            "TIME_UNIT_WEEK" => WEEK,
            _ => return None,
        };
        let minutes = count(&window["duration"])?.saturating_mul(unit);
        kimi_window(name(Some(minutes), ""), &limit["detail"], now)
    });
    week.into_iter().chain(shorter).collect()
}

fn kimi_window(name: String, told: &Value, now: i64) -> Option<Window> {
    let limit = count(&told["limit"])?;
    let left = || Some(limit.saturating_sub(count(&told["used"])?));
    let remaining = Some(count(&told["remaining"]).or_else(left)?);
    Some(Window {
        name,
        limit: Some(limit),
        remaining,
        resets_at: instant(&told["resetTime"], now),
    })
}

/// Z.AI's coding plan: hundredths of tokens that are used, and how often its
/// tools may be called in a month. The numbers of units were found out.
pub(super) fn zai(json: &Value, now: i64) -> Vec<Window> {
    list(&json["data"]["limits"]).filter_map(|limit| zai_window(limit, now)).collect()
}

fn zai_window(limit: &Value, now: i64) -> Option<Window> {
    let number_of = count(&limit["number"]).unwrap_or(1);
    let (minutes, month) = match limit["unit"].as_u64() {
        Some(1) => (Some(number_of.saturating_mul(DAY)), ""),
        Some(3) => (Some(number_of.saturating_mul(HOUR)), ""),
        Some(6) => (Some(WEEK), ""),
        Some(5) => (None, "month"),
        _ => (None, ""),
    };
    let tools = if limit["type"] == "TIME_LIMIT" { "tools" } else { "" };
    let kind = [month, tools].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    let resets_at = instant(&limit["nextResetTime"], now);
    Some(in_percent(name(minutes, &kind.join("-")), number(&limit["percentage"])?, resets_at))
}

/// MiniMax's plan: a shorter window and the week's for each group of models.
/// What is called usage is what remains, which its own client tells too; the
/// percentage goes before it, and the status 3 means no limit.
pub(super) fn minimax(json: &Value, now: i64) -> Vec<Window> {
    let windows = list(&json["model_remains"]).flat_map(|group| {
        let kind = group["model_name"].as_str().unwrap_or_default();
        let length = || {
            let at = |field: &str| group[field].as_i64();
            u64::try_from((at("end_time")? - at("start_time")?) / 60_000).ok()
        };
        let short = ["current_interval", "end_time"];
        let week = ["current_weekly", "weekly_end_time"];
        [
            minimax_window(name(length(), kind), group, short, now),
            minimax_window(name(Some(WEEK), kind), group, week, now),
        ]
    });
    windows.flatten().collect()
}

fn minimax_window(
    name: String,
    group: &Value,
    [prefix, end]: [&str; 2],
    now: i64,
) -> Option<Window> {
    let field = |suffix: &str| &group[format!("{prefix}_{suffix}")];
    if field("status") == 3 {
        return None;
    }
    let resets_at = instant(&group[end], now);
    if let Some(remaining) = number(field("remaining_percent")) {
        return Some(in_percent(name, 100.0 - remaining, resets_at));
    }
    let limit = count(field("total_count")).filter(|limit| *limit > 0)?;
    let remaining = Some(count(field("usage_count"))?.min(limit));
    Some(Window { name, limit: Some(limit), remaining, resets_at })
}

/// Chutes: four hours and the month, each as a share of its cap; in what it
/// counts it does not say.
pub(super) fn chutes(json: &Value, now: i64) -> Vec<Window> {
    let window = |name: String, told: &Value| {
        let cap = number(&told["cap"]).filter(|cap| *cap > 0.0)?;
        let used = number(&told["usage"])? / cap * 100.0;
        Some(in_percent(name, used, instant(&told["reset_at"], now)))
    };
    let four_hours = window(name(Some(4 * HOUR), ""), &json["four_hour"]);
    let month = window(name(None, "month"), &json["monthly"]);
    four_hours.into_iter().chain(month).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn left(windows: Vec<Window>) -> Vec<(String, Option<u64>, Option<u64>)> {
        windows.into_iter().map(|it| (it.name, it.limit, it.remaining)).collect()
    }

    #[test]
    fn kimi_may_tell_what_is_used_instead_and_in_other_units() {
        let json = json!({"usage": {"limit": 100, "used": 25}, "limits": [
            {"window": {"duration": 5, "timeUnit": "TIME_UNIT_HOUR"}, "detail": {"limit": "10", "remaining": "3"}},
            {"window": {"duration": 5, "timeUnit": "TIME_UNIT_MOON"}, "detail": {"limit": "10", "remaining": "3"}},
            {"title": "Daily", "limit": 5}]});
        let expected =
            [("plan-10080m".into(), Some(100), Some(75)), ("plan-300m".into(), Some(10), Some(3))];
        assert_eq!(left(kimi(&json, 0)), expected);
    }

    #[test]
    fn a_unit_of_zai_that_is_not_known_is_a_window_all_the_same() {
        let json =
            json!({"data": {"limits": [{"type": "TOKENS_LIMIT", "unit": 9, "percentage": 40}]}});
        assert_eq!(left(zai(&json, 0)), [("plan".into(), Some(100), Some(60))]);
    }

    #[test]
    fn minimax_calls_usage_what_remains_and_no_limit_is_no_window() {
        let json = json!({"model_remains": [{"model_name": "general", "start_time": 0,
            "end_time": 18_000_000, "current_interval_total_count": 1500,
            "current_interval_usage_count": 1200, "current_weekly_status": 3,
            "current_weekly_remaining_percent": 100}]});
        assert_eq!(left(minimax(&json, 0)), [("plan-300m-general".into(), Some(1500), Some(1200))]);
    }

    #[test]
    fn a_cap_of_nothing_is_no_window() {
        let json =
            json!({"four_hour": {"usage": 1, "cap": 0}, "monthly": {"usage": 3, "cap": "4"}});
        assert_eq!(left(chutes(&json, 0)), [("plan-month".into(), Some(100), Some(25))]);
    }
}
