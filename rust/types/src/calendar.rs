//! Where the days, weeks and months of a clock begin.

use jiff::{
    SignedDuration, Span, Timestamp, ToSpan,
    civil::{Date, Time, Weekday},
    tz::{self, TimeZone},
};
use std::ops::Range;

const HOUR: i64 = 3_600;

/// What begins at an edge.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edge {
    Day,
    Week(Weekday),
    /// On this day, or on the last of a month that lacks it.
    Month(i8),
    /// On the anniversaries of this date.
    Year(Date),
}

/// The span between two edges at TIME of day that AT is in.
///
/// The edges around AT are computed and compared as instants, rather than
/// the date of AT: what clocks show can repeat and leap, instants only grow.
pub(crate) fn span(edge: Edge, time: Time, at: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
    let date = zone.to_datetime(at).date();
    let edges = (-2..=2).map(|step| instant(edge.date(date, step), time, zone));
    let (past, next): (Vec<_>, Vec<_>) = edges.partition(|edge| *edge <= at);
    let start = past.into_iter().max().unwrap_or(Timestamp::MIN);
    start..next.into_iter().min().unwrap_or(Timestamp::MAX)
}

impl Edge {
    /// The date of the edge so many STEPs after the one that is due about DATE.
    fn date(self, date: Date, step: i32) -> Date {
        match self {
            Self::Day => date.saturating_add(step.days()),
            Self::Week(on) => {
                let since = i32::from(date.weekday().since(on));
                date.saturating_add((7 * step - since).days())
            }
            Self::Month(day) => on_day(date.first_of_month().saturating_add(step.months()), day),
            Self::Year(first) => {
                let years = date.year() - first.year();
                first.saturating_add(Span::new().years(i32::from(years) + step))
            }
        }
    }
}

/// DAY of the month that FIRST begins, or its last.
fn on_day(first: Date, day: i8) -> Date {
    let day = day.clamp(1, first.days_in_month());
    first.saturating_add((i32::from(day) - 1).days())
}

/// When the clocks in ZONE show TIME on DATE.
fn instant(date: Date, time: Time, zone: &TimeZone) -> Timestamp {
    let limit = if date.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    zone.to_timestamp(date.to_datetime(time)).unwrap_or(limit)
}

/// The full hour that AT is in. Where the clocks move to another minute, the
/// hours beside that moment are as much shorter.
pub(crate) fn hour(at: Timestamp, zone: &TimeZone) -> Range<Timestamp> {
    let offset = i64::from(zone.to_offset(at).seconds());
    let (now, second) = (second_of(at), Timestamp::from_second);
    let start = now - (now + offset).rem_euclid(HOUR);
    let full =
        second(start).unwrap_or(Timestamp::MIN)..second(start + HOUR).unwrap_or(Timestamp::MAX);
    let moved = |moment: Option<tz::TimeZoneTransition<'_>>| moment.map(|it| it.timestamp());
    let before = moved(zone.preceding(full.end).find(|it| it.timestamp() <= at));
    let after = moved(zone.following(at).next());
    let start = before.map_or(full.start, |moment| moment.max(full.start));
    start..after.map_or(full.end, |moment| moment.min(full.end))
}

/// The last DAYS days of 24 hours, from the full hour of UTC, and AT itself.
pub(crate) fn rolling(days: u16, at: Timestamp) -> Range<Timestamp> {
    let start = second_of(at) - i64::from(days) * 24 * HOUR;
    let start = Timestamp::from_second(start - start.rem_euclid(HOUR));
    let end = at.checked_add(SignedDuration::from_millis(1));
    start.unwrap_or(Timestamp::MIN)..end.unwrap_or(Timestamp::MAX)
}

/// The second that AT is in, also before 1970.
fn second_of(at: Timestamp) -> i64 {
    at.as_duration().as_millis().div_euclid(1_000) as i64
}
