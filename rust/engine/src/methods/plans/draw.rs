//! How credit is drawn on.

use llm_switch_types::{Credit, Money};

/// What is left of a credit while time goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Purse<'a> {
    pub(super) credit: &'a Credit,
    /// The first moment at which it is there.
    pub(super) from: i64,
    /// The first at which it is gone, if it ever is.
    pub(super) until: Option<i64>,
    pub(super) left: Money,
    pub(super) drawn: Money,
}

impl Purse<'_> {
    fn is_there(&self, at: i64) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// The moments at which something changes for PURSES and by what the user
/// ENTERED, up to NOW, ascending.
pub(super) fn edges(purses: &[Purse], entered: Option<i64>, now: i64) -> Vec<i64> {
    let first = purses.iter().map(|purse| purse.from).min().unwrap_or(now);
    let own = purses.iter().flat_map(|purse| [Some(purse.from), purse.until]).flatten();
    let mut edges: Vec<_> =
        own.chain(entered).filter(|at| (first..now).contains(at)).chain([now]).collect();
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Draw what was SPENT between each two of EDGES on PURSES. What the user
/// ENTERED is what all of them hold together at that moment.
pub(super) fn draw(
    purses: &mut [Purse],
    entered: Option<(i64, Money)>,
    edges: &[i64],
    spent: &[Money],
) {
    for (at, spent) in edges.iter().zip(spent) {
        if let Some((_, amount)) = entered.filter(|(moment, _)| moment == at) {
            fill(&mut there(purses, *at), amount);
        }
        pay(&mut there(purses, *at), *spent);
    }
    let now = edges.last().copied().unwrap_or_default();
    if let Some((_, amount)) = entered.filter(|(moment, _)| *moment == now) {
        fill(&mut there(purses, now), amount);
    }
    for purse in purses.iter_mut().filter(|purse| !purse.is_there(now)) {
        purse.left = Money::ZERO;
    }
}

/// The PURSES that are there AT a moment, in the order in which a service
/// draws on them: what expires first, then what was bought first.
fn there<'p, 'a>(purses: &'p mut [Purse<'a>], at: i64) -> Vec<&'p mut Purse<'a>> {
    let mut there: Vec<_> = purses.iter_mut().filter(|purse| purse.is_there(at)).collect();
    there.sort_by_key(|purse| (purse.until.unwrap_or(i64::MAX), purse.from));
    there
}

/// Take SPENT from PURSES. What none of them holds is owed by the last one, so
/// that one sees that a figure is wrong.
fn pay(purses: &mut [&mut Purse], spent: Money) {
    let last = purses.len().saturating_sub(1);
    let mut rest = spent;
    for (index, purse) in purses.iter_mut().enumerate() {
        let most = if index == last { rest } else { purse.left.max(Money::ZERO) };
        let taken = rest.min(most);
        purse.left = purse.left.saturating_sub(taken);
        purse.drawn = purse.drawn.saturating_add(taken);
        rest = rest.saturating_sub(taken);
    }
}

/// Spread AMOUNT over PURSES so that those which are drawn on last are full.
fn fill(purses: &mut [&mut Purse], amount: Money) {
    let mut rest = amount;
    for (index, purse) in purses.iter_mut().enumerate().rev() {
        purse.left = if index == 0 { rest } else { rest.min(purse.credit.bought) };
        rest = rest.saturating_sub(purse.left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn credit(bought: i64) -> Credit {
        Credit {
            name: "c".into(),
            account: "a".into(),
            bought: Money::from_pico(bought),
            on: date(2026, 11, 1),
            expires: None,
        }
    }

    fn purse(credit: &Credit, from: i64, until: Option<i64>) -> Purse<'_> {
        Purse { credit, from, until, left: credit.bought, drawn: Money::ZERO }
    }

    fn left(purses: &[Purse]) -> Vec<i64> {
        purses.iter().map(|purse| purse.left.pico()).collect()
    }

    fn run(purses: &mut [Purse], entered: Option<(i64, i64)>, spent: &[i64]) -> Vec<i64> {
        let entered = entered.map(|(at, pico)| (at, Money::from_pico(pico)));
        let edges = edges(purses, entered.map(|(at, _)| at), 100);
        let spent: Vec<_> = spent.iter().copied().map(Money::from_pico).collect();
        assert_eq!(edges.len(), spent.len() + 1, "{edges:?}");
        draw(purses, entered, &edges, &spent);
        left(purses)
    }

    #[test]
    fn what_expires_first_is_drawn_on_first() {
        let ten = credit(10);
        let mut purses = [purse(&ten, 0, None), purse(&ten, 20, Some(200))];
        assert_eq!(
            run(&mut purses, None, &[3, 12]),
            [5, 0],
            "3 of the first, then all of the second"
        );
        assert_eq!(purses[0].drawn.pico(), 5);
    }

    #[test]
    fn what_is_expired_is_gone_and_pays_nothing() {
        let ten = credit(10);
        let mut purses = [purse(&ten, 0, Some(50)), purse(&ten, 0, None)];
        assert_eq!(run(&mut purses, None, &[4, 6]), [0, 4]);
    }

    #[test]
    fn more_than_there_was_is_seen_as_debt() {
        let ten = credit(10);
        assert_eq!(run(&mut [purse(&ten, 0, None)], None, &[12]), [-2]);
    }

    #[test]
    fn a_figure_that_is_entered_replaces_the_count_and_is_counted_down() {
        let ten = credit(10);
        let one = &mut [purse(&ten, 0, None)];
        assert_eq!(run(one, Some((40, 7)), &[9, 2]), [5]);
        let two = &mut [purse(&ten, 0, Some(200)), purse(&ten, 0, None)];
        assert_eq!(run(two, Some((40, 12)), &[1, 3]), [0, 9], "2 and 10, then 3 less");
        let later = &mut [purse(&ten, 0, None), purse(&ten, 60, None)];
        assert_eq!(run(later, Some((40, 7)), &[9, 2, 1]), [4, 10], "bought after it was entered");
    }
}
