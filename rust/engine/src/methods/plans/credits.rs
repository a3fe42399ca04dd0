//! What was paid beforehand, and what is left of it.

use super::draw::{Purse, draw, edges};
use crate::setup::{Account, Setup};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Date};
use llm_switch_ledger::{AccountState, Column, Entered, Filter, Ledger, Sums};
use llm_switch_types::{Credit, Money, Payer, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400_000;

/// How far back the pace is taken from.
const PACE_DAYS: i64 = 14;

/// What is known when credits are told.
pub(super) struct Books<'a> {
    pub(super) setup: &'a Setup,
    pub(super) ledger: &'a Ledger,
    pub(super) seen: &'a BTreeMap<String, AccountState>,
    pub(super) now: i64,
    /// When the first request of all was made.
    pub(super) first: i64,
}

impl Books<'_> {
    /// A row for each credit, and one for each account without any of which
    /// it is known what is left.
    pub(super) fn rows(&self) -> Result<Vec<Value>> {
        let credits = self.setup.credits.values().map(|credit| credit.account.as_str());
        let known = self.seen.iter().filter(|(_, it)| it.entered.is_some() || has_purse(it));
        let known = known.map(|(name, _)| name.as_str());
        let names: BTreeSet<&str> = credits.chain(known).collect();
        let accounts = names.into_iter().filter_map(|name| self.setup.accounts.get(name));
        let rows: Result<Vec<_>> = accounts.map(|account| self.of_account(account)).collect();
        Ok(rows?.into_iter().flatten().collect())
    }

    fn of_account(&self, account: &Account) -> Result<Vec<Value>> {
        let nothing = AccountState::default();
        let state = self.seen.get(&account.name).unwrap_or(&nothing);
        let own = self.setup.credits.values().filter(|it| it.account == account.name);
        let mut purses: Vec<_> = own.map(|credit| self.purse(credit)).collect();
        let entered = state.entered.map(|it| (it.at, it.remaining));
        let edges = edges(&purses, entered.map(|(at, _)| at), self.now);
        let (spent, unknown) = self.spent(account, &edges)?;
        draw(&mut purses, entered, &edges, &spent);
        let mut shared = self.shared(account, state, &purses)?;
        shared["unpriced"] = json!(unknown);
        if purses.is_empty() {
            return Ok(vec![shared]);
        }
        let row = |purse: &Purse| joined(self.row(purse), shared.clone());
        Ok(purses.iter().map(row).collect())
    }

    fn purse<'c>(&self, credit: &'c Credit) -> Purse<'c> {
        let zone = &self.setup.time_zone;
        Purse {
            from: start_of(credit.on, zone),
            until: credit.expires.map(|date| start_of(date, zone)),
            left: credit.bought,
            drawn: Money::ZERO,
            credit,
        }
    }

    /// What ACCOUNT spent between each two of EDGES without its fee on credit,
    /// and how many of its attempts cost an amount that is not known.
    fn spent(&self, account: &Account, edges: &[i64]) -> Result<(Vec<Money>, u64)> {
        let filter = Filter::default()
            .with(Column::Account, Some(&account.name))
            .with(Column::Payer, Some(Payer::Metered.name()));
        let series = self.ledger.series(edges, &[], &filter)?;
        let sums: Vec<Sums> =
            series.into_iter().map(|groups| groups.into_iter().map(|it| it.sums).sum()).collect();
        let unknown = sums.iter().map(|it| it.unknown).sum();
        Ok((sums.iter().map(|it| account.fee.taken_off(it.cost)).collect(), unknown))
    }

    fn between(&self, account: &Account, from: i64) -> Result<Money> {
        let edges = [from.min(self.now), self.now];
        Ok(self.spent(account, &edges)?.0.into_iter().sum())
    }

    /// What a row of ACCOUNT has in common with its others.
    fn shared(&self, account: &Account, state: &AccountState, purses: &[Purse]) -> Result<Value> {
        let (left, source) = self.left(account, state, purses)?;
        let pace = self.pace(account)?;
        let empty = left.and_then(|left| empty_at(left, pace, self.now));
        let entered = state.entered;
        Ok(json!({
            "credit": null,
            "account": account.name,
            "told": state.balance.as_ref().filter(|it| !it.purses.is_empty()),
            "entered": entered,
            "left": left,
            "source": source,
            "pace": pace,
            "empty-at": empty,
            "empty": empty.and_then(|at| date_of(at, &self.setup.time_zone)),
            "asks": account.provider.balance.is_some(),
        }))
    }

    /// What is left on ACCOUNT by the newest figure, counted down since, and
    /// where that is from.
    fn left(
        &self,
        account: &Account,
        state: &AccountState,
        purses: &[Purse],
    ) -> Result<(Option<Money>, &'static str)> {
        // Credit that was bought after a figure was entered is not in it.
        let is_newer =
            |it: &Entered| purses.is_empty() || purses.iter().any(|purse| purse.from <= it.at);
        let entered = state.entered.filter(is_newer).map(|it| (it.at, it.remaining));
        let told = told(state).filter(|(at, _)| entered.is_none_or(|(other, _)| *at >= other));
        if let Some((at, amount)) = told {
            let spent = self.between(account, at)?;
            return Ok((Some(amount.saturating_sub(spent)), "told"));
        }
        let source = if entered.is_some() { "entered" } else { "counted" };
        if !purses.is_empty() {
            return Ok((Some(purses.iter().map(|purse| purse.left).sum()), source));
        }
        match entered {
            Some((at, amount)) => {
                let spent = self.between(account, at)?;
                Ok((Some(amount.saturating_sub(spent)), source))
            }
            None => Ok((None, "told")),
        }
    }

    /// What ACCOUNT spent a day lately.
    fn pace(&self, account: &Account) -> Result<Money> {
        let from = (self.now - PACE_DAYS * DAY).max(self.first);
        let days = (self.now - from).max(DAY);
        let pico = i128::from(self.between(account, from)?.pico()) * i128::from(DAY);
        Ok(Money::from_pico((pico / i128::from(days)).try_into().unwrap_or(i64::MAX)))
    }

    fn row(&self, purse: &Purse) -> Value {
        let Purse { credit, from, until, left, drawn } = purse;
        json!({
            "credit": credit.name,
            "bought": credit.bought,
            "on": credit.on.to_string(),
            "from": from,
            "expires": credit.expires.map(|date| date.to_string()),
            "expires-at": until,
            "expired": until.is_some_and(|until| until <= self.now),
            "spent": drawn,
            "remaining": left,
        })
    }
}

/// When LEFT is used up at PACE a day, in Unix milliseconds from NOW on.
fn empty_at(left: Money, pace: Money, now: i64) -> Option<i64> {
    if pace <= Money::ZERO {
        return None;
    }
    let left = i128::from(left.pico().max(0)) * i128::from(DAY);
    i64::try_from(left / i128::from(pace.pico())).ok()?.checked_add(now)
}

fn has_purse(state: &AccountState) -> bool {
    state.balance.as_ref().is_some_and(|balance| !balance.purses.is_empty())
}

/// What the service said is left, in dollars, and when.
fn told(state: &AccountState) -> Option<(i64, Money)> {
    let balance = state.balance.as_ref()?;
    let dollars = balance.purses.iter().find_map(|purse| purse.remaining.as_ref()?.dollars());
    Some((balance.seen_at, dollars?))
}

/// ROW with what SHARED has and it has not.
fn joined(mut row: Value, shared: Value) -> Value {
    if let (Some(row), Value::Object(shared)) = (row.as_object_mut(), shared) {
        for (name, value) in shared {
            row.entry(name).or_insert(value);
        }
    }
    row
}

fn start_of(date: Date, zone: &TimeZone) -> i64 {
    let midnight = zone.to_timestamp(date.at(0, 0, 0, 0));
    midnight.unwrap_or(Timestamp::MAX).as_millisecond()
}

/// The date of AT; `None` beyond the calendar.
pub(super) fn date_of(at: i64, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::from_millisecond(at).ok()?;
    Some(zone.to_datetime(at).date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_lasts_as_long_as_the_pace_says() {
        let dollars = |text: &str| text.parse::<Money>().unwrap();
        assert_eq!(empty_at(dollars("10"), dollars("0.5"), 0), Some(20 * DAY));
        assert_eq!(empty_at(dollars("-1"), dollars("0.5"), 7), Some(7), "it is empty now");
        assert_eq!(empty_at(dollars("10"), Money::ZERO, 0), None);
        assert_eq!(empty_at(Money::from_pico(i64::MAX), Money::from_pico(1), 0), None);
    }

    #[test]
    fn credit_begins_with_the_day_as_the_user_has_it() {
        let zone = TimeZone::get("Asia/Kathmandu").unwrap();
        let day = "2026-11-01".parse().unwrap();
        let start = start_of(day, &zone);
        assert_eq!(Timestamp::from_millisecond(start).unwrap().to_string(), "2026-10-31T18:15:00Z");
        assert_eq!(date_of(start, &zone).unwrap(), "2026-11-01");
    }
}
