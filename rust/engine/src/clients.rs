//! The HTTP clients, one per reach.

use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_types::Locality;
use std::time::Duration;

/// The HTTP clients. A local provider is called through one that cannot
/// leave the machine, whatever else is configured.
pub(crate) struct Clients {
    loopback: Client,
    anywhere: Client,
    /// For asking whether a server is there at all.
    knock: Client,
}

impl Clients {
    pub(crate) fn new() -> Self {
        let short = Timeouts { connect: Duration::from_millis(500), idle: Duration::from_secs(2) };
        Clients {
            loopback: Client::new(Reach::Loopback, Timeouts::default()),
            anywhere: Client::new(Reach::Anywhere, Timeouts::default()),
            knock: Client::new(Reach::Loopback, short),
        }
    }

    /// The client for a provider at LOCALITY.
    pub(crate) fn to(&self, locality: Locality) -> &Client {
        match Reach::from(locality) {
            Reach::Loopback => &self.loopback,
            Reach::Anywhere => &self.anywhere,
        }
    }

    /// The client that asks whether a local server is there, and soon gives up.
    pub(crate) fn knock(&self) -> &Client {
        &self.knock
    }

    /// Do at start what the first request would have to wait for.
    pub(crate) fn warm_up(&self) {
        // What cannot be built now fails again, and is told, when it is used.
        let _ = self.loopback.warm_up();
        let _ = self.anywhere.warm_up();
    }
}
