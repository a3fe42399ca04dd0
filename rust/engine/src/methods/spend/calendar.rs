//! Days, weeks and months as the user has them.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use llm_switch_types::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A time zone, and the day on which weeks begin.
#[derive(Clone, Debug)]
pub(in crate::methods) struct Calendar {
    pub(in crate::methods) zone: TimeZone,
    pub(in crate::methods) week_start: Weekday,
}

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::methods) enum Unit {
    Hour,
    Day,
    Week,
    Month,
    Year,
    /// All that was ever spent.
    All,
}

/// No chart and no table shows more than these.
const MOST_EDGES: usize = 2_000;

impl Calendar {
    /// The UNIT around NOW, or the one so many BACK, in Unix milliseconds.
    /// Its end is the calendar's, not now.
    ///
    /// # Errors
    /// For what lies outside of the calendar.
    pub(in crate::methods) fn span(&self, unit: Unit, back: u32, now: i64) -> Result<Range<i64>> {
        if unit == Unit::All {
            return Ok(0..now.saturating_add(1));
        }
        let first = self.first(unit, self.zoned(now)?).map_err(outside)?;
        let back = i64::from(back);
        let start = self.add(unit, &first, -back).map_err(outside)?;
        let end = self.add(unit, &first, 1 - back).map_err(outside)?;
        Ok(milliseconds(&start)..milliseconds(&end))
    }

    /// The edges of SPAN and those of each UNIT inside, ascending.
    ///
    /// # Errors
    /// When there are too many.
    pub(in crate::methods) fn edges(&self, unit: Unit, span: &Range<i64>) -> Result<Vec<i64>> {
        let mut edges = vec![span.start];
        if unit != Unit::All {
            let mut next = self.first(unit, self.zoned(span.start)?).map_err(outside)?;
            while milliseconds(&next) < span.end && edges.len() <= MOST_EDGES {
                if milliseconds(&next) > span.start {
                    edges.push(milliseconds(&next));
                }
                next = self.add(unit, &next, 1).map_err(outside)?;
            }
        }
        edges.push(span.end);
        match edges.len() <= MOST_EDGES {
            true => Ok(edges),
            false => Err(wrong("the span is too long to be shown in such small steps")),
        }
    }

    /// The first moment of DATE.
    ///
    /// # Errors
    /// For what lies outside of the calendar.
    pub(in crate::methods) fn start_of(&self, date: Date) -> Result<i64> {
        date.to_zoned(self.zone.clone()).map(|it| milliseconds(&it)).map_err(outside)
    }

    /// What the clocks show at MS.
    ///
    /// # Errors
    /// For what lies outside of the calendar.
    pub(in crate::methods) fn zoned(&self, ms: i64) -> Result<Zoned> {
        Timestamp::from_millisecond(ms).map(|at| at.to_zoned(self.zone.clone())).map_err(outside)
    }

    /// The beginning of the UNIT around AT.
    fn first(&self, unit: Unit, at: Zoned) -> std::result::Result<Zoned, jiff::Error> {
        let date = at.date();
        let date = match unit {
            // Whole hours are the same in summer and winter time.
            Unit::Hour => {
                let past = i64::from(at.minute()) * 60 + i64::from(at.second());
                let whole = at.checked_sub(past.seconds())?;
                return whole.checked_sub(i64::from(at.subsec_nanosecond()).nanoseconds());
            }
            Unit::Day | Unit::All => date,
            Unit::Week => {
                date.checked_sub(i64::from(date.weekday().since(self.week_start)).days())?
            }
            Unit::Month => date.first_of_month(),
            Unit::Year => date.first_of_year(),
        };
        date.to_zoned(self.zone.clone())
    }

    /// The beginning of a UNIT, so many COUNT later. Through the date, for a
    /// day has 23 to 25 hours and may begin at one o'clock.
    fn add(&self, unit: Unit, at: &Zoned, count: i64) -> std::result::Result<Zoned, jiff::Error> {
        let step = match unit {
            Unit::Hour => return at.checked_add(count.hours()),
            Unit::Day | Unit::All => count.days(),
            Unit::Week => count.weeks(),
            Unit::Month => count.months(),
            Unit::Year => count.years(),
        };
        at.date().checked_add(step)?.to_zoned(self.zone.clone())
    }
}

fn milliseconds(at: &Zoned) -> i64 {
    at.timestamp().as_millisecond()
}

fn outside(error: jiff::Error) -> Error {
    wrong(format!("this time is not in the calendar ({error})"))
}

/// The user, or Lisp, asked for WHAT cannot be.
pub(in crate::methods) fn wrong(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn calendar(zone: &str) -> Calendar {
        Calendar { zone: TimeZone::get(zone).unwrap(), week_start: Weekday::Monday }
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn days_have_as_many_hours_as_the_clocks_say() {
        let berlin = calendar("Europe/Berlin");
        for (noon, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-20", 24)] {
            let day = berlin.span(Unit::Day, 0, ms(&format!("{noon}T12:00Z"))).unwrap();
            assert_eq!((day.end - day.start) / HOUR, hours, "{noon}");
            assert_eq!(berlin.edges(Unit::Hour, &day).unwrap().len() as i64, hours + 1, "{noon}");
        }
    }

    #[test]
    fn a_day_that_has_no_midnight_begins_later() {
        let day = calendar("America/Santiago").span(Unit::Day, 0, ms("2026-09-06T12:00Z")).unwrap();
        assert_eq!((day.start, day.end - day.start), (ms("2026-09-06T04:00Z"), 23 * HOUR));
    }

    #[test]
    fn weeks_begin_on_the_day_that_is_asked_for() {
        let monday = calendar("UTC");
        let sunday = Calendar { week_start: Weekday::Sunday, ..monday.clone() };
        let now = ms("2026-11-20T08:00Z"); // a Friday
        assert_eq!(monday.span(Unit::Week, 0, now).unwrap().start, ms("2026-11-16T00:00Z"));
        assert_eq!(sunday.span(Unit::Week, 0, now).unwrap().start, ms("2026-11-15T00:00Z"));
        assert_eq!(monday.span(Unit::Week, 1, now).unwrap().end, ms("2026-11-16T00:00Z"));
    }

    #[test]
    fn units_follow_each_other_without_gap_or_overlap() {
        let now = ms("2026-03-31T23:45Z");
        for zone in ["Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"] {
            let calendar = calendar(zone);
            for unit in [Unit::Day, Unit::Week, Unit::Month, Unit::Year] {
                assert!(calendar.span(unit, 0, now).unwrap().contains(&now), "{zone} {unit:?}");
                for back in 0..40 {
                    let later = calendar.span(unit, back, now).unwrap();
                    let earlier = calendar.span(unit, back + 1, now).unwrap();
                    assert_eq!(earlier.end, later.start, "{zone} {unit:?} {back}");
                }
            }
        }
    }

    #[test]
    fn edges_are_those_of_the_span_and_the_units_inside() {
        let kathmandu = calendar("Asia/Kathmandu");
        let span = ms("2026-11-20T00:10Z")..ms("2026-11-20T02:20Z");
        let minutes = |edges: Vec<i64>| -> Vec<i64> {
            edges.iter().map(|edge| (edge - span.start) / 60_000).collect()
        };
        // Their hours begin at a quarter past ours.
        assert_eq!(minutes(kathmandu.edges(Unit::Hour, &span).unwrap()), [0, 5, 65, 125, 130]);
        assert_eq!(minutes(kathmandu.edges(Unit::Month, &span).unwrap()), [0, 130]);
        assert!(kathmandu.edges(Unit::Hour, &(0..span.end)).is_err());
    }
}
