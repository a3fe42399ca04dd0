//! What is remembered of earlier requests.

use super::{Habits, Sample};
use crate::tasks::Tasks;
use llm_switch_ledger::Ledger;
use llm_switch_types::Deployment;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};

/// How many requests of a deployment are remembered.
const REMEMBERED: usize = 64;

/// The latest requests of each deployment; those before this session are read
/// from the ledger when they are first needed.
#[derive(Default)]
pub(crate) struct Experience(Mutex<HashMap<Deployment, VecDeque<Sample>>>);

impl Experience {
    /// What the requests of DEPLOYMENT are like.
    pub(crate) async fn habits(
        &self,
        deployment: &Deployment,
        ledger: Option<&Ledger>,
        tasks: &Tasks,
    ) -> Habits {
        if let Some(known) = self.0.lock().get_mut(deployment) {
            return Habits::of(known.make_contiguous());
        }
        let mut read = match ledger {
            Some(ledger) => read(ledger.clone(), deployment.clone(), tasks).await,
            None => VecDeque::new(),
        };
        let habits = Habits::of(read.make_contiguous());
        self.0.lock().entry(deployment.clone()).or_insert(read);
        habits
    }

    /// What the requests of DEPLOYMENT are like, as far as that is in memory.
    pub(crate) fn known(&self, deployment: &Deployment) -> Habits {
        let mut all = self.0.lock();
        all.get_mut(deployment).map_or_else(Habits::default, |it| Habits::of(it.make_contiguous()))
    }

    /// Remember that a request of DEPLOYMENT was like SAMPLE.
    pub(crate) fn add(&self, deployment: &Deployment, sample: Sample) {
        if let Some(known) = self.0.lock().get_mut(deployment) {
            known.truncate(REMEMBERED - 1);
            known.push_front(sample);
        }
    }
}

/// Without the ledger's memory the bounds are generous; that is no failure.
async fn read(ledger: Ledger, deployment: Deployment, tasks: &Tasks) -> VecDeque<Sample> {
    let read = move || ledger.habits(&deployment.account, &deployment.model, REMEMBERED);
    let rows = tasks.blocking(read).await.and_then(|rows| rows).unwrap_or_default();
    rows.into_iter().map(|[bytes, input, output]| Sample { bytes, input, output }).collect()
}
