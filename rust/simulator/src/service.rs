//! What stands behind the URLs: the one place that knows all of them.

use crate::{
    balances,
    delivery::Delivery,
    dialect::{self, Dialect},
    host::Host,
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
    /// The provider that this is, if it is a certain one.
    pub(crate) host: Option<Host>,
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
    pub(crate) fn new(
        key: Option<String>,
        played: HashMap<String, String>,
        host: Option<Host>,
    ) -> Self {
        Service { key, played, requests: AtomicU64::new(0), host, journal: Journal::new() }
    }

    /// Decides what to answer, and notes that the request came.
    pub(crate) fn receive(&self, head: &Head, body: &[u8], port: u16) -> Exchange {
        let keep_alive = head.keep_alive();
        if let Some(response) = self.control(head) {
            return Exchange { number: 0, response, delivery: Delivery::default(), keep_alive };
        }
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        let here = self.at_usual_path(head);
        let asked = here.as_ref().unwrap_or(head);
        let dialect = dialect::of(asked);
        let given = match &self.host {
            Some(host) => host.key(head),
            None => dialect.key(head),
        };
        let key_matches = self.key.as_deref().map(|key| given == Some(key));
        let caller = Caller { number, headers: head.names(), key_matches };
        let asks = head.method == "POST" && dialect.answers_at(asked.path());
        let prompt = asks.then(|| {
            dialect.read(asked, body).map(|prompt| Prompt { caller: caller.clone(), ..prompt })
        });
        let readable = prompt.as_ref().and_then(|prompt| prompt.as_ref().ok());
        self.journal.begin(received(head, port, &caller, readable));
        let call = Call { dialect, head: asked, body };
        let (response, delivery) = self.route(&call, key_matches, prompt);
        let response = response.header(dialect.request_id(), format!("req_{number}"));
        Exchange { number, response, delivery, keep_alive }
    }

    /// The head of a request to the host that this is, as though its paths
    /// were the usual ones; what is not below its base URL is nowhere.
    fn at_usual_path(&self, head: &Head) -> Option<Head> {
        let host = self.host.as_ref()?;
        let target = host.usual(&head.target).unwrap_or_else(|| "/not-here".to_owned());
        Some(head.at(target))
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
        call: &Call<'_>,
        key_matches: Option<bool>,
        prompt: Option<Result<Prompt, Refusal>>,
    ) -> (Response, Delivery) {
        let (method, path) = (call.head.method.as_str(), call.head.path());
        let plain = |response| (response, Delivery::default());
        if (method, path) == ("GET", "/health") {
            return plain(Response::json(200, json!({"status": "ok"})));
        }
        if key_matches == Some(false) {
            return plain(call.refuse("", &call.key()));
        }
        if let Some(prompt) = prompt {
            return self.answer(call, prompt);
        }
        let told = call.dialect.information(method, path, call.body);
        plain(told.or_else(|| balances::response(method, path)).unwrap_or_else(|| {
            let cause = Cause::UnknownPath(format!("{method} {path}"));
            call.refuse("", &Refusal::new(404, cause))
        }))
    }

    fn answer(&self, call: &Call<'_>, prompt: Result<Prompt, Refusal>) -> (Response, Delivery) {
        let prompt = match prompt {
            Ok(prompt) => prompt,
            Err(refusal) => return (call.refuse("", &refusal), Delivery::default()),
        };
        let tells_usage = self.host.as_ref().is_some_and(Host::tells_usage);
        let include_usage = prompt.include_usage || tells_usage;
        let prompt = Prompt { include_usage, ..prompt };
        if let Some(refusal) = self.host.as_ref().and_then(|host| host.refuse(&prompt)) {
            return (call.refuse(&prompt.model, &refusal), Delivery::default());
        }
        let script = self.played.get(&prompt.model).unwrap_or(&prompt.model);
        match script::play(script, &prompt) {
            Ok((reply, delivery)) => call.perform(reply, delivery, &prompt),
            Err(why) => {
                let refusal = Refusal::new(404, Cause::UnknownModel(why));
                (call.refuse(&prompt.model, &refusal), Delivery::default())
            }
        }
    }
}

/// A request and the dialect that it is written in.
struct Call<'a> {
    dialect: &'a dyn Dialect,
    head: &'a Head,
    body: &'a [u8],
}

impl Call<'_> {
    fn perform(&self, reply: Reply, delivery: Delivery, prompt: &Prompt) -> (Response, Delivery) {
        let comments = delivery.comments && self.dialect.streams_events();
        let crlf = delivery.crlf && self.dialect.streams_events();
        let mut delivery = Delivery { comments, crlf, ..delivery };
        let response = match reply {
            Reply::Answer(answer) => {
                delivery.every = delivery.every.or(answer.every.filter(|_| prompt.stream));
                self.dialect.answer(answer, prompt)
            }
            Reply::Refusal(refusal) => self.refuse(&prompt.model, &refusal),
            Reply::Redirect(url) => Response::new(302, "text/plain", "").header("location", url),
            Reply::Html => Response::new(200, "text/html; charset=utf-8", HTML),
            Reply::Verbatim(response) => response,
        };
        let limits = if delivery.limits { self.dialect.limits() } else { Vec::new() };
        let add = |response: Response, (name, value)| response.header(name, value);
        (limits.into_iter().fold(response, add), delivery)
    }

    fn refuse(&self, model: &str, refusal: &Refusal) -> Response {
        refusal.response(self.dialect.say(refusal, model))
    }

    fn key(&self) -> Refusal {
        Refusal::new(401, Cause::Key { given: self.dialect.key(self.head).is_some() })
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
