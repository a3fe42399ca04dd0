//! The windows of a plan, counted.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use llm_switch_types::{Limit, Money, Period, PlanSpan, PlanWindow};
use serde_json::{Value, json};
use std::ops::Range;

const HOUR: i64 = 3_600_000;

/// Counts what falls into a plan's window. What it is shown must come in the
/// order of time: a window of hours begins with the first request that finds
/// none running.
#[derive(Clone, Debug)]
pub(in crate::methods) struct Counter {
    hours: Option<i64>,
    span: Range<i64>,
    pub(in crate::methods) requests: u64,
    pub(in crate::methods) tokens: u64,
    pub(in crate::methods) value: Money,
}

impl Counter {
    /// One for a window of SPAN, as it is at AT on a clock in ZONE.
    pub(in crate::methods) fn new(span: PlanSpan, at: Timestamp, zone: &TimeZone) -> Counter {
        let (hours, span) = match span {
            PlanSpan::Hours(hours) => (Some(i64::from(hours) * HOUR), 0..0),
            PlanSpan::Period(period) => {
                let Range { start, end } = period.span(at, zone);
                (None, start.as_millisecond()..end.as_millisecond())
            }
        };
        Counter { hours, span, requests: 0, tokens: 0, value: Money::ZERO }
    }

    /// From when on it must be shown what there is. A chain of windows is
    /// found again where nothing was used for as long as one lasts: of hours
    /// that is the next night, of days it may never be.
    pub(in crate::methods) fn begins(&self, now: i64) -> i64 {
        match self.hours {
            Some(length) if length < 24 * HOUR => now.saturating_sub(10 * 24 * HOUR),
            Some(_) => 0,
            None => self.span.start,
        }
    }

    /// Count a request at MS that took TOKENS and was worth VALUE, if it is in
    /// this window.
    pub(in crate::methods) fn count(&mut self, ms: i64, tokens: u64, value: Money) {
        if let Some(length) = self.hours.filter(|_| ms >= self.span.end) {
            let span = ms..ms.saturating_add(length);
            *self = Counter { span, requests: 0, tokens: 0, value: Money::ZERO, ..*self };
        }
        if self.span.contains(&ms) {
            self.requests += 1;
            self.tokens = self.tokens.saturating_add(tokens);
            self.value = self.value.saturating_add(value);
        }
    }

    /// Whether LIMIT is reached in the window that is running.
    pub(in crate::methods) fn is_full(&self, limit: Limit, ms: i64) -> bool {
        let runs = self.hours.is_none() || ms < self.span.end;
        runs && self.used(limit) >= amount(limit)
    }

    /// Whether the window that it counts has ended at MS.
    pub(in crate::methods) fn is_over(&self, ms: i64) -> bool {
        ms >= self.span.end
    }

    fn used(&self, limit: Limit) -> i64 {
        let count = |count| i64::try_from(count).unwrap_or(i64::MAX);
        match limit {
            Limit::Dollars(_) => self.value.pico(),
            Limit::Tokens(_) => count(self.tokens),
            Limit::Requests(_) => count(self.requests),
        }
    }

    /// WINDOW as it stands at NOW: one of hours that is over has nothing in it.
    pub(super) fn told(mut self, window: &PlanWindow, now: i64) -> Value {
        if self.hours.is_some() && self.span.end <= now {
            self = Counter { span: 0..0, requests: 0, tokens: 0, value: Money::ZERO, ..self };
        }
        let rolls = rolls(window.span);
        let resets_at = Some(self.span.end).filter(|end| *end > now && !rolls);
        // Without a limit what one likes to know is how often it was asked.
        let limit = window.limit.unwrap_or(Limit::Requests(0));
        let used = self.used(limit);
        let allowed = window.limit.map(amount);
        json!({
            "window": window.name,
            "account": null,
            "unit": limit.unit(),
            "used": used,
            "limit": allowed,
            "remaining": allowed.map(|allowed| (allowed - used).max(0)),
            "resets-at": resets_at,
            "source": "counted",
            "seen-at": null,
        })
    }
}

fn amount(limit: Limit) -> i64 {
    match limit {
        Limit::Dollars(money) => money.pico(),
        Limit::Tokens(count) | Limit::Requests(count) => i64::try_from(count).unwrap_or(i64::MAX),
    }
}

/// Whether a window of SPAN has no moment at which it begins anew.
fn rolls(span: PlanSpan) -> bool {
    matches!(span, PlanSpan::Period(Period::Rolling { .. } | Period::Total))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: u16) -> Counter {
        Counter::new(PlanSpan::Hours(hours), Timestamp::UNIX_EPOCH, &TimeZone::UTC)
    }

    fn window(limit: Option<Limit>) -> PlanWindow {
        PlanWindow { name: "5 h".into(), span: PlanSpan::Hours(5), limit }
    }

    #[test]
    fn hours_begin_with_the_first_request_that_finds_none_running() {
        let mut counter = hours(5);
        for at in [100 * HOUR, 104 * HOUR, 105 * HOUR, 106 * HOUR] {
            counter.count(at, 10, Money::ZERO);
        }
        let told = |now: i64| counter.clone().told(&window(Some(Limit::Requests(3))), now);
        assert_eq!(told(107 * HOUR)["used"], 2, "those at 105 and 106");
        assert_eq!(told(107 * HOUR)["remaining"], 1);
        assert_eq!(told(107 * HOUR)["resets-at"], 110 * HOUR);
        assert_eq!(
            (&told(110 * HOUR)["used"], &told(110 * HOUR)["resets-at"]),
            (&json!(0), &Value::Null)
        );
    }

    #[test]
    fn what_is_limited_is_what_is_counted() {
        let mut counter = hours(5);
        counter.count(HOUR, 70, Money::from_pico(9));
        counter.count(HOUR, 50, Money::from_pico(1));
        let used = |limit| counter.clone().told(&window(Some(limit)), 2 * HOUR)["used"].clone();
        assert_eq!(used(Limit::Tokens(100)), 120);
        assert_eq!(used(Limit::Dollars(Money::from_pico(20))), 10);
        let told = counter.clone().told(&window(None), 2 * HOUR);
        assert_eq!((&told["used"], &told["limit"]), (&json!(2), &Value::Null));
        assert!(counter.is_full(Limit::Tokens(120), 2 * HOUR));
        assert!(!counter.is_full(Limit::Tokens(121), 2 * HOUR));
        assert!(!counter.is_full(Limit::Tokens(120), 6 * HOUR), "the window is over");
    }
}
