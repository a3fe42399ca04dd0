//! A subscription: paid anyway, and used up by the window.

use crate::calendar::{self, Edge};
use crate::{Limit, Money, Period};
use jiff::{Timestamp, civil::Date, civil::Time, tz::TimeZone};
use std::ops::Range;

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name in the configuration: `[a-z0-9-]+`.
    pub name: String,
    /// What it is called on the screen, where that is more than its name.
    pub title: Option<String>,
    /// What it costs each time that it renews.
    pub price: Money,
    /// When that is.
    pub renews: Renewal,
    /// The accounts whose use it pays.
    pub covers: Vec<String>,
    /// Whether it pays use of the service's API by other programs too. If
    /// not, it pays only what the service's own programs use.
    pub api: bool,
    /// What may be used within which time.
    pub windows: Vec<PlanWindow>,
}

/// When a subscription renews.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Each month on this day, 1 to 31, or the last that the month has.
    Monthly(i8),
    /// Each year on the anniversary of this date.
    Yearly(Date),
}

/// What a subscription lets one use within some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanWindow {
    /// What it is called on the screen: `5 h`, `week`.
    pub name: String,
    /// The time.
    pub span: PlanSpan,
    /// How much; `None` where the service does not tell, and one learns it
    /// from its answers.
    pub limit: Option<Limit>,
}

/// The time of a subscription's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanSpan {
    /// So many hours, from the first request that finds none running.
    Hours(u16),
    /// A period of the calendar, or a rolling one.
    Period(Period),
}

impl Plan {
    /// The title, or the name where there is none.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// What it comes to for a month, to the pico-dollar.
    pub fn monthly(&self) -> Money {
        match self.renews {
            Renewal::Monthly(_) => self.price,
            Renewal::Yearly(_) => Money::ratio(self.price.pico().into(), 12),
        }
    }

    /// From the last renewal to the next, at AT on a clock in ZONE.
    pub fn term(&self, at: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
        let edge = match self.renews {
            Renewal::Monthly(day) => Edge::Month(day),
            Renewal::Yearly(first) => Edge::Year(first),
        };
        calendar::span(edge, Time::midnight(), at, zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn plan(renews: Renewal) -> Plan {
        Plan {
            name: "max".into(),
            title: None,
            price: "100".parse().unwrap(),
            renews,
            covers: vec!["anthropic".into()],
            api: false,
            windows: Vec::new(),
        }
    }

    fn term(renews: Renewal, on: Date) -> [Date; 2] {
        let utc = TimeZone::UTC;
        let at = utc.to_timestamp(on.at(12, 0, 0, 0)).unwrap();
        let term = plan(renews).term(at, &utc);
        [term.start, term.end].map(|edge| utc.to_datetime(edge).date())
    }

    #[test]
    fn a_term_runs_from_renewal_to_renewal() {
        let monthly = Renewal::Monthly(31);
        assert_eq!(term(monthly, date(2026, 3, 1)), [date(2026, 2, 28), date(2026, 3, 31)]);
        let leap = Renewal::Yearly(date(2024, 2, 29));
        assert_eq!(term(leap, date(2026, 11, 20)), [date(2026, 2, 28), date(2027, 2, 28)]);
        assert_eq!(term(leap, date(2028, 2, 29)), [date(2028, 2, 29), date(2029, 2, 28)]);
    }

    #[test]
    fn a_yearly_price_is_a_twelfth_a_month() {
        assert_eq!(plan(Renewal::Monthly(1)).monthly().to_string(), "100");
        let yearly = plan(Renewal::Yearly(date(2026, 1, 1))).monthly();
        assert_eq!(yearly.to_string(), "8.333333333333");
    }
}
