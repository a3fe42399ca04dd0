//! A subscription: paid anyway, and used up by the window.

use crate::calendar::{self, Edge};
use crate::{Limit, Money, Origin, Period};
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
    /// Where it is written.
    pub origin: Origin,
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
