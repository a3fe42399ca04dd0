//! What the simulator received: the proof that something was sent, or not.

use crate::{
    meter::Bill,
    prompt::{Caller, Prompt},
    request::Head,
    response::Response,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// A request that came in, as far as a test may know it: no texts, no header
/// values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Received {
    /// Number of the request since the simulator started, from 1.
    pub number: u64,
    /// When it came, in Unix milliseconds.
    pub at_ms: i64,
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
    /// Images and documents in the conversation, in their order.
    pub media: Vec<Media>,
    /// Names of the headers, in lower case.
    pub headers: Vec<String>,
    /// Whether the expected key came; `None` where none is expected.
    pub key_matches: Option<bool>,
    /// The number of the key that came, from 0 in the order in which they were
    /// named; `None` where none is expected or another came.
    pub key: Option<usize>,
    /// The script that was played; `None` where it did not come to that.
    pub script: Option<String>,
    /// HTTP status of the response; 0 until it is decided.
    pub status: u16,
    /// Seconds after which the client was invited to come again.
    pub retry_after: Option<u32>,
    /// The client's port: requests that share it came over one connection.
    pub client_port: u16,
    /// How far the answer got.
    pub outcome: Outcome,
    /// When it got so far, in Unix milliseconds; `None` while it is on its way.
    pub ended_ms: Option<i64>,
    /// Tokens of the prompt that are billed; none before the answer is over,
    /// and none for a refusal.
    pub prompt_tokens: u64,
    /// Tokens of output that are billed: all that were made until the answer
    /// was over or the client left.
    pub output_tokens: u64,
}

impl Received {
    /// What came in with `head` from the client's `port`.
    pub(crate) fn new(head: &Head, port: u16, caller: &Caller, prompt: Option<&Prompt>) -> Self {
        Received {
            number: caller.number,
            at_ms: Timestamp::now().as_millisecond(),
            method: head.method.clone(),
            target: head.target.clone(),
            model: prompt.map(|p| p.model.clone()),
            stream: prompt.is_some_and(|p| p.stream),
            messages: prompt.map_or(0, |p| p.messages.len()),
            media: prompt.map_or_else(Vec::new, Media::of),
            headers: caller.headers.clone(),
            key_matches: caller.key_matches,
            key: caller.key,
            script: None,
            status: 0,
            retry_after: None,
            client_port: port,
            outcome: Outcome::Answering,
            ended_ms: None,
            prompt_tokens: 0,
            output_tokens: 0,
        }
    }
}

/// An image or document that came with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Media {
    /// Whether a tool returned it: it stood in a result, or right behind the
    /// results where the dialect has no place for it inside.
    pub of_tool: bool,
    /// Its type; `None` where the dialect does not tell, or it came by address.
    pub mime: Option<String>,
    /// How many bytes it has; none by address.
    pub bytes: usize,
}

impl Media {
    /// All that came with `prompt`.
    fn of(prompt: &Prompt) -> Vec<Self> {
        let messages = prompt.messages.iter().enumerate();
        let all =
            messages.flat_map(|(i, m)| m.media.iter().map(move |it| (prompt.is_of_tool(i), it)));
        all.map(|(of_tool, media)| Media::new(of_tool, media)).collect()
    }

    fn new(of_tool: bool, media: &Value) -> Self {
        // Base64 has four characters for three bytes.
        let data = media["data"].as_str().unwrap_or_default().trim_end_matches('=');
        let mime = media["mime"].as_str().map(str::to_owned);
        Media { of_tool, mime, bytes: data.len() * 3 / 4 }
    }
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
#[derive(Default)]
pub(crate) struct Journal {
    log: watch::Sender<Log>,
}

impl Journal {
    /// Notes a new connection.
    pub(crate) fn connected(&self) {
        self.log.send_modify(|log| log.connections += 1);
    }

    /// Notes a request.
    pub(crate) fn begin(&self, received: Received) {
        self.log.send_modify(|log| log.requests.push(received));
    }

    /// Notes what request `number` gets.
    pub(crate) fn decide(&self, number: u64, script: Option<String>, response: &Response) {
        self.log.send_modify(|log| {
            if let Some(received) = log.requests.iter_mut().find(|r| r.number == number) {
                received.script = script;
                received.status = response.status;
                received.retry_after = response.retry_after();
            }
        });
    }

    /// Notes what became of request `number` and what is billed for it,
    /// unless that is forgotten.
    pub(crate) fn end(&self, number: u64, outcome: Outcome, bill: &Bill) {
        self.log.send_modify(|log| {
            if let Some(received) = log.requests.iter_mut().find(|r| r.number == number) {
                received.outcome = outcome;
                received.ended_ms = Some(Timestamp::now().as_millisecond());
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
