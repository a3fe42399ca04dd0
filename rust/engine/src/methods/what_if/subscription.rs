//! A plan under which it could have been used.

use crate::methods::plans::Counter;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use llm_switch_types::{Limit, Money, Period, Plan, PlanSpan};

const DAY: i64 = 86_400_000;

/// A plan and how much of it is used up while time goes by.
#[derive(Clone, Debug)]
pub(super) struct Subscription<'a> {
    pub(super) title: String,
    pub(super) monthly: Money,
    /// One of the user's own.
    pub(super) plan: Option<&'a Plan>,
    zone: &'a TimeZone,
    limits: Vec<(PlanSpan, Limit, Counter)>,
}

impl<'a> Subscription<'a> {
    /// PLAN of a user on a clock in ZONE.
    pub(super) fn of(plan: &'a Plan, zone: &'a TimeZone) -> Self {
        let limited = plan.windows.iter().filter_map(|it| Some((it.span, it.limit?)));
        // A rolling window has no moment at which it could be begun again, and
        // what tokens are worth is another question.
        let known = limited.filter(|(span, limit)| {
            let rolls = matches!(span, PlanSpan::Period(Period::Rolling { .. } | Period::Total));
            !rolls && !matches!(limit, Limit::Dollars(_))
        });
        let fresh = |span| Counter::new(span, Timestamp::UNIX_EPOCH, zone);
        Subscription {
            title: plan.title().to_owned(),
            monthly: plan.monthly(),
            plan: Some(plan),
            zone,
            limits: known.map(|(span, limit)| (span, limit, fresh(span))).collect(),
        }
    }

    /// One that costs MONTHLY and of which no more is known.
    pub(super) fn supposed(monthly: Money, zone: &'a TimeZone) -> Self {
        let title = format!("${monthly} a month");
        Subscription { title, monthly, plan: None, zone, limits: Vec::new() }
    }

    /// Whether its limits are known.
    pub(super) fn is_limited(&self) -> bool {
        !self.limits.is_empty()
    }

    /// Take a request at MS with TOKENS, unless one of its windows is used up
    /// by then.
    pub(super) fn take(&mut self, ms: i64, tokens: u64) -> bool {
        let at = Timestamp::from_millisecond(ms).unwrap_or_default();
        for (span, _, counter) in &mut self.limits {
            if matches!(span, PlanSpan::Period(_)) && counter.is_over(ms) {
                *counter = Counter::new(*span, at, self.zone);
            }
        }
        if self.limits.iter().any(|(_, limit, counter)| counter.is_full(*limit, ms)) {
            return false;
        }
        self.limits.iter_mut().for_each(|(_, _, it)| it.count(ms, tokens, Money::ZERO));
        true
    }
}

/// How many months of a plan one would have paid in so many milliseconds: it
/// is sold by the whole month.
pub(super) fn months(ms: i64) -> u64 {
    let days = (ms.max(0) + DAY / 2) / DAY;
    // 28 to 31 days are one.
    u64::try_from(days - 1).unwrap_or(0).div_ceil(31).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{PlanWindow, Renewal};

    const HOUR: i64 = 3_600_000;

    fn plan(span: PlanSpan, limit: Limit) -> Plan {
        Plan {
            name: "p".into(),
            title: None,
            price: "20".parse().unwrap(),
            renews: Renewal::Monthly(1),
            covers: vec!["a".into()],
            api: true,
            windows: vec![PlanWindow { name: "w".into(), span, limit: Some(limit) }],
        }
    }

    fn taken(plan: &Plan, at: &[i64]) -> Vec<bool> {
        let zone = TimeZone::UTC;
        let mut subscription = Subscription::of(plan, &zone);
        at.iter().map(|hour| subscription.take(hour * HOUR, 10)).collect()
    }

    #[test]
    fn a_request_beyond_the_window_is_not_taken_and_does_not_count() {
        let five = plan(PlanSpan::Hours(5), Limit::Requests(2));
        assert_eq!(
            taken(&five, &[1, 2, 3, 5, 6, 7, 8]),
            [true, true, false, false, true, true, false]
        );
        let day = plan(PlanSpan::Period("day".parse().unwrap()), Limit::Tokens(15));
        assert_eq!(taken(&day, &[1, 2, 23, 24, 25, 26]), [true, true, false, true, true, false]);
    }

    #[test]
    fn a_plan_is_paid_by_the_whole_month() {
        let paid = |days: i64| months(days * DAY);
        assert_eq!([0, 1, 20, 28, 31, 32].map(paid), [1, 1, 1, 1, 1, 1]);
        assert_eq!([59, 62, 90, 365].map(paid), [2, 2, 3, 12]);
    }
}
