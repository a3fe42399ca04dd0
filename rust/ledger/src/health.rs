//! Who is out, and until when, known to every process.
//!
//! What follows from it is for others to say; here it is kept.

use crate::dimension::{Dimension, clip};
use crate::recorder::Recorder;
use llm_switch_types::ErrorKind;
use rusqlite::types::Type;
use rusqlite::{Connection, Result, Row, params};
use serde::de::{Deserialize, IntoDeserializer, value};

/// How a deployment or an account is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HealthState {
    /// As far as is known it answers.
    #[default]
    Healthy,
    /// It failed, and is left alone for a while.
    Cooling,
    /// Its key was refused.
    DeadKey,
    /// Its account has no money left.
    NoFunds,
    /// Its allowance is used up.
    Quota,
}

/// What is known of the health of a deployment, or of a whole account. Times
/// are Unix milliseconds (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The account's name.
    pub account: String,
    /// The model's name; `None` for the whole account.
    pub model: Option<String>,
    /// How it is.
    pub state: HealthState,
    /// The class of its last failure.
    pub kind: Option<ErrorKind>,
    /// What that failure was, in our own words: a service might quote.
    pub reason: Option<String>,
    /// Since when.
    pub since: i64,
    /// Until when it is left alone.
    pub until: Option<i64>,
    /// How often it failed in a row.
    pub strikes: u32,
    /// When the one request began that tries whether it answers again.
    pub trial: Option<i64>,
    /// Whether the user wants it left alone, however it is.
    pub disabled: bool,
    /// When this was found.
    pub changed: i64,
}

/// What was asked of a deployment of late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The account's name.
    pub account: String,
    /// The model's name.
    pub model: String,
    /// How many attempts began.
    pub attempts: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// How fast a deployment answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The account's name.
    pub account: String,
    /// The model's name.
    pub model: String,
    /// Milliseconds to the first visible piece of the answer.
    pub first_ms: i64,
    /// Milliseconds to its end.
    pub total_ms: i64,
    /// Tokens that came out.
    pub output: u64,
}

impl HealthState {
    const ALL: [HealthState; 5] =
        [Self::Healthy, Self::Cooling, Self::DeadKey, Self::NoFunds, Self::Quota];

    /// The word for it, in the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Cooling => "cooling",
            Self::DeadKey => "dead-key",
            Self::NoFunds => "no-funds",
            Self::Quota => "quota",
        }
    }

    /// A later version may know more states; to this one they are healthy.
    fn from_name(name: &str) -> HealthState {
        Self::ALL.into_iter().find(|it| it.name() == name).unwrap_or_default()
    }
}

/// Records HEALTH, unless something later is known.
pub(crate) fn see(recorder: &mut Recorder, health: &Health) -> Result<()> {
    let account = recorder.number(Dimension::Account, &health.account)?;
    let model = recorder.optional_number(Dimension::Model, health.model.as_deref())?;
    let sql = "INSERT INTO health VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
               ON CONFLICT DO UPDATE
                  SET state = excluded.state, kind = excluded.kind, reason = excluded.reason,
                      since = excluded.since, until = excluded.until, strikes = excluded.strikes,
                      trial = excluded.trial, disabled = excluded.disabled,
                      changed = excluded.changed
                WHERE excluded.changed >= changed";
    recorder.transaction.prepare_cached(sql)?.execute(params![
        account,
        model.unwrap_or(0),
        health.state.name(),
        health.kind.map(ErrorKind::name),
        health.reason.as_deref().map(clip),
        health.since,
        health.until,
        health.strikes,
        health.trial,
        health.disabled,
        health.changed
    ])?;
    Ok(())
}

/// Whether somebody tries what HEALTH is of since STALE_MS.
pub(crate) fn is_tried(recorder: &mut Recorder, health: &Health, stale_ms: i64) -> Result<bool> {
    let account = recorder.number(Dimension::Account, &health.account)?;
    let model = recorder.optional_number(Dimension::Model, health.model.as_deref())?;
    let sql = "SELECT 1 FROM health WHERE account = ?1 AND model = ?2 AND trial > ?3";
    let key = params![account, model.unwrap_or(0), stale_ms];
    recorder.transaction.prepare_cached(sql)?.exists(key)
}

/// What changed at FROM_MS or later.
pub(crate) fn read(connection: &Connection, from_ms: i64) -> Result<Vec<Health>> {
    let sql = "SELECT account.name, model.name, h.state, h.kind, h.reason, h.since, h.until,
                      h.strikes, h.trial, h.disabled, h.changed
                 FROM health h
                 JOIN account ON account.id = h.account
                 LEFT JOIN model ON model.id = h.model
                WHERE h.changed >= ?1";
    connection.prepare_cached(sql)?.query_map([from_ms], health)?.collect()
}

fn health(row: &Row) -> Result<Health> {
    let state: String = row.get(2)?;
    Ok(Health {
        account: row.get(0)?,
        model: row.get(1)?,
        state: HealthState::from_name(&state),
        kind: row.get::<_, Option<String>>(3)?.map(kind).transpose()?,
        reason: row.get(4)?,
        since: row.get(5)?,
        until: row.get(6)?,
        strikes: row.get(7)?,
        trial: row.get(8)?,
        disabled: row.get(9)?,
        changed: row.get(10)?,
    })
}

fn kind(name: String) -> Result<ErrorKind> {
    let kind = ErrorKind::deserialize(name.into_deserializer());
    kind.map_err(|error: value::Error| {
        rusqlite::Error::FromSqlConversionFailure(3, Type::Text, error.into())
    })
}

/// What was asked of each deployment at FROM_MS or later.
pub(crate) fn traffic(connection: &Connection, from_ms: i64) -> Result<Vec<Traffic>> {
    let sql = "SELECT account.name, model.name, count(*),
                      coalesce(sum(a.outcome NOT IN ('done', 'cancelled')), 0)
                 FROM attempt a
                 JOIN account ON account.id = a.account
                 JOIN model ON model.id = a.sent
                WHERE a.started >= ?1 GROUP BY a.account, a.sent";
    let mut rows = connection.prepare_cached(sql)?;
    let read = |row: &Row| {
        Ok(Traffic {
            account: row.get(0)?,
            model: row.get(1)?,
            attempts: row.get(2)?,
            failed: row.get(3)?,
        })
    };
    rows.query_map([from_ms], read)?.collect()
}

/// The timing of the latest MOST answers, oldest first.
pub(crate) fn timings(connection: &Connection, most: usize) -> Result<Vec<Timing>> {
    let sql = "SELECT account.name, model.name, a.first_token, a.ended - a.started, a.output
                 FROM attempt a
                 JOIN account ON account.id = a.account
                 JOIN model ON model.id = a.sent
                WHERE a.outcome = 'done' AND a.first_token IS NOT NULL
                ORDER BY a.started DESC LIMIT ?1";
    let mut rows = connection.prepare_cached(sql)?;
    let read = |row: &Row| {
        Ok(Timing {
            account: row.get(0)?,
            model: row.get(1)?,
            first_ms: row.get(2)?,
            total_ms: row.get(3)?,
            output: row.get(4)?,
        })
    };
    let mut newest: Vec<Timing> = rows.query_map([most], read)?.collect::<Result<_>>()?;
    newest.reverse();
    Ok(newest)
}
