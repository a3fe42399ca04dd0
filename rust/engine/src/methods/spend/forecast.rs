//! What a month will come to.

use llm_switch_types::Money;
use serde::Serialize;

/// A day that is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct PastDay {
    pub(super) cost: Money,
    pub(super) is_weekend: bool,
}

/// A day that is not over.
#[derive(Clone, Copy, Debug)]
pub(super) struct DayLeft {
    pub(super) is_weekend: bool,
    /// How much of it is left, in millionths.
    pub(super) share: u64,
}

/// What will have been spent when the days are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Forecast {
    /// The mean.
    pub(super) expected: Money,
    /// Eight of ten times it will be this or more…
    pub(super) low: Money,
    /// … and this or less.
    pub(super) high: Money,
}

/// Fewer days say nothing.
const FEWEST: usize = 3;
/// With fewer days of its kind, a day is taken to be like all others.
const FEWEST_OF_KIND: usize = 2;
const DRAWS: usize = 1_000;
const WHOLE: i128 = 1_000_000;

/// What SPENT will have become when the days LEFT are over, if they will be
/// like the PAST ones. `None` with fewer than three past days.
///
/// Weekends are compared with weekends and other days with other days. The
/// mean is that of the past days; the range is what comes out in eight of ten
/// of a thousand futures, in each of which every day left is one of the past
/// days drawn by lot (a bootstrap: nothing is assumed of how costs are
/// distributed, and one expensive day may come again or not). The lots are
/// the same each time, so that the figure moves only when the ledger does.
pub(super) fn forecast(spent: Money, past: &[PastDay], left: &[DayLeft]) -> Option<Forecast> {
    let lots = Lots::of(past)?;
    let expected = left.iter().map(|day| lots.mean(*day)).fold(spent, Money::saturating_add);
    let mut dice = fastrand::Rng::with_seed(1);
    let mut future = || -> Money {
        left.iter().map(|day| lots.draw(*day, &mut dice)).fold(spent, Money::saturating_add)
    };
    let mut futures: Vec<Money> = (0..DRAWS).map(|_| future()).collect();
    futures.sort_unstable();
    let (low, high) = (futures[DRAWS / 10], futures[DRAWS * 9 / 10]);
    // The mean of something that hardly ever happens is beyond most futures.
    Some(Forecast { expected, low: low.min(expected), high: high.max(expected) })
}

/// The number of days LEFT after which more than LIMIT will have been spent,
/// going by the mean; `None` when it will not be, or nothing can be said.
pub(super) fn passes(
    spent: Money,
    limit: Money,
    past: &[PastDay],
    left: &[DayLeft],
) -> Option<usize> {
    let lots = Lots::of(past)?;
    let mut sum = spent;
    left.iter().position(|day| {
        sum = sum.saturating_add(lots.mean(*day));
        sum > limit
    })
}

/// The past days by their kind.
struct Lots {
    weekend: Vec<Money>,
    other: Vec<Money>,
}

impl Lots {
    fn of(past: &[PastDay]) -> Option<Lots> {
        if past.len() < FEWEST {
            return None;
        }
        let of_kind = |weekend: bool| -> Vec<Money> {
            let all = || past.iter().filter(|day| day.is_weekend == weekend).map(|day| day.cost);
            match all().count() < FEWEST_OF_KIND {
                true => past.iter().map(|day| day.cost).collect(),
                false => all().collect(),
            }
        };
        Some(Lots { weekend: of_kind(true), other: of_kind(false) })
    }

    fn like(&self, day: DayLeft) -> &[Money] {
        if day.is_weekend { &self.weekend } else { &self.other }
    }

    fn mean(&self, day: DayLeft) -> Money {
        let like = self.like(day);
        let sum: i128 = like.iter().map(|cost| i128::from(cost.pico())).sum();
        part(sum / like.len() as i128, day.share)
    }

    fn draw(&self, day: DayLeft, dice: &mut fastrand::Rng) -> Money {
        let like = self.like(day);
        part(i128::from(like[dice.usize(..like.len())].pico()), day.share)
    }
}

fn part(pico: i128, share: u64) -> Money {
    Money::from_pico(i64::try_from(pico * i128::from(share) / WHOLE).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOLLAR: i64 = 1_000_000_000_000;

    fn dollars(amount: i64) -> Money {
        Money::from_pico(amount * DOLLAR)
    }

    fn past(costs: impl IntoIterator<Item = i64>) -> Vec<PastDay> {
        let day = |(at, cost)| PastDay { cost: dollars(cost), is_weekend: at % 7 > 4 };
        costs.into_iter().enumerate().map(day).collect()
    }

    fn left(days: usize) -> Vec<DayLeft> {
        (0..days).map(|at| DayLeft { is_weekend: at % 7 > 4, share: 1_000_000 }).collect()
    }

    #[test]
    fn of_constant_days_the_future_is_certain() {
        let told = forecast(dollars(5), &past([2; 28]), &left(10)).unwrap();
        assert_eq!((told.low, told.expected, told.high), (dollars(25), dollars(25), dollars(25)));
    }

    #[test]
    fn of_nothing_spent_nothing_comes() {
        let told = forecast(Money::ZERO, &past([0; 28]), &left(10)).unwrap();
        assert_eq!((told.low, told.high), (Money::ZERO, Money::ZERO));
    }

    #[test]
    fn the_first_days_say_nothing() {
        assert_eq!(forecast(dollars(5), &[], &left(10)), None);
        assert_eq!(forecast(dollars(5), &past([9, 9]), &left(10)), None);
        assert!(forecast(dollars(5), &past([9, 9, 9]), &left(10)).is_some());
    }

    #[test]
    fn one_expensive_day_may_come_again_or_not() {
        let mut days = past([1; 28]);
        days[2].cost = dollars(101);
        let told = forecast(Money::ZERO, &days, &left(10)).unwrap();
        // Eight working days of six dollars and two others of one.
        assert_eq!(told.expected, dollars(50));
        assert_eq!(told.low, dollars(10), "it does not come again");
        assert_eq!(told.high, dollars(110), "it does, once");
    }

    #[test]
    fn weekends_are_like_weekends() {
        let days: Vec<PastDay> = past((0..28).map(|at| if at % 7 > 4 { 0 } else { 10 }));
        let told = forecast(Money::ZERO, &days, &left(7)).unwrap();
        assert_eq!((told.low, told.high), (dollars(50), dollars(50)));
    }

    #[test]
    fn of_today_only_the_rest_is_to_come() {
        let half = [DayLeft { is_weekend: false, share: 500_000 }];
        let told = forecast(dollars(3), &past([2; 7]), &half).unwrap();
        assert_eq!(told.expected, dollars(4));
    }

    #[test]
    fn a_limit_is_passed_on_the_day_on_which_the_mean_passes_it() {
        let days = past([2; 28]);
        assert_eq!(passes(dollars(5), dollars(10), &days, &left(10)), Some(2));
        assert_eq!(passes(dollars(5), dollars(25), &days, &left(10)), None);
        assert_eq!(passes(dollars(5), dollars(6), &days, &left(10)), Some(0));
    }

    #[test]
    fn the_same_days_give_the_same_figures() {
        let days = past((0..28).map(|at| at * at % 17));
        assert_eq!(forecast(dollars(1), &days, &left(20)), forecast(dollars(1), &days, &left(20)));
    }
}
