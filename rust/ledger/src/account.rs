//! What was last seen of each account: how much of its allowances is left,
//! and how much money.

use crate::command::Seen;
use crate::dimension::{Dimension, clip};
use crate::recorder::{Recorder, pico};
use llm_switch_types::{Amount, Balance, Money, Purse, Window};
use rusqlite::{Connection, Result, Row, params};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was last seen of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountState {
    /// Each allowance: first those of the account as a whole, then those of
    /// its models.
    pub windows: Vec<SeenWindow>,
    /// What was left when its service was last asked, if it ever was.
    pub balance: Option<SeenBalance>,
    /// What the user last said is left, if that was ever said.
    pub entered: Option<Entered>,
}

/// What was left on an account according to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entered {
    /// How much.
    pub remaining: Money,
    /// When that was said, in Unix milliseconds (UTC).
    pub at: i64,
}

/// An allowance, as it was last told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SeenWindow {
    /// The model that it is for; `None` where it is the whole account's.
    pub model: Option<String>,
    /// What is counted, and how much of it is left.
    #[serde(flatten)]
    pub window: Window,
    /// When that was told, in Unix milliseconds (UTC).
    pub seen_at: i64,
}

/// What was left on an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SeenBalance {
    /// One for each unit.
    pub purses: Vec<Purse>,
    /// When that was told, in Unix milliseconds (UTC).
    pub seen_at: i64,
}

/// After so long nothing that was told is true any more: the longest windows
/// are months. It also bounds what a service's nonsense can fill.
const STALE_MS: i64 = 35 * 24 * 3_600_000;

/// Records WINDOWS as they were SEEN.
pub(crate) fn see_windows(recorder: &mut Recorder, seen: &Seen, windows: &[Window]) -> Result<()> {
    let account = recorder.number(Dimension::Account, &seen.account)?;
    let model = recorder.optional_number(Dimension::Model, seen.model.as_deref())?.unwrap_or(0);
    let stale = "DELETE FROM account_window WHERE account = ?1 AND seen_at < ?2";
    let transaction = recorder.transaction;
    transaction.prepare_cached(stale)?.execute([account, seen.at_ms.saturating_sub(STALE_MS)])?;
    let sql = "INSERT INTO account_window VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
               ON CONFLICT DO UPDATE
                  SET allowance = excluded.allowance, remaining = excluded.remaining,
                      resets_at = excluded.resets_at, seen_at = excluded.seen_at
                WHERE excluded.seen_at >= seen_at";
    let mut insert = transaction.prepare_cached(sql)?;
    for window in windows {
        insert.execute(params![
            account,
            if window.is_of_account() { 0 } else { model },
            clip(&window.name),
            window.limit.map(most),
            window.remaining.map(most),
            window.resets_at,
            seen.at_ms
        ])?;
    }
    Ok(())
}

/// What fits; no allowance comes near it.
fn most(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The figure that no service tells.
const ENTERED: &str = "entered";

/// Records that AMOUNT was left when it was SEEN by the user.
pub(crate) fn enter(recorder: &mut Recorder, seen: &Seen, amount: Money) -> Result<()> {
    let account = recorder.number(Dimension::Account, &seen.account)?;
    let sql = "INSERT INTO account_balance VALUES (?1, ?2, ?3, ?4, NULL, ?5)
               ON CONFLICT DO UPDATE SET pico = excluded.pico, seen_at = excluded.seen_at
                WHERE excluded.seen_at >= seen_at";
    let values = params![account, ENTERED, Amount::DOLLARS, pico(amount), seen.at_ms];
    recorder.transaction.prepare_cached(sql)?.execute(values).map(drop)
}

/// Records BALANCE as it was SEEN, instead of what stands there.
pub(crate) fn see_balance(recorder: &mut Recorder, seen: &Seen, balance: &Balance) -> Result<()> {
    see_windows(recorder, seen, &balance.limits.windows)?;
    let account = recorder.number(Dimension::Account, &seen.account)?;
    let transaction = recorder.transaction;
    transaction
        .prepare_cached("DELETE FROM account_balance WHERE account = ?1 AND figure <> ?2")?
        .execute(params![account, ENTERED])?;
    let sql = "INSERT OR REPLACE INTO account_balance VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let mut insert = transaction.prepare_cached(sql)?;
    for purse in &balance.purses {
        for (figure, amount) in figures(purse) {
            let (pico, number) = match amount {
                Amount::Dollars(money) => (Some(pico(*money)), None),
                Amount::Other { number, .. } => (None, Some(clip(number))),
            };
            let unit = clip(amount.unit());
            insert.execute(params![account, figure, unit, pico, number, seen.at_ms])?;
        }
    }
    Ok(())
}

fn figures(purse: &Purse) -> impl Iterator<Item = (&'static str, &Amount)> {
    let all = [("remaining", &purse.remaining), ("spent", &purse.spent), ("limit", &purse.limit)];
    all.into_iter().filter_map(|(name, amount)| Some((name, amount.as_ref()?)))
}

/// What was last seen of each account, by its name.
pub(crate) fn read(connection: &Connection) -> Result<BTreeMap<String, AccountState>> {
    // One view of the file, whatever is written meanwhile.
    let transaction = connection.unchecked_transaction()?;
    let mut accounts: BTreeMap<String, AccountState> = BTreeMap::new();
    read_windows(&transaction, &mut accounts)?;
    read_balances(&transaction, &mut accounts)?;
    Ok(accounts)
}

fn read_windows(
    connection: &Connection,
    accounts: &mut BTreeMap<String, AccountState>,
) -> Result<()> {
    let sql = "SELECT account.name, model.name, w.name, w.allowance, w.remaining, w.resets_at,
                      w.seen_at
                 FROM account_window w
                 JOIN account ON account.id = w.account
                 LEFT JOIN model ON model.id = w.model
                ORDER BY w.model, w.name";
    let mut rows = connection.prepare_cached(sql)?;
    for row in rows.query_map([], |row| Ok((row.get(0)?, window(row)?)))? {
        let (account, window): (String, _) = row?;
        accounts.entry(account).or_default().windows.push(window);
    }
    Ok(())
}

fn window(row: &Row) -> Result<SeenWindow> {
    let window = Window {
        name: row.get(2)?,
        limit: row.get(3)?,
        remaining: row.get(4)?,
        resets_at: row.get(5)?,
    };
    Ok(SeenWindow { model: row.get(1)?, window, seen_at: row.get(6)? })
}

fn read_balances(
    connection: &Connection,
    accounts: &mut BTreeMap<String, AccountState>,
) -> Result<()> {
    let sql = "SELECT account.name, b.figure, b.unit, b.pico, b.number, b.seen_at
                 FROM account_balance b JOIN account ON account.id = b.account
                ORDER BY b.unit";
    let mut rows = connection.prepare_cached(sql)?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let state = accounts.entry(row.get(0)?).or_default();
        let seen_at = row.get(5)?;
        if row.get_ref(1)?.as_str()? == ENTERED {
            let remaining = Money::from_pico(row.get(3)?);
            state.entered = Some(Entered { remaining, at: seen_at });
            continue;
        }
        let none = || SeenBalance { purses: Vec::new(), seen_at };
        put(state.balance.get_or_insert_with(none), row)?;
    }
    Ok(())
}

/// Puts the figure in ROW into the purse of its unit.
fn put(balance: &mut SeenBalance, row: &Row) -> Result<()> {
    let (figure, unit): (String, String) = (row.get(1)?, row.get(2)?);
    let amount = match row.get::<_, Option<i64>>(3)? {
        Some(pico) => Amount::Dollars(Money::from_pico(pico)),
        None => Amount::Other { number: row.get(4)?, unit },
    };
    let at = balance
        .purses
        .iter()
        .position(|purse| figures(purse).any(|it| it.1.unit() == amount.unit()));
    let at = at.unwrap_or_else(|| {
        balance.purses.push(Purse::default());
        balance.purses.len() - 1
    });
    let purse = &mut balance.purses[at];
    match figure.as_str() {
        "remaining" => purse.remaining = Some(amount),
        "spent" => purse.spent = Some(amount),
        _ => purse.limit = Some(amount),
    }
    Ok(())
}
