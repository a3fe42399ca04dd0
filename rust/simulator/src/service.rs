//! What stands behind the URLs: the one place that knows all of them.

use crate::{
    balances,
    call::Call,
    callers::Callers,
    delivery::Delivery,
    dialect,
    host::Host,
    meter::Bill,
    prompt::{Caller, Prompt},
    received::{Journal, Outcome, Received},
    refusal::{Cause, Refusal, Wait},
    request::Head,
    response::Response,
    script,
    turnstile::Turnstile,
};
use serde_json::json;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// The service that all connections share.
pub(crate) struct Service {
    pub(crate) callers: Callers,
    pub(crate) turnstile: Turnstile,
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
    /// A service for `callers`, whose models `played` are other scripts than
    /// their names say.
    pub(crate) fn new(
        callers: Callers,
        played: HashMap<String, String>,
        host: Option<Host>,
    ) -> Self {
        let (turnstile, requests, journal) = Default::default();
        Service { callers, turnstile, played, requests, host, journal }
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
        let key_matches = self.callers.admits(given);
        let key = self.callers.number(given);
        let caller = Caller { number, headers: head.names(), key_matches, key };
        let asks = head.method == "POST" && dialect.answers_at(asked.path());
        let prompt = asks.then(|| {
            dialect.read(asked, body).map(|prompt| Prompt { caller: caller.clone(), ..prompt })
        });
        let readable = prompt.as_ref().and_then(|prompt| prompt.as_ref().ok());
        self.journal.begin(Received::new(head, port, &caller, readable));
        let call = Call { dialect, head: asked, body };
        let (response, delivery) = self.route(&call, key_matches, prompt);
        self.journal.decide(number, delivery.script.clone(), &response);
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

    /// Notes how request `number` ended, and what is billed for it.
    pub(crate) fn ended(&self, number: u64, outcome: Outcome, bill: &Bill) {
        self.journal.end(number, outcome, bill);
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
        let script = self.script(&prompt);
        let refuse = |refusal| (call.refuse(&prompt.model, &refusal), Delivery::default());
        let (response, delivery) = match script::play(&script, &prompt) {
            Ok((reply, delivery)) => match self.objection(&delivery, &prompt) {
                None => call.perform(reply, delivery, &prompt),
                Some(refusal) => refuse(refusal),
            },
            Err(why) => refuse(Refusal::new(404, Cause::UnknownModel(why))),
        };
        (response, Delivery { script: Some(script), ..delivery })
    }

    /// What is played to who asks: what its key gets, else what the model
    /// stands for.
    fn script(&self, prompt: &Prompt) -> String {
        let turned = self.callers.script(prompt.caller.key);
        turned.unwrap_or_else(|| self.played.get(&prompt.model).unwrap_or(&prompt.model).clone())
    }

    /// Why who asks gets nothing of what is delivered so.
    fn objection(&self, delivery: &Delivery, prompt: &Prompt) -> Option<Refusal> {
        if delivery.room.is_some_and(|room| prompt.tokens() > room) {
            return Some(Refusal::new(400, Cause::Context));
        }
        let enter = |most| self.turnstile.enter(prompt.caller.key, &prompt.model, most);
        let wait = enter(delivery.most?).err()?;
        Some(Refusal { wait: Some(Wait::Seconds(wait)), ..Refusal::new(429, Cause::Status) })
    }
}
