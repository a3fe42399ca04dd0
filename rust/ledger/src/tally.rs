//! What the budgets of a scope have spent in a window.

use crate::dimension::{Dimension, Names};
use crate::rollup::Spend;
use crate::totals::{self, Place, Source};
use llm_switch_types::Scope;
use rusqlite::{Connection, OptionalExtension, Result, Transaction, params};
use std::ops::Range;

/// Sums that limits are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) requests: i64,
    pub(crate) tokens: i64,
    pub(crate) cost_pico: i64,
}

/// A scope as the file knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    /// A column of `spend`, or `global`.
    pub(crate) scope: &'static str,
    /// The number of its name there.
    pub(crate) number: i64,
}

impl Member {
    const GLOBAL: Member = Member { scope: "global", number: 0 };

    /// What SCOPE is in the file; its name gets a number if it has none.
    pub(crate) fn of(scope: &Scope, connection: &Connection, names: &mut Names) -> Result<Member> {
        let Some((dimension, name)) = dimension(scope) else { return Ok(Member::GLOBAL) };
        let number = names.number(connection, dimension, name)?;
        Ok(Member { scope: dimension.table(), number })
    }

    /// What SCOPE is in the file, if anything there bears its name.
    pub(crate) fn find(scope: &Scope, connection: &Connection) -> Result<Option<Member>> {
        let Some((dimension, name)) = dimension(scope) else { return Ok(Some(Member::GLOBAL)) };
        let number = dimension.find(connection, name)?;
        Ok(number.map(|number| Member { scope: dimension.table(), number }))
    }

    /// What to compare with its number, in rows whose columns COLUMN names.
    pub(crate) fn column(self, column: impl Fn(&str) -> String) -> String {
        if self == Member::GLOBAL { "0".to_owned() } else { column(self.scope) }
    }
}

fn dimension(scope: &Scope) -> Option<(Dimension, &str)> {
    match scope {
        Scope::Global => None,
        Scope::Provider(name) => Some((Dimension::Provider, name)),
        Scope::Account(name) => Some((Dimension::Account, name)),
        Scope::Model(name) => Some((Dimension::Model, name)),
        Scope::Route(name) => Some((Dimension::Route, name)),
        Scope::Project(name) => Some((Dimension::Project, name)),
        Scope::Client(name) => Some((Dimension::Client, name)),
    }
}

/// What MEMBER has spent in WINDOW, which is kept up from now on. NOW_MS tells
/// what nobody will ask for again.
pub(crate) fn spent(
    transaction: &Transaction,
    member: Member,
    window: &Range<i64>,
    now_ms: i64,
) -> Result<Sums> {
    if let Some(sums) = kept(transaction, member, window)? {
        return Ok(sums);
    }
    let sums = counted(transaction, member, window)?;
    prune(transaction, now_ms)?;
    let sql = "INSERT INTO tally (scope, member, starts, until, made, requests, tokens, cost_pico)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    transaction.prepare_cached(sql)?.execute(params![
        member.scope,
        member.number,
        window.start,
        window.end,
        now_ms,
        sums.requests,
        sums.tokens,
        sums.cost_pico
    ])?;
    Ok(sums)
}

/// What MEMBER has spent in WINDOW; nothing is written.
pub(crate) fn look(connection: &Connection, member: Member, window: &Range<i64>) -> Result<Sums> {
    match kept(connection, member, window)? {
        Some(sums) => Ok(sums),
        None => counted(connection, member, window),
    }
}

fn kept(connection: &Connection, member: Member, window: &Range<i64>) -> Result<Option<Sums>> {
    let sql = "SELECT requests, tokens, cost_pico FROM tally
                WHERE scope = ?1 AND member = ?2 AND starts = ?3 AND until = ?4";
    let key = params![member.scope, member.number, window.start, window.end];
    connection.prepare_cached(sql)?.query_row(key, read).optional()
}

fn counted(connection: &Connection, member: Member, window: &Range<i64>) -> Result<Sums> {
    let mut sums = Sums::default();
    for (source, piece) in totals::pieces(window.clone()) {
        let more = count_piece(connection, member, source, piece)?;
        sums.requests += more.requests;
        sums.tokens += more.tokens;
        sums.cost_pico += more.cost_pico;
    }
    Ok(sums)
}

fn count_piece(
    connection: &Connection,
    member: Member,
    source: Source,
    piece: Range<i64>,
) -> Result<Sums> {
    let Place { table, time, bounds } = source.place(piece);
    let column = member.column(str::to_owned);
    // The plus keeps SQLite from an index of the member: the time is narrower.
    let sql = format!(
        "SELECT ifnull(sum(requests), 0),
                ifnull(sum(input + cache_read + cache_write_5m + cache_write_1h + output), 0),
                ifnull(sum(cost_pico), 0)
           FROM {table} WHERE {time} >= ?1 AND {time} < ?2 AND +{column} = ?3"
    );
    let key = [bounds.start, bounds.end, member.number];
    connection.prepare_cached(&sql)?.query_row(key, read)
}

fn read(row: &rusqlite::Row) -> Result<Sums> {
    Ok(Sums { requests: row.get(0)?, tokens: row.get(1)?, cost_pico: row.get(2)? })
}

/// Adds SPEND to all tallies that count it.
pub(crate) fn add(transaction: &Transaction, spend: &Spend) -> Result<()> {
    let sql = "UPDATE tally
                  SET requests = requests + ?11,
                      tokens = tokens + ?14 + ?15 + ?16 + ?17 + ?18,
                      cost_pico = cost_pico + ?21
                WHERE ?1 >= starts AND ?1 < until
                  AND member = CASE scope WHEN 'global' THEN 0
                                          WHEN 'provider' THEN ?2
                                          WHEN 'account' THEN ?3
                                          WHEN 'model' THEN ?4
                                          WHEN 'route' THEN ?5
                                          WHEN 'project' THEN ?6
                                          WHEN 'client' THEN ?8 END";
    spend.execute(transaction, sql)
}

/// Removes tallies of windows that are long over. A window without end that
/// does not begin in 1970 moves on with the time, and its row is of no use an
/// hour later.
fn prune(transaction: &Transaction, now_ms: i64) -> Result<()> {
    const HOUR: i64 = 3_600_000;
    const KEPT: i64 = 3 * 24 * HOUR;
    let sql = "DELETE FROM tally
                WHERE until < ?1 OR until = ?2 AND starts > 0 AND made < ?3";
    let row = params![now_ms.saturating_sub(KEPT), i64::MAX, now_ms.saturating_sub(2 * HOUR)];
    transaction.prepare_cached(sql)?.execute(row)?;
    Ok(())
}
