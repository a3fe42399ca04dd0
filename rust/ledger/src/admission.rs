//! Whether the budgets allow an attempt.
//!
//! This runs inside the transaction that writes the hold, behind the gate of
//! all processes: between the question and the hold nobody else can spend.

use crate::dimension::Names;
use crate::hold::{Cap, Demand, Denial, Hold, Standing, Verdict};
use crate::tally::{self, Member, Sums};
use llm_switch_types::{Limit, Money};
use rusqlite::{Connection, Result, Transaction, params};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    /// The attempt, which need not be in the file yet.
    pub(crate) attempt: i64,
    /// Its request.
    pub(crate) request: i64,
}

/// What DEMAND of ASKER comes to. Nothing is reserved here.
pub(crate) fn judge(
    transaction: &Transaction,
    names: &mut Names,
    asker: Asker,
    demand: &Demand,
) -> Result<Verdict> {
    let (mut money, mut tokens) = (None, None);
    for (at, cap) in demand.caps.iter().enumerate() {
        let member = Member::of(&cap.on, transaction, names)?;
        let spent = tally::spent(transaction, member, &cap.window, demand.now_ms)?;
        let others = others(transaction, member, cap, asker)?;
        let standing = standing(transaction, cap, spent, others.sums, demand.now_ms)?;
        let asked = amount(&cap.limit, &demand.hold);
        let left = standing.left().saturating_sub(asked);
        if left < 0 || asked > 0 && others.older_starve {
            let Standing { spent, held, limit } = standing;
            return Ok(Verdict::Denied(Denial { cap: at, spent, held, asked, limit }));
        }
        match cap.limit {
            Limit::Dollars(_) => money = least(money, Money::from_pico(left)),
            Limit::Tokens(_) => tokens = least(tokens, left.unsigned_abs()),
            Limit::Requests(_) => {}
        }
    }
    Ok(Verdict::Granted { money, tokens })
}

fn least<T: Ord>(known: Option<T>, other: T) -> Option<T> {
    Some(match known {
        Some(known) => known.min(other),
        None => other,
    })
}

/// How the budget of CAP stands at NOW_MS; nothing is written.
pub(crate) fn look(connection: &Connection, cap: &Cap, now_ms: i64) -> Result<Standing> {
    let nobody = Asker { attempt: 0, request: 0 };
    let (spent, others) = match Member::find(&cap.on, connection)? {
        None => Default::default(),
        Some(member) => (
            tally::look(connection, member, &cap.window)?,
            others(connection, member, cap, nobody)?.sums,
        ),
    };
    standing(connection, cap, spent, others, now_ms)
}

fn standing(
    connection: &Connection,
    cap: &Cap,
    spent: Sums,
    others: Sums,
    now_ms: i64,
) -> Result<Standing> {
    let number = |sums: Sums| match cap.limit {
        Limit::Dollars(_) => sums.cost_pico,
        Limit::Tokens(_) => sums.tokens,
        Limit::Requests(_) => sums.requests,
    };
    let limit = amount_of(&cap.limit).saturating_add(allowed(connection, &cap.budget, now_ms)?);
    Ok(Standing { spent: number(spent), held: number(others), limit })
}

impl Standing {
    fn left(&self) -> i64 {
        self.limit.saturating_sub(self.spent).saturating_sub(self.held)
    }
}

fn amount_of(limit: &Limit) -> i64 {
    match limit {
        Limit::Dollars(money) => money.pico(),
        Limit::Tokens(count) | Limit::Requests(count) => i64::try_from(*count).unwrap_or(i64::MAX),
    }
}

fn amount(limit: &Limit, hold: &Hold) -> i64 {
    match limit {
        Limit::Dollars(_) => hold.cost.pico(),
        Limit::Tokens(_) => i64::try_from(hold.tokens).unwrap_or(i64::MAX),
        // The attempts of a request are one request; itself is not counted
        // among the others.
        Limit::Requests(_) => 1,
    }
}

/// What the owner allows beyond the limit of BUDGET at present.
fn allowed(connection: &Connection, budget: &str, now_ms: i64) -> Result<i64> {
    let sql = "SELECT ifnull(sum(extra), 0) FROM allowance
                WHERE budget = ?1 AND made <= ?2 AND until > ?2";
    connection.prepare_cached(sql)?.query_row(params![budget, now_ms], |row| row.get(0))
}

/// What attempts other than ASKER's hold.
struct Others {
    sums: Sums,
    /// One that began earlier has asked for more in vain.
    older_starve: bool,
}

/// What the other open attempts hold of CAP, whose scope is MEMBER.
///
/// The index is named, here and where requests are counted: of its own accord
/// SQLite looks through all that an account or a month has ever had, while
/// everybody waits at the gate.
fn others(connection: &Connection, member: Member, cap: &Cap, asker: Asker) -> Result<Others> {
    let own = |column: &str| match column {
        "provider" | "account" => format!("a.{column}"),
        "model" => "a.sent".to_owned(),
        _ => format!("r.{column}"),
    };
    let column = member.column(own);
    // What the index itself knows needs no row of a request.
    let join = if column.starts_with("r.") { "JOIN request r ON r.id = a.request" } else { "" };
    let sql = format!(
        "SELECT ifnull(sum(a.held_tokens), 0), ifnull(sum(a.held_pico), 0),
                ifnull(max(a.starving AND a.id < ?1), 0)
           FROM attempt a INDEXED BY attempt_open {join}
          WHERE a.outcome IS NULL AND a.id <> ?1
            AND a.started >= ?2 AND a.started < ?3 AND {column} = ?4"
    );
    let key = params![asker.attempt, cap.window.start, cap.window.end, member.number];
    let (tokens, cost_pico, older_starve) = connection
        .prepare_cached(&sql)?
        .query_row(key, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let requests = match cap.limit {
        Limit::Requests(_) => open_requests(connection, (member, &column), cap, asker)?,
        _ => 0,
    };
    Ok(Others { sums: Sums { requests, tokens, cost_pico }, older_starve })
}

/// Requests other than ASKER's that were let through and are not over.
fn open_requests(
    connection: &Connection,
    (member, column): (Member, &str),
    cap: &Cap,
    asker: Asker,
) -> Result<i64> {
    let sql = format!(
        "SELECT count(DISTINCT r.id)
           FROM request r INDEXED BY request_open JOIN attempt a ON a.request = r.id
          WHERE r.outcome IS NULL AND r.id <> ?1
            AND r.started >= ?2 AND r.started < ?3 AND {column} = ?4"
    );
    let key = params![asker.request, cap.window.start, cap.window.end, member.number];
    connection.prepare_cached(&sql)?.query_row(key, |row| row.get(0))
}
