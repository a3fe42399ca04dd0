//! Records become rows.

use crate::command::{Command, NewRequest};
use crate::dimension::{Dimension, Names};
use crate::standings::Standings;
use crate::{RequestKey, account, health, settle, tool_call, vote};
use llm_switch_types::Money;
use rusqlite::{Result, Transaction, params};

/// Writes records inside one transaction.
pub(crate) struct Recorder<'t, 'b> {
    pub(crate) transaction: &'t Transaction<'t>,
    pub(crate) names: &'t mut Names,
    /// The tag of this process.
    pub(crate) process: u16,
    pub(crate) answers: Vec<Answer<'b>>,
    pub(crate) standings: Standings,
}

/// Gives an answer, when the transaction is committed.
pub(crate) type Answer<'b> = Box<dyn FnOnce() + 'b>;

impl<'b> Recorder<'_, 'b> {
    pub(crate) fn apply(&mut self, command: &'b Command) -> Result<()> {
        if command.moves_money() {
            self.standings = Standings::default();
        }
        match command {
            Command::BeginRequest(key, new) => self.begin_request(*key, new),
            Command::BeginAttempt(key, request, new) => {
                self.begin_attempt(*key, *request, new, None).map(drop)
            }
            Command::Admit(admit) => self.admit(admit),
            Command::Extend(extend) => self.extend(extend),
            Command::Alert(alert) => self.alert(alert),
            Command::Allow(allowance) => self.allow(allowance),
            Command::Note(key, usage, cost) => self.note(*key, usage, *cost),
            Command::EndAttempt(key, end) => self.end_attempt(*key, end),
            Command::EndRequest(key, ended_ms, outcome) => {
                settle::request(self.transaction, *key, *ended_ms, *outcome)
            }
            Command::SeeWindows(seen, windows) => account::see_windows(self, seen, windows),
            Command::SeeBalance(seen, balance) => account::see_balance(self, seen, balance),
            Command::Enter(seen, amount) => account::enter(self, seen, *amount),
            Command::SeeHealth(found) => health::see(self, found),
            Command::Claim(claim) => self.claim(claim),
            Command::RanTool(ran) => tool_call::record(self, ran),
            Command::Vote(vote) => vote::record(self, vote),
        }
    }

    fn begin_request(&mut self, key: RequestKey, new: &NewRequest) -> Result<()> {
        let purpose = self.number(Dimension::Purpose, new.purpose.name())?;
        let client = self.number(Dimension::Client, &new.client)?;
        let project = self.optional_number(Dimension::Project, new.project.as_deref())?;
        let route = self.optional_number(Dimension::Route, new.route.as_deref())?;
        let model = self.number(Dimension::Model, &new.requested)?;
        let sql =
            "INSERT INTO request (id, process, started, purpose, client, project, route, model)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        self.transaction.prepare_cached(sql)?.execute(params![
            key.0,
            self.process,
            new.started_ms,
            purpose,
            client,
            project,
            route,
            model
        ])?;
        Ok(())
    }

    pub(crate) fn number(&mut self, dimension: Dimension, name: &str) -> Result<i64> {
        self.names.number(self.transaction, dimension, name)
    }

    pub(crate) fn optional_number(
        &mut self,
        dimension: Dimension,
        name: Option<&str>,
    ) -> Result<Option<i64>> {
        name.map(|name| self.number(dimension, name)).transpose()
    }
}

/// A service that counts beyond these talks nonsense. They keep every sum
/// inside 64 bits: one absurd reply must not break all later reports.
const MOST_TOKENS: u64 = 1 << 40;
pub(crate) const MOST_BYTES: u64 = 1 << 48;
const MOST_PICO: i64 = 1 << 53; // about 9,000 dollars

pub(crate) fn tokens(count: u64) -> i64 {
    count.min(MOST_TOKENS).cast_signed()
}

pub(crate) fn pico(amount: Money) -> i64 {
    amount.pico().clamp(-MOST_PICO, MOST_PICO)
}
