//! How much deployments and routes have to do.

use llm_switch_types::{Deployment, Route};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};

/// A minute, by which limits count.
const MINUTE_MS: i64 = 60_000;

/// How soon to look again for a place that an answer frees.
const LOOK_MS: i64 = 250;

/// How much deployments and routes have to do in this process.
#[derive(Default)]
pub(crate) struct Loads {
    deployments: Mutex<HashMap<Deployment, u32>>,
    routes: Mutex<HashMap<String, Passage>>,
}

/// What went through a route.
#[derive(Default)]
struct Passage {
    /// When, and with how many tokens, in the last minute.
    minute: VecDeque<(i64, u64)>,
    under_way: u64,
}

/// A place at a deployment and in its route, until it is dropped.
pub(crate) struct Slot<'a> {
    loads: &'a Loads,
    deployment: Deployment,
    route: Option<String>,
}

/// Why a route lets nobody pass, and when it may again, in Unix milliseconds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full {
    pub(crate) why: String,
    pub(crate) until: i64,
}

impl Loads {
    /// How many requests DEPLOYMENT has under way.
    pub(crate) fn of(&self, deployment: &Deployment) -> u32 {
        self.deployments.lock().get(deployment).copied().unwrap_or(0)
    }

    /// A place at DEPLOYMENT for a request of TOKENS through ROUTE at NOW.
    ///
    /// # Errors
    /// When a limit of ROUTE is reached.
    pub(crate) fn enter(
        &self,
        deployment: &Deployment,
        route: Option<&Route>,
        tokens: u64,
        now: i64,
    ) -> Result<Slot<'_>, Full> {
        let limited = route.filter(|it| it.rpm.or(it.tpm).or(it.parallel).is_some());
        if let Some(route) = limited {
            let mut routes = self.routes.lock();
            let passage = routes.entry(route.name.clone()).or_default();
            passage.pass(route, tokens, now)?;
        }
        *self.deployments.lock().entry(deployment.clone()).or_default() += 1;
        let (deployment, route) = (deployment.clone(), limited.map(|it| it.name.clone()));
        Ok(Slot { loads: self, deployment, route })
    }
}

impl Passage {
    fn pass(&mut self, route: &Route, tokens: u64, now: i64) -> Result<(), Full> {
        while self.minute.front().is_some_and(|(at, _)| now - at >= MINUTE_MS) {
            self.minute.pop_front();
        }
        let name = &route.name;
        let full = |why: String, until| Err(Full { why, until });
        if let Some(most) = route.parallel.filter(|most| self.under_way >= *most) {
            return full(format!("{name} answers {most} at once at most"), now + LOOK_MS);
        }
        let requests = self.minute.len() as u64;
        if let Some(most) = route.rpm.filter(|most| requests >= *most) {
            let oldest = self.minute.front().map_or(now, |(at, _)| *at);
            return full(
                format!("{name} takes {most} requests a minute at most"),
                oldest + MINUTE_MS,
            );
        }
        let sum: u64 = self.minute.iter().map(|(_, tokens)| tokens).sum();
        // What is larger than the limit by itself would never pass: alone it does.
        if let Some(most) = route.tpm.filter(|most| sum > 0 && sum + tokens > *most) {
            let oldest = self.minute.front().map_or(now, |(at, _)| *at);
            return full(
                format!("{name} takes {most} tokens a minute at most"),
                oldest + MINUTE_MS,
            );
        }
        self.minute.push_back((now, tokens));
        self.under_way += 1;
        Ok(())
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        let mut deployments = self.loads.deployments.lock();
        if let Some(count) = deployments.get_mut(&self.deployment) {
            *count -= 1;
            if *count == 0 {
                deployments.remove(&self.deployment);
            }
        }
        drop(deployments);
        if let Some(route) = &self.route
            && let Some(passage) = self.loads.routes.lock().get_mut(route)
        {
            passage.under_way -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::built_in::route;
    use super::*;
    use llm_switch_types::Strategy;

    fn limited(limit: impl FnOnce(&mut Route)) -> Route {
        let mut route = route("r", Vec::new(), Strategy::Ordered);
        limit(&mut route);
        route
    }

    #[test]
    fn a_minute_has_room_for_so_many_requests_and_tokens() {
        let (loads, it) = (Loads::default(), "a/b".parse().unwrap());
        let two = limited(|it| it.rpm = Some(2));
        let enter =
            |route: &Route, tokens, now| loads.enter(&it, Some(route), tokens, now).map(drop);
        assert!(enter(&two, 1, 0).is_ok() && enter(&two, 1, 10).is_ok());
        assert_eq!(enter(&two, 1, 20).unwrap_err().until, 60_000);
        assert!(enter(&two, 1, 60_000).is_ok());
        let loads = Loads::default();
        let hundred = limited(|it| it.tpm = Some(100));
        let enter = |tokens, now| loads.enter(&it, Some(&hundred), tokens, now).map(drop);
        assert!(enter(900, 0).is_ok(), "alone it passes");
        assert!(enter(1, 1).is_err() && enter(1, 60_000).is_ok());
    }

    #[test]
    fn who_is_done_makes_room() {
        let (loads, it) = (Loads::default(), "a/b".parse().unwrap());
        let one = limited(|it| it.parallel = Some(1));
        let slot = loads.enter(&it, Some(&one), 1, 0).ok().unwrap();
        assert_eq!(loads.of(&it), 1);
        assert!(loads.enter(&it, Some(&one), 1, 0).is_err());
        drop(slot);
        assert!(loads.enter(&it, Some(&one), 1, 0).is_ok());
        assert_eq!(loads.of(&it), 0);
    }
}
