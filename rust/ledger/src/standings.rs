//! How budgets stand, remembered while nobody else can change it.

use crate::hold::{Cap, Hold};
use crate::recorder::{pico, tokens};
use crate::tally::{self, Member, Sums};
use rusqlite::{Connection, Result, Transaction, params};
use std::collections::HashMap;

/// What was found within one transaction: the second of many that ask at once
/// need not have everything summed again.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    uses: HashMap<(Member, i64, i64), Use>,
    allowances: Option<Vec<Allowance>>,
}

/// What a scope has used of a window. What is open counts no requests: they
/// are another question, since several attempts may be of one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Use {
    pub(crate) spent: Sums,
    pub(crate) held: Sums,
    /// The first of the attempts that have asked for more in vain.
    pub(crate) starving: Option<i64>,
}

#[derive(Debug)]
struct Allowance {
    budget: String,
    extra: i64,
    made: i64,
    until: i64,
}

impl Standings {
    /// What MEMBER has used in the window of CAP, an attempt aside that is not
    /// in the file yet.
    pub(crate) fn used(
        &mut self,
        transaction: &Transaction,
        member: Member,
        cap: &Cap,
        now_ms: i64,
    ) -> Result<Use> {
        let key = (member, cap.window.start, cap.window.end);
        if let Some(known) = self.uses.get(&key) {
            return Ok(*known);
        }
        let spent = tally::spent(transaction, member, &cap.window, now_ms)?;
        let found = Use { spent, ..open(transaction, member, cap, 0)? };
        self.uses.insert(key, found);
        Ok(found)
    }

    /// An attempt has begun with HOLD, and MEMBERS with the windows of CAPS are
    /// all that counts it. Of others nothing is known any more.
    pub(crate) fn hold(&mut self, members: &[Member], caps: &[Cap], hold: &Hold) {
        let held: HashMap<_, _> = members
            .iter()
            .zip(caps)
            .map(|(member, cap)| (*member, cap.window.start, cap.window.end))
            .filter_map(|key| Some((key, self.uses.get(&key)?.with(hold))))
            .collect();
        self.uses = held;
    }

    /// What the owner allows beyond the limit of BUDGET at NOW_MS.
    pub(crate) fn allowed(
        &mut self,
        connection: &Connection,
        budget: &str,
        now_ms: i64,
    ) -> Result<i64> {
        let all = match &self.allowances {
            Some(known) => known,
            None => self.allowances.insert(allowances(connection)?),
        };
        let holds = |it: &&Allowance| it.budget == budget && (it.made..it.until).contains(&now_ms);
        Ok(all.iter().filter(holds).map(|it| it.extra).fold(0, i64::saturating_add))
    }
}

impl Use {
    fn with(self, hold: &Hold) -> Use {
        let Sums { requests, tokens: before, cost_pico } = self.held;
        let held = Sums {
            requests,
            tokens: before.saturating_add(tokens(hold.tokens)),
            cost_pico: cost_pico.saturating_add(pico(hold.cost)),
        };
        Use { held, ..self }
    }
}

fn allowances(connection: &Connection) -> Result<Vec<Allowance>> {
    let sql = "SELECT budget, extra, made, until FROM allowance";
    let mut rows = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row| {
        let (budget, extra) = (row.get(0)?, row.get(1)?);
        Ok(Allowance { budget, extra, made: row.get(2)?, until: row.get(3)? })
    };
    rows.query_map([], read)?.collect()
}

/// What the open attempts but the one called BUT hold of CAP, whose scope is
/// MEMBER.
///
/// The index is named, here and where requests are counted: of its own accord
/// SQLite looks through all that an account or a month has ever had, while
/// everybody waits at the gate.
pub(crate) fn open(connection: &Connection, member: Member, cap: &Cap, but: i64) -> Result<Use> {
    let column = open_column(member);
    // What the index itself knows needs no row of a request.
    let join = if column.starts_with("r.") { "JOIN request r ON r.id = a.request" } else { "" };
    let sql = format!(
        "SELECT ifnull(sum(a.held_tokens), 0), ifnull(sum(a.held_pico), 0),
                min(a.id) FILTER (WHERE a.starving)
           FROM attempt a INDEXED BY attempt_open {join}
          WHERE a.outcome IS NULL AND a.id <> ?1
            AND a.started >= ?2 AND a.started < ?3 AND {column} = ?4"
    );
    let key = params![but, cap.window.start, cap.window.end, member.number];
    connection.prepare_cached(&sql)?.query_row(key, |row| {
        let held = Sums { requests: 0, tokens: row.get(0)?, cost_pico: row.get(1)? };
        Ok(Use { spent: Sums::default(), held, starving: row.get(2)? })
    })
}

/// Requests but the one called BUT that were let through and are not over.
pub(crate) fn open_requests(
    connection: &Connection,
    member: Member,
    cap: &Cap,
    but: i64,
) -> Result<i64> {
    let column = open_column(member);
    let sql = format!(
        "SELECT count(DISTINCT r.id)
           FROM request r INDEXED BY request_open JOIN attempt a ON a.request = r.id
          WHERE r.outcome IS NULL AND r.id <> ?1
            AND r.started >= ?2 AND r.started < ?3 AND {column} = ?4"
    );
    let key = params![but, cap.window.start, cap.window.end, member.number];
    connection.prepare_cached(&sql)?.query_row(key, |row| row.get(0))
}

/// Where the number of MEMBER stands, of an attempt `a` or its request `r`.
fn open_column(member: Member) -> String {
    member.column(|column| match column {
        "provider" | "account" => format!("a.{column}"),
        "model" => "a.sent".to_owned(),
        _ => format!("r.{column}"),
    })
}
