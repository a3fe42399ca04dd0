//! What the simulator received: the proof that something was sent, or not.

use crate::meter::Bill;
use serde::Serialize;
use tokio::sync::watch;

/// A request that came in, as far as a test may know it: no texts, no header
/// values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Received {
    /// Number of the request since the simulator started, from 1.
    pub number: u64,
    /// HTTP method.
    pub method: String,
    /// Path, or the whole URL if the simulator was taken for a proxy.
    pub target: String,
    /// The model asked for; `None` where the body is no request for an answer.
    pub model: Option<String>,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Number of messages in the conversation.
    pub messages: usize,
    /// Names of the headers, in lower case.
    pub headers: Vec<String>,
    /// Whether the expected key came; `None` where none is expected.
    pub key_matches: Option<bool>,
    /// The client's port: requests that share it came over one connection.
    pub client_port: u16,
    /// How far the answer got.
    pub outcome: Outcome,
    /// Tokens of the prompt that are billed; none before the answer is over,
    /// and none for a refusal.
    pub prompt_tokens: u64,
    /// Tokens of output that are billed: all that were made until the answer
    /// was over or the client left.
    pub output_tokens: u64,
}

/// How far an answer got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is on its way, or the script has stalled.
    Answering,
    /// All that the script says was sent, faults included.
    Answered,
    /// The client left before the end.
    ClientLeft,
}

/// Everything received since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Log {
    /// Connections that were opened, whether or not a request came over them.
    /// One over which this log is asked for counts as well.
    pub connections: u64,
    /// Requests, oldest first; those to `/simulator/` are left out.
    pub requests: Vec<Received>,
}

/// The log while it grows. A watch channel, because tests wait for entries
/// far more often than they look for them.
pub(crate) struct Journal {
    log: watch::Sender<Log>,
}

impl Journal {
    /// A journal without entries.
    pub(crate) fn new() -> Self {
        Journal { log: watch::Sender::new(Log::default()) }
    }

    /// Notes a new connection.
    pub(crate) fn connected(&self) {
        self.log.send_modify(|log| log.connections += 1);
    }

    /// Notes a request.
    pub(crate) fn begin(&self, received: Received) {
        self.log.send_modify(|log| log.requests.push(received));
    }

    /// Notes what became of request `number` and what is billed for it,
    /// unless that is forgotten.
    pub(crate) fn end(&self, number: u64, outcome: Outcome, bill: &Bill) {
        self.log.send_modify(|log| {
            if let Some(received) = log.requests.iter_mut().find(|r| r.number == number) {
                received.outcome = outcome;
                received.prompt_tokens = bill.prompt;
                received.output_tokens = bill.output();
            }
        });
    }

    /// Forgets everything so far.
    pub(crate) fn reset(&self) {
        self.log.send_replace(Log::default());
    }

    /// Everything so far.
    pub(crate) fn log(&self) -> Log {
        self.log.borrow().clone()
    }

    /// The log as soon as `wanted` holds of it.
    pub(crate) async fn when(&self, wanted: impl FnMut(&Log) -> bool) -> Log {
        let mut changes = self.log.subscribe();
        let found = changes.wait_for(wanted).await.map(|log| log.clone());
        // The channel cannot be closed: `self` holds its sender.
        found.unwrap_or_else(|_| self.log())
    }
}
