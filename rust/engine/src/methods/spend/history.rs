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
