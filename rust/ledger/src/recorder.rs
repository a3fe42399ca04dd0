//! Records become rows.

use crate::command::{AttemptEnd, Command, NewAttempt, NewRequest};
use crate::dimension::{Dimension, Names};
use crate::{AttemptKey, RequestKey, account, health, rollup, settle};
use llm_switch_types::{Money, Usage};
use rusqlite::{Result, Transaction, named_params, params};

/// Writes records inside one transaction.
pub(crate) struct Recorder<'t, 'b> {
    pub(crate) transaction: &'t Transaction<'t>,
    pub(crate) names: &'t mut Names,
    /// The tag of this process.
    pub(crate) process: u16,
    /// Answers, to be given when the transaction is committed.
    pub(crate) answers: Vec<Box<dyn FnOnce() + 'b>>,
}

impl<'b> Recorder<'_, 'b> {
    pub(crate) fn apply(&mut self, command: &'b Command) -> Result<()> {
        match command {
            Command::BeginRequest(key, new) => self.begin_request(*key, new),
            Command::BeginAttempt(key, request, new) => {
                self.begin_attempt(*key, *request, new).map(drop)
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
            Command::SeeHealth(found) => health::see(self, found),
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

    /// An attempt of a request that is over, or whose beginning was lost, is
    /// not recorded: a settled request stays settled. False then.
    pub(crate) fn begin_attempt(
        &mut self,
        key: AttemptKey,
        request: RequestKey,
        new: &NewAttempt,
    ) -> Result<bool> {
        let provider = self.number(Dimension::Provider, &new.provider)?;
        let account = self.number(Dimension::Account, &new.account)?;
        let sent = self.number(Dimension::Model, &new.sent_model)?;
        let sql =
            "INSERT INTO attempt (id, request, number, provider, account, sent, payer, started,
                                  sent_bytes)
                   SELECT ?1, id, 1 + (SELECT count(*) FROM attempt WHERE request = ?2),
                          ?3, ?4, ?5, ?6, ?7, ?8
                     FROM request WHERE id = ?2 AND outcome IS NULL";
        let begun = self.transaction.prepare_cached(sql)?.execute(params![
            key.0,
            request.0,
            provider,
            account,
            sent,
            new.payer.name(),
            new.started_ms,
            new.sent_bytes.min(MOST_BYTES).cast_signed()
        ])?;
        Ok(begun == 1)
    }

    pub(crate) fn note(
        &mut self,
        key: AttemptKey,
        usage: &Usage,
        cost: Option<Money>,
    ) -> Result<()> {
        let sql = "UPDATE attempt
                      SET input = :input, cache_read = :cache_read,
                          cache_write_5m = :cache_write_5m, cache_write_1h = :cache_write_1h,
                          output = :output, reasoning = :reasoning, fees_pico = :fees,
                          audio_input = :audio_input, audio_output = :audio_output,
                          searches = :searches, cost_pico = :cost
                    WHERE id = :id AND outcome IS NULL";
        self.transaction.prepare_cached(sql)?.execute(named_params! {
            ":id": key.0,
            ":input": tokens(usage.input),
            ":cache_read": tokens(usage.cache_read),
            ":cache_write_5m": tokens(usage.cache_write_5m),
            ":cache_write_1h": tokens(usage.cache_write_1h),
            ":output": tokens(usage.output),
            ":reasoning": tokens(usage.reasoning),
            ":fees": pico(usage.fees),
            ":audio_input": tokens(usage.audio_input),
            ":audio_output": tokens(usage.audio_output),
            ":searches": tokens(usage.searches),
            ":cost": cost.map(pico),
        })?;
        Ok(())
    }

    fn end_attempt(&mut self, key: AttemptKey, end: &AttemptEnd) -> Result<()> {
        self.note(key, &end.usage, end.cost.amount)?;
        let served = self.optional_number(Dimension::Model, end.served_model.as_deref())?;
        let price = self.optional_number(Dimension::Price, end.cost.price.as_deref())?;
        let sql = "UPDATE attempt
                      SET served = ?2, first_token = ?3, ended = ?4, http_status = ?5,
                          outcome = ?6, basis = ?7, price = ?8, computed_pico = ?9
                    WHERE id = ?1 AND outcome IS NULL";
        let settled = self.transaction.prepare_cached(sql)?.execute(params![
            key.0,
            served,
            end.first_token_ms,
            end.ended_ms,
            end.http_status,
            end.outcome.name(),
            end.cost.basis.name(),
            price,
            end.computed.map(pico)
        ])?;
        if settled == 1 { rollup::add(self.transaction, key.0) } else { Ok(()) }
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
const MOST_BYTES: u64 = 1 << 48;
const MOST_PICO: i64 = 1 << 53; // about 9,000 dollars

pub(crate) fn tokens(count: u64) -> i64 {
    count.min(MOST_TOKENS).cast_signed()
}

pub(crate) fn pico(amount: Money) -> i64 {
    amount.pico().clamp(-MOST_PICO, MOST_PICO)
}
