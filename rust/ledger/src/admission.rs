//! Whether the budgets allow an attempt.
//!
//! This runs inside the transaction that writes the hold, behind the gate of
//! all processes: between the question and the hold nobody else can spend.

use crate::hold::{Cap, Demand, Denial, Hold, Standing, Verdict};
use crate::recorder::Recorder;
use crate::standings::{self, Standings, Use};
use crate::tally::{self, Member, Sums};
use llm_switch_types::{Limit, Money};
use rusqlite::{Connection, Result};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    /// The attempt.
    pub(crate) attempt: i64,
    /// Its request.
    pub(crate) request: i64,
    /// It is not in the file yet.
    pub(crate) is_new: bool,
}

/// What the DEMAND of ASKER comes to, with the scope of each of its caps.
/// Nothing is reserved here.
pub(crate) fn judge(
    recorder: &mut Recorder,
    asker: Asker,
    demand: &Demand,
) -> Result<(Verdict, Vec<Member>)> {
    let (mut money, mut tokens) = (None, None);
    let mut members = Vec::with_capacity(demand.caps.len());
    for (at, cap) in demand.caps.iter().enumerate() {
        let member = Member::of(&cap.on, recorder.transaction, recorder.names)?;
        members.push(member);
        let (standing, older_starve) = meet(recorder, asker, member, cap, demand.now_ms)?;
        let asked = amount(&cap.limit, &demand.hold);
        let left = standing.left().saturating_sub(asked);
        if left < 0 || asked > 0 && older_starve {
            let Standing { spent, held, limit } = standing;
            return Ok((Verdict::Denied(Denial { cap: at, spent, held, asked, limit }), members));
        }
        match cap.limit {
            Limit::Dollars(_) => money = least(money, Money::from_pico(left)),
            Limit::Tokens(_) => tokens = least(tokens, left.unsigned_abs()),
            Limit::Requests(_) => {}
        }
    }
    Ok((Verdict::Granted { money, tokens }, members))
}

/// How CAP stands when ASKER meets it, and whether one that began earlier has
/// asked for more in vain.
fn meet(
    recorder: &mut Recorder,
    asker: Asker,
    member: Member,
    cap: &Cap,
    now_ms: i64,
) -> Result<(Standing, bool)> {
    let Recorder { transaction, standings, .. } = recorder;
    let mut used = match asker.is_new {
        true => standings.used(transaction, member, cap, now_ms)?,
        false => {
            let spent = tally::spent(transaction, member, &cap.window, now_ms)?;
            Use { spent, ..standings::open(transaction, member, cap, asker.attempt)? }
        }
    };
    if let Limit::Requests(_) = cap.limit {
        let open = standings::open_requests(transaction, member, cap, asker.request)?;
        used.held.requests = open;
    }
    let allowed = standings.allowed(transaction, &cap.budget, now_ms)?;
    let older_starve = used.starving.is_some_and(|starving| starving < asker.attempt);
    Ok((standing(cap, used, allowed), older_starve))
}

fn least<T: Ord>(known: Option<T>, other: T) -> Option<T> {
    Some(match known {
        Some(known) => known.min(other),
        None => other,
    })
}

/// How the budget of CAP stands at NOW_MS; nothing is written.
pub(crate) fn look(connection: &Connection, cap: &Cap, now_ms: i64) -> Result<Standing> {
    let allowed = Standings::default().allowed(connection, &cap.budget, now_ms)?;
    let Some(member) = Member::find(&cap.on, connection)? else {
        return Ok(standing(cap, Use::default(), allowed));
    };
    let spent = tally::look(connection, member, &cap.window)?;
    let mut used = Use { spent, ..standings::open(connection, member, cap, 0)? };
    if let Limit::Requests(_) = cap.limit {
        used.held.requests = standings::open_requests(connection, member, cap, 0)?;
    }
    Ok(standing(cap, used, allowed))
}

fn standing(cap: &Cap, used: Use, allowed: i64) -> Standing {
    let number = |sums: Sums| match cap.limit {
        Limit::Dollars(_) => sums.cost_pico,
        Limit::Tokens(_) => sums.tokens,
        Limit::Requests(_) => sums.requests,
    };
    let limit = amount_of(&cap.limit).saturating_add(allowed);
    Standing { spent: number(used.spent), held: number(used.held), limit }
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
