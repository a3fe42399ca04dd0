//! Listens to what a server of the newer era has to tell.

use crate::connection::Broken;
use crate::{Era, Event, Info};
use rmcp::RoleClient;
use rmcp::model::SubscriptionFilter;
use rmcp::service::{Peer, ServiceError, Subscription};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// How long a server may take to promise that it will tell of changes. It is
/// ready without the promise too.
const PROMISE: Duration = Duration::from_secs(2);

/// How long to wait before listening again, where a proxy or the server
/// itself ended it.
const PAUSE: Duration = Duration::from_secs(1);

/// Whoever is told what happens.
pub(crate) type Tell = Arc<dyn Fn(Event) + Send + Sync>;

/// Keeps a server of the newer era telling when its lists change; the older
/// ones tell unasked. What it tells is heard at the tap.
pub(crate) struct Listener {
    peer: Peer<RoleClient>,
    filter: SubscriptionFilter,
    subscription: Subscription,
    broken: watch::Sender<Option<Broken>>,
    tell: Tell,
}

impl Listener {
    /// One that listens to PEER already, of which INFO is known. `None` where
    /// there is nothing to listen to.
    pub(crate) async fn new(
        peer: &Peer<RoleClient>,
        info: &Info,
        broken: &watch::Sender<Option<Broken>>,
        tell: Tell,
    ) -> Option<Listener> {
        let filter = filter(info)?;
        let subscription = timeout(PROMISE, peer.listen(filter.clone())).await.ok()?.ok()?;
        let (peer, broken) = (peer.clone(), broken.clone());
        Some(Listener { peer, filter, subscription, broken, tell })
    }

    /// Listen while LISTENING is true, or until it cannot be done any more.
    pub(crate) async fn run(mut self, mut listening: watch::Receiver<bool>) {
        loop {
            // A subscription that nobody reads from is ended by rmcp.
            let told = tokio::select! {
                told = self.subscription.next() => matches!(told, Ok(Some(_))),
                _ = listening.wait_for(|listening| !listening) => break,
            };
            if !told && !self.again().await {
                return;
            }
        }
        // It is over soon in any case.
        let _ = self.subscription.cancel().await;
    }

    /// Listen again; false where that cannot be done. What was missed
    /// meanwhile is asked for again. When nobody answers there, the
    /// connection is of no use for calls either.
    async fn again(&mut self) -> bool {
        sleep(PAUSE).await;
        match self.peer.listen(self.filter.clone()).await {
            Ok(subscription) => {
                self.subscription = subscription;
                changes(&self.filter).for_each(|event| (self.tell)(event));
                true
            }
            Err(ServiceError::TransportClosed | ServiceError::TransportSend(_)) => {
                self.broken.send_replace(Some(Broken::Transport));
                false
            }
            Err(_) => false,
        }
    }
}

/// What INFO says that its server can tell of, where it must be asked to.
fn filter(info: &Info) -> Option<SubscriptionFilter> {
    let mut filter = SubscriptionFilter::new();
    filter.tools_list_changed = info.offers.tools_change.then_some(true);
    filter.prompts_list_changed = info.offers.prompts_change.then_some(true);
    filter.resources_list_changed = info.offers.resources_change.then_some(true);
    (info.era == Era::Discover && filter != SubscriptionFilter::new()).then_some(filter)
}

/// All that FILTER listens for.
fn changes(filter: &SubscriptionFilter) -> impl Iterator<Item = Event> {
    let tools = filter.tools_list_changed.map(|_| Event::ToolsChanged);
    let prompts = filter.prompts_list_changed.map(|_| Event::PromptsChanged);
    let resources = filter.resources_list_changed.map(|_| Event::ResourcesChanged);
    tools.into_iter().chain(prompts).chain(resources)
}
