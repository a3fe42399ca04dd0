//! What happens when nothing that the mode allows can answer.

use super::candidate::Candidate;
use super::expected::{Expected, expected};
use super::wanted::Wanted;
use crate::core::Core;
use crate::intake::{Ask, Asked};
use crate::questions::PATIENCE;
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_types::{Deployment, Locality, Payer, Purpose, Result, WhenNone};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// A request that nobody of whom WANTED allows has answered.
pub(crate) struct Beyond<'a> {
    pub(crate) core: &'a Core,
    pub(crate) id: i64,
    pub(crate) setup: &'a Setup,
    pub(crate) ask: &'a Ask,
    pub(crate) wanted: &'a mut Wanted,
    /// Who was asked before.
    pub(crate) asked: &'a [Deployment],
}

impl Beyond<'_> {
    /// Who may be asked instead: those of another mode, where this one names
    /// it; one more deployment for this request only, where the user says yes;
    /// nobody. A deployment that is named outright has no other in its place.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Config`] for a mode that is not there.
    pub(crate) async fn widen(mut self) -> Result<VecDeque<Candidate>> {
        if matches!(self.ask.asked, Asked::Deployment(_)) {
            return Ok(VecDeque::new());
        }
        // The configuration lets no mode lead back to itself.
        loop {
            match self.wanted.permission.mode().when_none.clone() {
                WhenNone::Fail => return Ok(VecDeque::new()),
                WhenNone::Ask => return Ok(self.confirmed().await.into_iter().collect()),
                WhenNone::Mode(name) => {
                    let further = self.in_mode(&name)?;
                    if !further.is_empty() {
                        return Ok(further);
                    }
                }
            }
        }
    }

    fn in_mode(&mut self, name: &str) -> Result<VecDeque<Candidate>> {
        self.wanted.change_mode(self.setup, name)?;
        let mut further = self.wanted.allowed();
        further.retain(|it| !self.asked.contains(&it.deployment()));
        Ok(further)
    }

    /// The first that the mode keeps out, if the user wants it. A probe asks
    /// nobody anything.
    async fn confirmed(&self) -> Option<Candidate> {
        let is_new = |it: &&Candidate| !self.asked.contains(&it.deployment());
        let candidate = self.wanted.beyond().find(is_new)?;
        if self.ask.purpose == Purpose::Probe {
            return None;
        }
        let details = self.question(candidate, self.cost(candidate).await);
        let answer = self.core.ask(self.id, "mode", details, PATIENCE).await;
        (answer == Some(Value::Bool(true))).then(|| candidate.clone())
    }

    async fn cost(&self, candidate: &Candidate) -> Expected {
        let ledger = self.core.ledger.get().await.ok();
        let (deployment, tasks) = (candidate.deployment(), &self.core.tasks);
        let habits = self.core.experience.habits(&deployment, ledger.as_ref(), tasks).await;
        let request = candidate.shape(&self.ask.request);
        expected(self.setup, candidate, &request, habits.bound(&request), Timestamp::now())
    }

    /// `mode`, `deployment`, `title`, `locality`, `payer`, `keeps`, `trains`,
    /// `likely` and `most` (pico-dollars or null), and all that as `message`.
    fn question(&self, candidate: &Candidate, cost: Expected) -> Value {
        let provider = &candidate.account.provider;
        let mode = &self.wanted.permission.mode().name;
        let (deployment, payer) = (candidate.deployment().to_string(), candidate.account.payer);
        let place = match provider.locality {
            Locality::Local => "on this machine",
            Locality::Lan => "on your network",
            Locality::Proxy => "through your proxy",
            Locality::Cloud => "in the cloud",
        };
        let message = format!(
            "nothing in mode {mode:?} can answer; ask {deployment} {place} this once, {}?",
            price(payer, cost)
        );
        json!({
            "mode": mode,
            "deployment": deployment,
            "title": provider.title,
            "locality": provider.locality,
            "payer": payer,
            "keeps": provider.data.keeps,
            "trains": provider.data.trains,
            "likely": cost.likely,
            "most": cost.most,
            "message": message,
        })
    }
}

fn price(payer: Payer, cost: Expected) -> String {
    match (payer, cost.likely, cost.most) {
        (Payer::Free, ..) => "which is free".to_owned(),
        (Payer::Plan, ..) => "which your plan pays".to_owned(),
        (_, Some(likely), Some(most)) => format!("for about ${likely}, ${most} at most"),
        (_, Some(likely), None) => format!("for about ${likely}"),
        (_, None, _) => "at a price that is not known".to_owned(),
    }
}
