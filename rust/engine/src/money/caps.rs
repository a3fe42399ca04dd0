//! The budgets that count an attempt.

use jiff::{Timestamp, tz::TimeZone};
use llm_switch_ledger::Cap;
use llm_switch_types::{Budget, Period, Subject};
use std::ops::Range;

/// The BUDGETS that count an attempt by SUBJECT that begins at AT, on a clock
/// in ZONE.
pub(crate) fn caps(
    budgets: &[Budget],
    subject: &Subject<'_>,
    at: Timestamp,
    zone: &TimeZone,
) -> Vec<Cap> {
    budgets.iter().filter(|it| it.on.covers(subject)).map(|it| cap(it, at, zone)).collect()
}

/// BUDGET in the window that AT is in, on a clock in ZONE.
pub(crate) fn cap(budget: &Budget, at: Timestamp, zone: &TimeZone) -> Cap {
    Cap {
        budget: budget.name.clone(),
        on: budget.on.clone(),
        window: window(budget.window, at, zone),
        limit: budget.limit,
    }
}

/// A rolling window has no end, so that what was written while the clock stood
/// later than AT counts too: setting it back frees nothing.
fn window(period: Period, at: Timestamp, zone: &TimeZone) -> Range<i64> {
    let span = period.span(at, zone);
    let start = span.start.as_millisecond();
    match period {
        Period::Rolling { .. } | Period::Total => start..i64::MAX,
        _ => start..span.end.as_millisecond(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{AtLimit, Limit, Origin, Scope};

    fn budget(on: Scope, window: &str) -> Budget {
        Budget {
            name: "b".into(),
            on,
            window: window.parse().unwrap(),
            limit: Limit::Requests(1),
            warn: Vec::new(),
            at_limit: AtLimit::Block,
            origin: Origin::Default,
        }
    }

    fn window_of(window: &str, at: &str, zone: &str) -> Range<i64> {
        let zone = TimeZone::get(zone).unwrap();
        cap(&budget(Scope::Global, window), at.parse().unwrap(), &zone).window
    }

    const HOUR: i64 = 3_600_000;

    #[test]
    fn only_budgets_that_cover_the_attempt_count_it() {
        let subject = Subject {
            provider: "openai",
            account: "work",
            model: "gpt-5",
            route: None,
            project: None,
            client: "emacs",
        };
        let budgets = [
            budget(Scope::Global, "day"),
            budget(Scope::Account("work".into()), "day"),
            budget(Scope::Account("home".into()), "day"),
        ];
        let found = caps(&budgets, &subject, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        assert_eq!(
            found.iter().map(|it| &it.on).collect::<Vec<_>>(),
            [&budgets[0].on, &budgets[1].on]
        );
    }

    #[test]
    fn a_day_of_a_clock_change_is_one_window() {
        let spring = window_of("day", "2026-03-29T12:00:00Z", "Europe/Berlin");
        assert_eq!(spring.end - spring.start, 23 * HOUR);
        let autumn = window_of("day", "2026-10-25T12:00:00Z", "Europe/Berlin");
        assert_eq!(autumn.end - autumn.start, 25 * HOUR);
    }

    #[test]
    fn a_rolling_window_holds_what_a_later_clock_wrote() {
        let rolling = window_of("rolling:2d", "2026-11-20T12:34:00Z", "UTC");
        let hour = "2026-11-18T12:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        assert_eq!(rolling, hour..i64::MAX);
    }
}
