//! What stands behind the URLs: the one place that knows all of them.

use crate::{
    delivery::Delivery,
    dialect::openai_chat,
    prompt::{Caller, Prompt},
    received::{Journal, Outcome, Received},
    refusal::{Cause, Refusal},
    reply::Reply,
    request::Head,
    response::Response,
    script,
};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
                    <body><h1>Please sign in to this network</h1></body></html>\n";

/// The service that all connections share.
pub(crate) struct Service {
    key: Option<String>,
    /// The script that each model with a name of its own plays.
    played: HashMap<String, String>,
    requests: AtomicU64,
    pub(crate) journal: Journal,
}

/// A request that was read, and what to do about it.
pub(crate) struct Exchange {
    pub(crate) number: u64,
    pub(crate) response: Response,
    pub(crate) delivery: Delivery,
    pub(crate) keep_alive: bool,
}

impl Service {
    /// A service that demands `key`, or none, and whose models `played` are
    /// other scripts than their names say.
    pub(crate) fn new(key: Option<String>, played: HashMap<String, String>) -> Self {
        Service { key, played, requests: AtomicU64::new(0), journal: Journal::new() }
    }

    /// Decides what to answer, and notes that the request came.
    pub(crate) fn receive(&self, head: &Head, body: &[u8], port: u16) -> Exchange {
        let keep_alive = head.keep_alive();
        if let Some(response) = self.control(head) {
            return Exchange { number: 0, response, delivery: Delivery::default(), keep_alive };
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let caller = Caller { number, headers: head.names(), key_matches: self.key_matches(head) };
        let prompt = openai_chat::read(body).map(|p| Prompt { caller: caller.clone(), ..p });
        self.journal.begin(received(head, port, &caller, prompt.as_ref().ok()));
        let (response, delivery) = self.route(head, &caller, prompt);
        let response = response.header("x-request-id", format!("req_{number}"));
        Exchange { number, response, delivery, keep_alive }
    }

    /// Notes how request `number` ended.
    pub(crate) fn ended(&self, number: u64, outcome: Outcome) {
        self.journal.end(number, outcome);
    }

    /// The answer to a test that asks what was received. Such requests are
    /// not noted: they would stand in the way of counting the others.
    fn control(&self, head: &Head) -> Option<Response> {
        match (head.method.as_str(), head.target.as_str()) {
            ("GET", "/simulator/requests") => Some(Response::json(200, json!(self.journal.log()))),
            ("POST", "/simulator/reset") => {
                self.journal.reset();
                Some(Response::json(200, json!({})))
            }
            _ => None,
        }
    }

    /// What a request gets, by its URL.
    fn route(
        &self,
        head: &Head,
        caller: &Caller,
        prompt: Result<Prompt, Refusal>,
    ) -> (Response, Delivery) {
        let path = head.target.split('?').next().unwrap_or_default();
        let plain = |response| (response, Delivery::default());
        match (head.method.as_str(), path) {
            ("GET", "/health") => plain(Response::json(200, json!({"status": "ok"}))),
            _ if caller.key_matches == Some(false) => plain(openai_chat::refuse("", &key(head))),
            ("GET", "/v1/models") => plain(openai_chat::models()),
            ("POST", "/v1/chat/completions") => self.chat(prompt),
            (method, target) => {
                let cause = Cause::UnknownPath(format!("{method} {target}"));
                plain(openai_chat::refuse("", &Refusal::new(404, cause)))
            }
        }
    }

    fn chat(&self, prompt: Result<Prompt, Refusal>) -> (Response, Delivery) {
        let prompt = match prompt {
            Ok(prompt) => prompt,
            Err(refusal) => return (openai_chat::refuse("", &refusal), Delivery::default()),
        };
        let script = self.played.get(&prompt.model).unwrap_or(&prompt.model);
        match script::play(script, &prompt) {
            Ok((reply, delivery)) => perform(reply, delivery, &prompt),
            Err(why) => {
                let refusal = Refusal::new(404, Cause::UnknownModel(why));
                (openai_chat::refuse(&prompt.model, &refusal), Delivery::default())
            }
        }
    }

    fn key_matches(&self, head: &Head) -> Option<bool> {
        let given = head.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        self.key.as_deref().map(|key| given == Some(key))
    }
}

fn received(head: &Head, port: u16, caller: &Caller, prompt: Option<&Prompt>) -> Received {
    Received {
        number: caller.number,
        method: head.method.clone(),
        target: head.target.clone(),
        model: prompt.map(|p| p.model.clone()),
        stream: prompt.is_some_and(|p| p.stream),
        messages: prompt.map_or(0, |p| p.messages.len()),
        headers: caller.headers.clone(),
        key_matches: caller.key_matches,
        client_port: port,
        outcome: Outcome::Answering,
    }
}

fn key(head: &Head) -> Refusal {
    Refusal::new(401, Cause::Key { given: head.header("authorization").is_some() })
}

fn perform(reply: Reply, delivery: Delivery, prompt: &Prompt) -> (Response, Delivery) {
    match reply {
        Reply::Answer(answer) => {
            let every = delivery.every.or(answer.every.filter(|_| prompt.stream));
            (openai_chat::answer(answer, prompt), Delivery { every, ..delivery })
        }
        Reply::Refusal(refusal) => (openai_chat::refuse(&prompt.model, &refusal), delivery),
        Reply::Redirect(url) => {
            (Response::new(302, "text/plain", "").header("location", url), delivery)
        }
        Reply::Html => (Response::new(200, "text/html; charset=utf-8", HTML), delivery),
    }
}
