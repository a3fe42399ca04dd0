//! The HTTP clients, one per reach.

use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_types::Locality;
use std::time::Duration;

/// The HTTP clients. A local provider is called through one that cannot
/// leave the machine, whatever else is configured.
pub(crate) struct Clients {
    loopback: Client,
    anywhere: Client,
    /// For asking whether a server is there at all: on this machine, and on
    /// the user's network.
    knock: Client,
    knock_near: Client,
    /// For a question that is answered at once or not at all.
    question: Client,
}

impl Clients {
    pub(crate) fn new() -> Self {
        let patience = |connect, idle| Timeouts {
            connect: Duration::from_millis(connect),
            idle: Duration::from_millis(idle),
        };
        Clients {
            loopback: Client::new(Reach::Loopback, Timeouts::default()),
            anywhere: Client::new(Reach::Anywhere, Timeouts::default()),
            knock: Client::new(Reach::Loopback, patience(500, 2_000)),
            knock_near: Client::new(Reach::Anywhere, patience(2_000, 5_000)),
            question: Client::new(Reach::Anywhere, patience(10_000, 30_000)),
        }
    }

    /// The client for a provider at LOCALITY.
    pub(crate) fn to(&self, locality: Locality) -> &Client {
        match Reach::from(locality) {
            Reach::Loopback => &self.loopback,
            Reach::Anywhere => &self.anywhere,
        }
    }

    /// The client that asks whether a server at LOCALITY, which is the user's
    /// own, is there, and soon gives up.
    pub(crate) fn knock(&self, locality: Locality) -> &Client {
        match Reach::from(locality) {
            Reach::Loopback => &self.knock,
            Reach::Anywhere => &self.knock_near,
        }
    }

    /// The client for a question to a provider at LOCALITY that no model has
    /// to think about.
    pub(crate) fn question(&self, locality: Locality) -> &Client {
        match Reach::from(locality) {
            Reach::Loopback => &self.knock,
            Reach::Anywhere => &self.question,
        }
    }

    /// Do at start what the first request would have to wait for.
    pub(crate) fn warm_up(&self) {
        // What cannot be built now fails again, and is told, when it is used.
        let _ = self.loopback.warm_up();
        let _ = self.anywhere.warm_up();
    }
}
