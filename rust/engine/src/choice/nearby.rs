//! What the servers on this machine offer now.

use crate::core::Core;
use crate::setup::{Account, Setup};
use futures_util::future::join_all;
use llm_switch_providers::models;
use llm_switch_types::{Deployment, Locality};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long what was found is believed. A server that is started meanwhile
/// is found a moment later.
const FRESH: Duration = Duration::from_secs(15);

/// How long a server is supposed to be still there, where nobody would ask it
/// just to know.
const STILL_KNOWN: Duration = Duration::from_secs(600);

/// What the servers on this machine offered when they were asked last.
#[derive(Default)]
pub(crate) struct Nearby(Mutex<Option<(Instant, Vec<Deployment>)>>);

impl Nearby {
    /// What was found of late, without asking anybody.
    pub(crate) fn known(&self) -> Vec<Deployment> {
        let Ok(found) = self.0.try_lock() else { return Vec::new() };
        let known = found.as_ref().filter(|(at, _)| at.elapsed() < STILL_KNOWN);
        known.map(|(_, known)| known.clone()).unwrap_or_default()
    }

    /// Ask again next time: a server has come or gone.
    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

impl Core {
    /// The models that the servers on this machine of SETUP offer, asked for
    /// the job of ID through the client that cannot leave the machine. A server
    /// that is down offers none.
    pub(crate) async fn nearby(&self, id: i64, setup: &Setup) -> Vec<Deployment> {
        let mut found = self.nearby.0.lock().await;
        if let Some((_, known)) = found.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return known.clone();
        }
        let near = setup.accounts.values().filter(|it| it.provider.locality == Locality::Local);
        let offered = join_all(near.map(|account| self.offered(id, account))).await;
        let offered: Vec<Deployment> = offered.into_iter().flatten().collect();
        *found = Some((Instant::now(), offered.clone()));
        offered
    }

    async fn offered(&self, id: i64, account: &Account) -> Vec<Deployment> {
        let Ok(key) = self.key(id, account).await else { return Vec::new() };
        let client = self.clients.knock(Locality::Local);
        let found = models(client, &account.provider, key.as_ref()).await.unwrap_or_default();
        self.contexts.told(&account.name, &found);
        // What makes vectors of texts cannot answer.
        let talks = found.into_iter().filter(|it| !it.name.to_lowercase().contains("embed"));
        talks.map(|it| Deployment { account: account.name.clone(), model: it.name }).collect()
    }
}
