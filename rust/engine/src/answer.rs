//! One request, from what Lisp submitted to its terminal event.

use crate::core::Core;
use crate::correction::{Change, Correction};
use crate::event::Body;
use crate::intake::{self, Ask};
use crate::ledger::now_ms;
use crate::recording::Recording;
use crate::setup::Account;
use crate::terminal::Terminal;
use llm_switch_ledger::NewRequest;
use llm_switch_providers::{Answered, Attempt, attempt};
use llm_switch_types::{
    Error, ErrorKind, Event, Message, Part, Request, Result, StopReason, ToolCall,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;

/// Answer what TEXT asks; TERMINAL gets the end, whatever it is.
pub(crate) async fn answer(core: Arc<Core>, terminal: Terminal, text: String) {
    let id = terminal.id();
    match prepare(&core, &text).await {
        Err(error) => terminal.fail(error, Value::Null),
        Ok((account, question)) => {
            drop(text);
            match ask(&core, id, account, question).await {
                Ok(known) => terminal.finish(Body::Done(known)),
                Err((error, known)) => terminal.fail(error, known),
            }
        }
    }
}

/// What is known of an answer when it has ended; see [`Recording::end`].
pub(crate) type Known = Value;

/// Ask ACCOUNT what ASK says, for the job of ID.
pub(crate) async fn ask(
    core: &Arc<Core>,
    id: i64,
    account: Account,
    ask: Ask,
) -> std::result::Result<Known, (Error, Known)> {
    let model = ask.deployment.model.clone();
    Answer::new(core, id, account, model).run(ask).await
}

/// Read TEXT and resolve whom it asks.
async fn prepare(core: &Core, text: &str) -> Result<(Account, Ask)> {
    let mut ask = intake::read(text)?;
    let setup = core.setup().await?;
    let account = setup.account(&ask.deployment)?.clone();
    for message in &mut ask.request.messages {
        let seal = Seal::of(&account, &ask.deployment.model);
        message.opaque = message.opaque.take().and_then(|it| seal.open(it));
    }
    Ok((account, ask))
}

/// One answer while it arrives.
struct Answer<'a> {
    core: &'a Arc<Core>,
    id: i64,
    account: Account,
    model: String,
    text: String,
    calls: Vec<ToolCall>,
    opaque: Option<Value>,
    stop: Option<StopReason>,
    /// What the user should know beside the answer.
    remarks: Vec<String>,
}

impl<'a> Answer<'a> {
    fn new(core: &'a Arc<Core>, id: i64, account: Account, model: String) -> Self {
        let (text, calls, opaque, stop, remarks) = Default::default();
        Answer { core, id, account, model, text, calls, opaque, stop, remarks }
    }

    /// Make the attempt. Both ends come with what is known of it.
    async fn run(&mut self, ask: Ask) -> std::result::Result<Known, (Error, Known)> {
        let place = ask.deployment.to_string();
        let (key, mut recording) =
            self.begin(&ask).await.map_err(|error| (error.at(&place), Value::Null))?;
        match self.attempt(&ask, key.as_ref(), &mut recording).await {
            Ok(answered) => {
                recording.answered(&answered);
                Ok(self.done(recording.end(None)))
            }
            Err(error) => {
                if error.kind == ErrorKind::Auth {
                    self.core.keys.forget(&self.account.name);
                }
                let known = recording.end(Some(&error));
                Err((error.at(place), known))
            }
        }
    }

    /// Attempt what ASK asks; again, when the refusal told how this deployment
    /// wants to be asked.
    async fn attempt(
        &mut self,
        ask: &Ask,
        key: Option<&SecretString>,
        recording: &mut Recording,
    ) -> Result<Answered> {
        let (core, provider) = (Arc::clone(self.core), self.account.provider.clone());
        let client = core.clients.to(provider.locality);
        let seed = format!("{:x}{:x}", now_ms(), self.id);
        let known = core.learned.of(&ask.deployment);
        let mut correction = Correction::new(&ask.deployment, &ask.request, known);
        loop {
            let (request, lessons) = (correction.request.clone(), correction.lessons.clone());
            let (provider, model, seed) = (&provider, &*ask.deployment.model, &*seed);
            let call = Attempt { provider, model, key, request: &request, lessons: &lessons, seed };
            let end = attempt(client, call, |event| self.hear(recording, event)).await;
            let Err(refused) = end else { return end };
            let Some(remark) = self.correct(&mut correction, &refused, call) else {
                return Err(refused);
            };
            self.remarks.push(remark);
            recording.again(&refused);
        }
    }

    /// Change what is asked after CALL was REFUSED. The remark about it, or
    /// `None` when asking again makes no sense: nothing can be changed, or
    /// the user has seen a part of the answer already.
    fn correct(
        &self,
        correction: &mut Correction,
        refused: &Error,
        call: Attempt<'_>,
    ) -> Option<String> {
        if !self.text.is_empty() || !self.calls.is_empty() {
            return None;
        }
        let (change, remark) = correction.after(refused, call)?;
        if let Change::Lesson = change {
            self.core.learned.keep(correction.deployment, correction.lessons.clone());
        }
        Some(remark)
    }

    fn hear(&mut self, recording: &mut Recording, event: Event) {
        recording.note(&event);
        self.event(event);
    }

    async fn begin(&self, ask: &Ask) -> Result<(Option<SecretString>, Recording)> {
        let setup = self.core.setup().await?;
        let key = self.core.key(self.id, &self.account).await?;
        let new = NewRequest {
            started_ms: now_ms(),
            purpose: ask.purpose,
            client: ask.client.clone(),
            project: ask.project.clone(),
            route: None,
            requested: ask.deployment.to_string(),
        };
        let ledger = self.core.ledger.get().await;
        let model = ask.deployment.model.clone();
        let sent = text_bytes(&ask.request);
        Ok((key, Recording::begin(ledger, setup, self.account.clone(), model, new, sent)))
    }

    fn event(&mut self, event: Event) {
        let body = match event {
            Event::Text(text) => {
                self.text.push_str(&text);
                Body::Text(text)
            }
            Event::Reasoning(text) => Body::Reasoning(text),
            Event::ToolCall(call) => {
                self.calls.push(call.clone());
                Body::ToolCall(call)
            }
            Event::Opaque(opaque) => {
                self.opaque = Some(opaque);
                return;
            }
            Event::Stop(stop) => {
                self.stop = Some(stop);
                return;
            }
            Event::Served(_) | Event::ServiceTier(_) | Event::Usage(_) | Event::Reported(_) => {
                return;
            }
        };
        self.core.queue.push(self.id, body);
    }

    /// KNOWN with `stop-reason`, `remarks` (texts), and, when tools are called, the whole turn as
    /// `message` (`content`, `opaque`), to be sent back as it is.
    fn done(&mut self, mut known: Value) -> Value {
        known["stop-reason"] = self.stop.unwrap_or(StopReason::End).name().into();
        known["remarks"] = std::mem::take(&mut self.remarks).into();
        if !self.calls.is_empty() {
            let content = Some(std::mem::take(&mut self.text)).filter(|text| !text.is_empty());
            let seal = Seal::of(&self.account, &self.model);
            let opaque = self.opaque.take().map(|it| seal.close(it));
            known["message"] = json!({"content": content, "opaque": opaque});
        }
        known
    }
}

/// Whose the opaque part of a turn is. Signatures are bound to the model that
/// made them: nobody else is sent them.
struct Seal<'a> {
    account: &'a str,
    dialect: &'static str,
    model: &'a str,
}

impl<'a> Seal<'a> {
    fn of(account: &'a Account, model: &'a str) -> Self {
        Seal { account: &account.name, dialect: account.provider.dialect.name(), model }
    }

    fn close(&self, opaque: Value) -> String {
        let Seal { account, dialect, model } = self;
        json!({"account": account, "dialect": dialect, "model": model, "fields": opaque})
            .to_string()
    }

    fn open(&self, mut sealed: Value) -> Option<Value> {
        let ours = sealed["account"] == self.account
            && sealed["dialect"] == self.dialect
            && sealed["model"] == self.model;
        ours.then(|| sealed["fields"].take())
    }
}

fn text_bytes(request: &Request) -> u64 {
    let part = |part: &Part| match part {
        Part::Text(text) => text.len(),
        // How an image is counted differs by service; its size tells nothing.
        Part::Media(_) => 0,
    };
    let message = |message: &Message| message.parts.iter().map(part).sum::<usize>();
    request.messages.iter().map(message).sum::<usize>() as u64
}
