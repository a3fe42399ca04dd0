//! The time within which something counts.

use crate::calendar::{self, Edge};
use jiff::{Timestamp, civil::Time, civil::Weekday, tz::TimeZone};
use std::{fmt, ops::Range, str::FromStr};

/// The time within which something counts, on the user's own clock.
///
/// The consecutive spans of a calendar period tile time: each instant is in
/// exactly one of them, whatever the clocks do.
///
/// * A start that does not exist (clocks go forward over it) is as much later
///   as the clocks moved: 02:30 is then 03:30. One that exists twice is the
///   first of the two.
/// * A day of a daylight-saving change has 23 or 25 hours and one budget.
/// * Zones of :30 and :45 have their own full hours. The ledger's sums are by
///   hours of UTC; it sums the requests at the edges one by one, to the
///   millisecond, so that a span is exact in every zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A full hour of the user's clock.
    Hour,
    /// A day that begins at this time.
    Day {
        /// When it begins.
        at: Time,
    },
    /// A week that begins on this day at this time.
    Week {
        /// On which day it begins.
        on: Weekday,
        /// When it begins.
        at: Time,
    },
    /// A month that begins on this day at this time; a month that lacks the
    /// day begins on its last.
    Month {
        /// On which day it begins: 1 to 31.
        day: i8,
        /// When it begins.
        at: Time,
    },
    /// The last so many days of 24 hours, from the full hour of UTC.
    Rolling {
        /// How many days.
        days: u16,
    },
    /// For ever.
    Total,
}

/// The most days that a rolling period can have: ten years.
pub const LONGEST_ROLLING: u16 = 3_660;

impl Period {
    /// The span that AT is in, on a clock in ZONE: from its start to just
    /// before its end.
    ///
    /// A rolling span ends a millisecond after AT, since the ledger's times
    /// are whole ones, and what was recorded while the clock stood later than
    /// AT is not in it. Who spends money passes the latest time that is known
    /// to have been, so that a clock that is set back frees nothing.
    pub fn span(self, at: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
        match self {
            Self::Hour => calendar::hour(at, zone),
            Self::Day { at: time } => calendar::span(Edge::Day, time, at, zone),
            Self::Week { on, at: time } => calendar::span(Edge::Week(on), time, at, zone),
            Self::Month { day, at: time } => calendar::span(Edge::Month(day), time, at, zone),
            Self::Rolling { days } => calendar::rolling(days, at),
            Self::Total => Timestamp::UNIX_EPOCH..Timestamp::MAX,
        }
    }

    /// When the count begins anew; `None` where it never does at once: a
    /// rolling period forgets hour by hour.
    pub fn resets_at(self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Rolling { .. } | Self::Total => None,
            _ => Some(self.span(at, zone).end),
        }
    }
}

/// As the configuration writes it, without its start.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hour => f.write_str("hour"),
            Self::Day { .. } => f.write_str("day"),
            Self::Week { .. } => f.write_str("week"),
            Self::Month { .. } => f.write_str("month"),
            Self::Rolling { days } => write!(f, "rolling:{days}d"),
            Self::Total => f.write_str("total"),
        }
    }
}

/// `hour`, `day`, `week`, `month`, `rolling:30d` or `total`, with the usual
/// start: midnight, Monday, the first.
impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Period, String> {
        let midnight = Time::midnight();
        match text {
            "hour" => Ok(Self::Hour),
            "day" => Ok(Self::Day { at: midnight }),
            "week" => Ok(Self::Week { on: Weekday::Monday, at: midnight }),
            "month" => Ok(Self::Month { day: 1, at: midnight }),
            "total" => Ok(Self::Total),
            _ => read_rolling(text),
        }
    }
}

fn read_rolling(text: &str) -> Result<Period, String> {
    let Some(days) = text.strip_prefix("rolling:") else {
        return Err(format!(
            "{text:?} is no window: write \"hour\", \"day\", \"week\", \"month\", \
             \"rolling:30d\" or \"total\""
        ));
    };
    let days = days.strip_suffix('d').and_then(|days| days.parse().ok());
    let days = days.filter(|days| (1..=LONGEST_ROLLING).contains(days)).ok_or_else(|| {
        format!("{text:?} is no window: write \"rolling:30d\", with 1 to {LONGEST_ROLLING} days")
    })?;
    Ok(Period::Rolling { days })
}
