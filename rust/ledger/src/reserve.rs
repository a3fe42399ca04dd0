//! Holds, allowances, alerts and trials, as rows.

use crate::AttemptKey;
use crate::admission::{Asker, judge};
use crate::command::{Admit, Alert, Allowance, Claim, Extend};
use crate::health;
use crate::hold::{Hold, Verdict};
use crate::recorder::{Recorder, pico, tokens};
use llm_switch_types::{Error, ErrorKind};
use rusqlite::{OptionalExtension, Result, params};

/// Nothing may be spent for what is over, or was never written down.
fn over() -> Error {
    Error::new(ErrorKind::Store, "the request is not open in the ledger")
        .advise("Ask again; nothing was sent")
}

impl<'b> Recorder<'_, 'b> {
    pub(crate) fn admit(&mut self, admit: &'b Admit) -> Result<()> {
        if admit.reply.is_answered() {
            return Ok(());
        }
        let Admit { attempt, request, new, demand, reply } = admit;
        let asker = Asker { attempt: attempt.0, request: request.0, is_new: true };
        let (verdict, members) = judge(self, asker, demand)?;
        let answer = match verdict {
            Verdict::Denied(_) => Ok(verdict),
            Verdict::Granted { .. } => {
                match self.begin_attempt(*attempt, *request, new, Some(demand))? {
                    true => Ok(verdict),
                    false => Err(over()),
                }
            }
        };
        if let Ok(Verdict::Granted { .. }) = answer {
            self.standings.hold(&members, &demand.caps, &demand.hold);
        }
        self.answers.push(Box::new(|| reply.answer(answer)));
        Ok(())
    }

    pub(crate) fn extend(&mut self, extend: &'b Extend) -> Result<()> {
        if extend.reply.is_answered() {
            return Ok(());
        }
        let Extend { attempt, demand, reply } = extend;
        let Some(request) = self.open_request(*attempt)? else {
            self.answers.push(Box::new(|| reply.answer(Err(over()))));
            return Ok(());
        };
        let asker = Asker { attempt: attempt.0, request, is_new: false };
        let (verdict, _) = judge(self, asker, demand)?;
        match verdict {
            Verdict::Granted { .. } => self.hold(*attempt, &demand.hold)?,
            Verdict::Denied(_) => self.starve(*attempt)?,
        }
        self.answers.push(Box::new(|| reply.answer(Ok(verdict))));
        Ok(())
    }

    /// The request of ATTEMPT, while that is open.
    fn open_request(&self, attempt: AttemptKey) -> Result<Option<i64>> {
        let sql = "SELECT request FROM attempt WHERE id = ?1 AND outcome IS NULL";
        let mut query = self.transaction.prepare_cached(sql)?;
        query.query_row([attempt.0], |row| row.get(0)).optional()
    }

    fn hold(&self, attempt: AttemptKey, hold: &Hold) -> Result<()> {
        let sql = "UPDATE attempt SET held_pico = ?2, held_tokens = ?3, starving = 0 WHERE id = ?1";
        let row = params![attempt.0, pico(hold.cost), tokens(hold.tokens)];
        self.transaction.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }

    fn starve(&self, attempt: AttemptKey) -> Result<()> {
        let sql = "UPDATE attempt SET starving = 1 WHERE id = ?1";
        self.transaction.prepare_cached(sql)?.execute([attempt.0])?;
        Ok(())
    }

    pub(crate) fn alert(&mut self, alert: &'b Alert) -> Result<()> {
        let Alert { budget, window_start, threshold, told_ms, reply } = alert;
        let sql = "INSERT OR IGNORE INTO alert (budget, starts, threshold, told)
                   VALUES (?1, ?2, ?3, ?4)";
        let row = params![budget, window_start, threshold, told_ms];
        let is_news = self.transaction.prepare_cached(sql)?.execute(row)? == 1;
        self.answers.push(Box::new(move || reply.answer(Ok(is_news))));
        Ok(())
    }

    /// An account and its model are tried together, or neither: half a claim
    /// would keep everybody from the other half.
    pub(crate) fn claim(&mut self, claim: &'b Claim) -> Result<()> {
        let Claim { trials, stale_ms, reply } = claim;
        let mut is_first = !reply.is_answered();
        for trial in trials {
            is_first = is_first && !health::is_tried(self, trial, *stale_ms)?;
        }
        for trial in trials.iter().filter(|_| is_first) {
            health::see(self, trial)?;
        }
        self.answers.push(Box::new(move || reply.answer(Ok(is_first))));
        Ok(())
    }

    pub(crate) fn allow(&mut self, allowance: &Allowance) -> Result<()> {
        let Allowance { budget, extra, made_ms, until_ms } = allowance;
        let sql = "INSERT INTO allowance (budget, extra, made, until) VALUES (?1, ?2, ?3, ?4)";
        let row = params![budget, extra, made_ms, until_ms];
        self.transaction.prepare_cached(sql)?.execute(row)?;
        Ok(())
    }
}
