//! The upstreams while they run, and what they have to say.

use crate::Result;
use crate::clock::Clock;
use crate::record::Record;
use crate::world::{MODEL, UPSTREAMS, Upstream};
use llm_switch_simulator::{Received, Simulator, test_key};
use std::time::Duration;
use tokio::runtime::Runtime;

/// A simulator for each upstream.
pub struct Services {
    runtime: Runtime,
    simulators: Vec<Simulator>,
}

impl Services {
    /// Starts them all.
    pub fn start() -> Result<Services> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let start = |it: &Upstream| {
            let builder = Simulator::builder().plays(MODEL, it.plays);
            let keys = it.accounts().into_iter().map(|name| test_key(&name));
            runtime.block_on(keys.fold(builder, |builder, key| builder.key(key)).start())
        };
        let simulators = UPSTREAMS.iter().map(start).collect::<std::io::Result<Vec<_>>>()?;
        Ok(Services { runtime, simulators })
    }

    fn each(&self) -> impl Iterator<Item = (&'static Upstream, &Simulator)> {
        UPSTREAMS.iter().zip(&self.simulators)
    }

    /// The base URL of UPSTREAM.
    pub fn url(&self, upstream: &Upstream) -> String {
        let found = self.each().find(|(it, _)| it.name == upstream.name);
        found.map(|(it, simulator)| simulator.base_url_of(it.dialect())).unwrap_or_default()
    }

    /// Lets all befall them that befalls them at MINUTE.
    pub fn turn(&self, minute: i64) {
        for (upstream, simulator) in self.each() {
            let Some(first) = upstream.accounts().first().map(|it| test_key(it)) else { continue };
            match upstream.trouble(minute) {
                Some(script) => simulator.turn(&first, script),
                None => simulator.mend(&first),
            };
        }
    }

    /// Lets TIME pass.
    pub fn pass(&self, time: Duration) {
        self.simulators.iter().for_each(|it| it.pass(time));
    }

    /// Who was asked since this was asked last, by CLOCK, in the order in
    /// which they came; when all of it is over.
    pub fn asked(&self, clock: &Clock) -> Vec<Record> {
        let mut all = Vec::new();
        for (upstream, simulator) in self.each() {
            let is_over = |it: &Received| it.ended_ms.is_some();
            let over = simulator.received_when(|log| log.requests.iter().all(is_over));
            let log = self.runtime.block_on(over);
            simulator.reset();
            all.extend(log.requests.iter().map(|it| Record::of(upstream, it, clock)));
        }
        all.sort_by_key(|it| it.at);
        all
    }
}
