//! One life of Emacs: an engine from its start to its end.

use crate::Result;
use llm_switch_engine::{BOUNDARY, Body, Doorbell, Engine, Envelope, Options};
use llm_switch_simulator::test_key;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Who waits longer for an event waits for ever.
const PATIENCE: Duration = Duration::from_secs(30);

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// An engine, and who listens to it.
pub struct Life {
    engine: Engine,
    rings: mpsc::Receiver<()>,
}

/// Something to ask.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The account that the route leads to first.
    pub account: String,
    /// The mode it is asked in.
    pub mode: &'static str,
    /// Words of the prompt.
    pub words: usize,
    /// The text so far of the answer that is to be gone on with.
    pub so_far: Option<String>,
}

/// How a request ended.
#[derive(Debug)]
pub struct End {
    pub ask: Ask,
    /// `Done` or `Error`.
    pub body: Body,
    pub text: String,
}

impl End {
    /// Whether it was answered to its end.
    pub fn is_done(&self) -> bool {
        matches!(self.body, Body::Done(_))
    }
}

impl Ask {
    fn request(&self) -> Value {
        let going_on = self.so_far.as_ref().map(|text| json!({ "text": text }));
        json!({
            "model": format!("sw/to-{}", self.account), "stream": true,
            "messages": [{"role": "user", "content": "tok ".repeat(self.words)}],
            "llm_switch": {
                "v": BOUNDARY, "purpose": "chat", "mode": self.mode, "continue": going_on
            },
        })
    }
}

impl Life {
    /// Begins with the configuration and the ledger in FOLDER, which is made
    /// where there is none.
    pub fn begin(folder: &Path) -> Result<Life> {
        let (ring, rings) = mpsc::channel();
        let options = Options {
            config_file: folder.join("config.toml"),
            ledger_file: folder.join("ledger.db"),
            state_folder: None,
            cache_folder: None,
            pace_ms: 5,
        };
        let life = Life { engine: Engine::start(options, Arc::new(Bell(ring)))?, rings };
        life.call("health.list")?;
        Ok(life)
    }

    /// Asks ALL at once; how each of them ended.
    pub fn ask(&self, all: Vec<Ask>) -> Result<Vec<End>> {
        let mut open: Vec<(i64, Ask, String)> = Vec::new();
        for ask in all {
            open.push((self.engine.submit(ask.request().to_string()), ask, String::new()));
        }
        let mut ends = Vec::new();
        while !open.is_empty() {
            for Envelope { id, body } in self.hear()? {
                let Some(at) = open.iter().position(|it| it.0 == id) else { continue };
                match body {
                    Body::Text(more) => open[at].2 += &more,
                    body if body.is_terminal() => {
                        let (_, ask, text) = open.swap_remove(at);
                        ends.push(End { ask, body, text });
                    }
                    _ => {}
                }
            }
        }
        Ok(ends)
    }

    /// What METHOD returns.
    pub fn call(&self, method: &str) -> Result<Value> {
        let id = self.engine.call(method.into(), json!({ "v": BOUNDARY }).to_string());
        loop {
            for Envelope { id: of, body } in self.hear()? {
                match body {
                    Body::Value(value) if of == id => return Ok(value),
                    Body::Error(error) if of == id => return Err(error.to_string().into()),
                    _ => {}
                }
            }
        }
    }

    /// What happened since; who wants a key is given that of its account.
    fn hear(&self) -> Result<Vec<Envelope>> {
        self.rings.recv_timeout(PATIENCE).map_err(|_| "the engine has fallen silent")?;
        let events = self.engine.drain();
        for event in &events {
            if let Body::Question(question) = &event.body {
                self.reply(question);
            }
        }
        Ok(events)
    }

    /// Nobody is there who could say yes to anything but a key.
    fn reply(&self, question: &Value) {
        let account = question["account"].as_str().filter(|_| question["kind"] == "key");
        let answer = json!({
            "v": BOUNDARY, "question": question["question"], "answer": account.map(test_key)
        });
        self.engine.call("question.answer".into(), answer.to_string());
    }

    /// Ends; all that was recorded is in the file then.
    pub fn end(self) {
        self.engine.shutdown();
    }
}
