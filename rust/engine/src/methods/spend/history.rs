//! The last weeks, day by day.

use super::ask::Ask;
use super::calendar::{Calendar, Unit};
use super::forecast::{DayLeft, Forecast, PastDay, forecast, passes};
use super::table::Table;
use jiff::civil::Weekday;
use llm_switch_ledger::{Column, Filter, Ledger, Sums};
use llm_switch_types::{Money, Result};
use std::ops::Range;

/// Whole weeks, so that each weekday is there as often as the others.
const DAYS: u32 = 28;

/// What was spent on each day since the month began, or of the last four
/// weeks if that is longer, up to the end of today.
pub(super) struct History {
    calendar: Calendar,
    now: i64,
    /// One more than there are days.
    pub(super) edges: Vec<i64>,
    pub(super) days: Vec<Table>,
    /// When the first request of all was made.
    pub(super) first: i64,
}

impl History {
    /// As ASK has the days, by COLUMNS, of everything.
    ///
    /// # Errors
    /// Those of the ledger and the calendar.
    pub(super) fn read(ledger: &Ledger, ask: &Ask, columns: Vec<Column>) -> Result<History> {
        let calendar = ask.calendar.clone();
        let today = calendar.span(Unit::Day, 0, ask.now)?;
        let weeks_ago = calendar.span(Unit::Day, DAYS, ask.now)?.start;
        let month = calendar.span(Unit::Month, 0, ask.now)?.start;
        let edges = calendar.edges(Unit::Day, &(weeks_ago.min(month)..today.end))?;
        let series = ledger.series(&edges, &columns, &Filter::default())?;
        let days =
            series.into_iter().map(|groups| Table { columns: columns.clone(), groups }).collect();
        let first = ledger.first_ms()?.unwrap_or(ask.now);
        Ok(History { calendar, now: ask.now, edges, days, first })
    }

    /// What passes FILTER on each day.
    pub(super) fn sums(&self, filter: &Filter) -> Vec<Sums> {
        let sum = |day: &Table| day.passing(filter).map(|group| group.sums).sum();
        self.days.iter().map(sum).collect()
    }

    /// What SPENT will have become at UNTIL, for what passes FILTER.
    pub(super) fn forecast(&self, filter: &Filter, spent: Money, until: i64) -> Option<Forecast> {
        forecast(spent, &self.past(filter), &self.left(until).ok()?.1)
    }

    /// When more than LIMIT will have been spent before UNTIL: the beginning
    /// of that day, or now.
    pub(super) fn passes(
        &self,
        filter: &Filter,
        spent: Money,
        limit: Money,
        until: i64,
    ) -> Option<i64> {
        let (edges, left) = self.left(until).ok()?;
        passes(spent, limit, &self.past(filter), &left).map(|day| edges[day])
    }

    /// The days that are over, from the first whole one on that the ledger
    /// knows.
    fn past(&self, filter: &Filter) -> Vec<PastDay> {
        let days = self.edges.windows(2).zip(self.sums(filter));
        let known = days.filter(|(day, _)| day[0] >= self.first && day[1] <= self.now);
        let told = known
            .map(|(day, sums)| PastDay { cost: sums.cost, is_weekend: self.is_weekend(day[0]) });
        let all: Vec<_> = told.collect();
        all[all.len().saturating_sub(DAYS as usize)..].to_vec()
    }

    /// The days until UNTIL, with the rest of today, and when they begin.
    fn left(&self, until: i64) -> Result<(Vec<i64>, Vec<DayLeft>)> {
        let span = self.now..until.max(self.now);
        let edges = self.calendar.edges(Unit::Day, &span)?;
        let left = |day: &[i64]| {
            let Range { start, end } = self.calendar.span(Unit::Day, 0, day[0])?;
            let share = (day[1] - day[0]) as u64 * 1_000_000 / (end - start).max(1) as u64;
            Ok(DayLeft { is_weekend: self.is_weekend(day[0]), share })
        };
        let days = edges.windows(2).map(left).collect::<Result<_>>()?;
        Ok((edges, days))
    }

    fn is_weekend(&self, ms: i64) -> bool {
        let day = self.calendar.zoned(ms).map(|at| at.weekday());
        matches!(day, Ok(Weekday::Saturday | Weekday::Sunday))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use llm_switch_ledger::Group;

    const DOLLAR: i64 = 1_000_000_000_000;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    /// A dollar a day at each of two providers, of which one began lately.
    fn history(first: &str) -> History {
        let calendar = Calendar { zone: TimeZone::UTC, week_start: Weekday::Monday };
        let now = ms("2026-11-20T12:00Z");
        let span = ms("2026-10-23T00:00Z")..ms("2026-11-21T00:00Z");
        let edges = calendar.edges(Unit::Day, &span).unwrap();
        let group = |name: &str, cost| Group {
            names: vec![Some(name.to_owned())],
            sums: Sums { cost: Money::from_pico(cost), ..Sums::default() },
        };
        let day = |edge: &i64| Table {
            columns: vec![Column::Provider],
            groups: vec![
                group("old", DOLLAR),
                group("new", if *edge < now - 9 * 86_400_000 { 0 } else { DOLLAR }),
            ],
        };
        let days = edges[1..].iter().map(day).collect();
        History { calendar, now, edges, days, first: ms(first) }
    }

    #[test]
    fn the_rest_of_today_and_the_days_to_come_are_like_the_past() {
        let only_old = Filter::default().with(Column::Provider, Some("old"));
        let until = ms("2026-11-23T00:00Z");
        let told = history("2026-01-01T00:00Z").forecast(&only_old, Money::ZERO, until).unwrap();
        assert_eq!(told.expected, Money::from_pico(5 * DOLLAR / 2));
    }

    #[test]
    fn days_before_the_first_request_are_no_days_of_thrift() {
        let told = |first: &str| {
            let spent = Money::ZERO;
            history(first).forecast(&Filter::default(), spent, ms("2026-11-25T12:00Z"))
        };
        let known = told("2026-11-12T00:00Z").unwrap().expected;
        assert_eq!(known, Money::from_pico(10 * DOLLAR));
        assert!(told("2026-01-01T00:00Z").unwrap().expected < known);
        assert_eq!(told("2026-11-18T00:00Z"), None, "two whole days are too few");
    }

    #[test]
    fn a_limit_is_passed_at_the_beginning_of_a_day_or_now() {
        let only_old = Filter::default().with(Column::Provider, Some("old"));
        let passes = |spent: i64, limit: i64| {
            let money = |dollars| Money::from_pico(dollars * DOLLAR);
            let until = ms("2026-12-01T00:00Z");
            history("2026-01-01T00:00Z").passes(&only_old, money(spent), money(limit), until)
        };
        assert_eq!(passes(8, 10), Some(ms("2026-11-22T00:00Z")));
        assert_eq!(passes(10, 10), Some(ms("2026-11-20T12:00Z")));
        assert_eq!(passes(0, 100), None);
    }
}
