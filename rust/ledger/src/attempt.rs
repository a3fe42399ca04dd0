//! Attempts as they begin, go on and end.

use crate::AttemptKey;
use crate::command::{AttemptEnd, NewAttempt};
use crate::dimension::Dimension;
use crate::hold::Demand;
use crate::recorder::{MOST_BYTES, Recorder, pico, tokens};
use crate::{RequestKey, rollup};
use llm_switch_types::{Money, Usage};
use rusqlite::{Result, ToSql};

/// The columns of what an attempt has used and cost, and their values, the
/// first of each statement: see [`used`].
const USED: &str = "input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
                    fees_pico, audio_input, audio_output, searches, cost_pico";
const VALUES: &str = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11";

fn used(usage: &Usage, cost: Option<Money>) -> [Option<i64>; 11] {
    [
        Some(tokens(usage.input)),
        Some(tokens(usage.cache_read)),
        Some(tokens(usage.cache_write_5m)),
        Some(tokens(usage.cache_write_1h)),
        Some(tokens(usage.output)),
        Some(tokens(usage.reasoning)),
        Some(pico(usage.fees)),
        Some(tokens(usage.audio_input)),
        Some(tokens(usage.audio_output)),
        Some(tokens(usage.searches)),
        cost.map(pico),
    ]
}

impl Recorder<'_, '_> {
    /// An attempt of a request that is over, or whose beginning was lost, is
    /// not recorded: a settled request stays settled. False then.
    pub(crate) fn begin_attempt(
        &mut self,
        key: AttemptKey,
        request: RequestKey,
        new: &NewAttempt,
        demand: Option<&Demand>,
    ) -> Result<bool> {
        let provider = self.number(Dimension::Provider, &new.provider)?;
        let account = self.number(Dimension::Account, &new.account)?;
        let sent = self.number(Dimension::Model, &new.sent_model)?;
        // Its number is NULL when the request is not open, and so the row is
        // ignored. (Rows from a SELECT would be journalled a second time.)
        let sql = format!(
            "INSERT OR IGNORE
               INTO attempt ({USED}, id, request, provider, account, sent, payer, started,
                             sent_bytes, held_pico, held_tokens, number)
             VALUES ({VALUES}, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                     (SELECT 1 + (SELECT count(*) FROM attempt WHERE request = ?13)
                        FROM request WHERE id = ?13 AND outcome IS NULL))"
        );
        let (usage, cost) = demand.map(|demand| demand.sent).unwrap_or_default();
        let begun = self.execute(
            &sql,
            &used(&usage, cost),
            &[
                &key.0,
                &request.0,
                &provider,
                &account,
                &sent,
                &new.payer.name(),
                &new.started_ms,
                &new.sent_bytes.min(MOST_BYTES).cast_signed(),
                &demand.map(|demand| pico(demand.hold.cost)),
                &demand.map(|demand| tokens(demand.hold.tokens)),
            ],
        )?;
        Ok(begun == 1)
    }

    pub(crate) fn note(
        &mut self,
        key: AttemptKey,
        usage: &Usage,
        cost: Option<Money>,
    ) -> Result<()> {
        let sql =
            format!("UPDATE attempt SET ({USED}) = ({VALUES}) WHERE id = ?12 AND outcome IS NULL");
        self.execute(&sql, &used(usage, cost), &[&key.0]).map(drop)
    }

    pub(crate) fn end_attempt(&mut self, key: AttemptKey, end: &AttemptEnd) -> Result<()> {
        let served = self.optional_number(Dimension::Model, end.served_model.as_deref())?;
        let price = self.optional_number(Dimension::Price, end.cost.price.as_deref())?;
        let sql = format!(
            "UPDATE attempt
                SET ({USED}) = ({VALUES}),
                    served = ?13, first_token = ?14, ended = ?15, http_status = ?16,
                    outcome = ?17, basis = ?18, price = ?19, computed_pico = ?20
              WHERE id = ?12 AND outcome IS NULL"
        );
        let settled = self.execute(
            &sql,
            &used(&end.usage, end.cost.amount),
            &[
                &key.0,
                &served,
                &end.first_token_ms,
                &end.ended_ms,
                &end.http_status,
                &end.outcome.name(),
                &end.cost.basis.name(),
                &price,
                &end.computed.map(pico),
            ],
        )?;
        if settled == 1 { rollup::add(self.transaction, key.0) } else { Ok(()) }
    }

    /// Runs SQL with the values USED and, after them, OTHERS: how many rows
    /// that changed.
    fn execute(&self, sql: &str, used: &[Option<i64>], others: &[&dyn ToSql]) -> Result<usize> {
        let values: Vec<&dyn ToSql> =
            used.iter().map(|it| it as &dyn ToSql).chain(others.iter().copied()).collect();
        self.transaction.prepare_cached(sql)?.execute(&*values)
    }
}
