//! An engine on a ledger that was filled before, with a configuration.
#![allow(dead_code)]

use jiff::Timestamp;
use llm_switch_engine::{Body, Doorbell, Engine, Options};
use llm_switch_ledger::{AttemptEnd, Ledger, NewAttempt, NewRequest, Outcome};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use serde_json::{Value, json};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;

pub const HOUR: i64 = 3_600_000;
pub const DAY: i64 = 24 * HOUR;
pub const DOLLAR: i64 = 1_000_000_000_000;

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// The engine, as of NOW.
pub struct Bench {
    engine: Engine,
    rings: mpsc::Receiver<()>,
    pub folder: TempDir,
    pub now: i64,
}

pub fn ms(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

impl Bench {
    /// One as of NOW, such as "2026-11-20T08:30:00Z".
    pub fn new(now: &str, config: &str, fill: impl FnOnce(&Ledger)) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let ledger_file = folder.path().join("ledger.db");
        let ledger = Ledger::open(&ledger_file, 0, |loss| panic!("{loss}")).unwrap();
        fill(&ledger);
        ledger.close().unwrap();
        let config_file = folder.path().join("config.toml");
        std::fs::write(&config_file, config).unwrap();
        let (sender, rings) = mpsc::channel();
        let options = Options {
            config_file,
            ledger_file,
            state_folder: None,
            cache_folder: None,
            pace_ms: 5,
        };
        let engine = Engine::start(options, Arc::new(Bell(sender))).unwrap();
        Bench { engine, rings, folder, now: ms(now) }
    }

    /// What METHOD tells, or the error, as of now.
    pub fn try_call(&self, method: &str, mut params: Value) -> Result<Value, Value> {
        for (name, value) in [("v", json!(1)), ("now", json!(self.now)), ("zone", json!("UTC"))] {
            if params[name].is_null() {
                params[name] = value;
            }
        }
        // The zone of the configuration, or the system's.
        if params["zone"] == false {
            params["zone"] = Value::Null;
        }
        let id = self.engine.call(method.into(), params.to_string());
        loop {
            self.rings.recv_timeout(Duration::from_secs(30)).unwrap();
            for event in self.engine.drain().into_iter().filter(|it| it.id == id) {
                match event.body {
                    Body::Value(value) => return Ok(value),
                    Body::Error(error) => return Err(error),
                    _ => {}
                }
            }
        }
    }

    pub fn call(&self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap()
    }
}

/// An attempt that was answered.
#[derive(Clone, Copy)]
pub struct Made<'a> {
    pub at: i64,
    pub route: &'a str,
    pub provider: &'a str,
    pub account: &'a str,
    pub model: &'a str,
    pub payer: Payer,
    pub usage: Usage,
    pub pico: Option<i64>,
}

impl Made<'_> {
    pub fn record(&self, ledger: &Ledger) {
        let request = ledger.begin_request(NewRequest {
            started_ms: self.at,
            purpose: Purpose::Chat,
            client: "emacs".into(),
            project: None,
            route: Some(self.route.into()),
            requested: self.route.into(),
        });
        let new = NewAttempt {
            provider: self.provider.into(),
            account: self.account.into(),
            sent_model: self.model.into(),
            payer: self.payer,
            started_ms: self.at,
            sent_bytes: 1_600,
        };
        let attempt = ledger.begin_attempt(request, new);
        let basis = match (self.payer, self.pico) {
            (Payer::Plan, _) => Basis::Plan,
            (Payer::Free, _) => Basis::Free,
            (Payer::Metered, None) => Basis::Unknown,
            (Payer::Metered, Some(_)) => Basis::Computed,
        };
        let end = AttemptEnd {
            ended_ms: self.at + 1_000,
            first_token_ms: Some(200),
            served_model: Some(self.model.into()),
            http_status: Some(200),
            outcome: Outcome::Done,
            usage: self.usage,
            cost: Cost { amount: self.pico.map(Money::from_pico), basis, price: None },
            computed: None,
        };
        ledger.end_attempt(attempt, end);
        ledger.end_request(request, self.at + 1_000, Outcome::Done);
    }
}
