//! An engine that can be started again.

use llm_switch_engine::{Body, Doorbell, Engine, Options};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// An engine in folders of its own, which can be started again.
pub struct Bench {
    pub engine: Engine,
    pub rings: mpsc::Receiver<()>,
    pub folder: TempDir,
    /// What is answered to a question.
    pub answer: Value,
    pub questions: Vec<String>,
}

impl Bench {
    pub fn new(config: &str) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let (engine, rings) = start(&folder);
        Bench { engine, rings, folder, answer: true.into(), questions: Vec::new() }
    }

    pub fn again(self) -> Bench {
        let Bench { engine, folder, answer, questions, .. } = self;
        engine.shutdown();
        let (engine, rings) = start(&folder);
        Bench { engine, rings, folder, answer, questions }
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn config(&self) -> String {
        std::fs::read_to_string(self.file("config.toml")).unwrap()
    }

    /// The files that came into being in the state folder.
    pub fn kept(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.file("state")).into_iter().flatten();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn end(&mut self, id: i64) -> Body {
        loop {
            self.rings.recv_timeout(Duration::from_secs(30)).unwrap();
            for event in self.engine.drain() {
                match event.body {
                    Body::Question(question) => self.reply(&question),
                    body if event.id == id && body.is_terminal() => return body,
                    _ => {}
                }
            }
        }
    }

    pub fn reply(&mut self, question: &Value) {
        self.questions.push(question["prompt"].as_str().unwrap().to_owned());
        let answer = json!({"v": 1, "question": question["question"], "answer": self.answer});
        self.engine.call("question.answer".into(), answer.to_string());
    }

    pub fn try_call(&mut self, method: &str, mut params: Value) -> Result<Value, Value> {
        params["v"] = 1.into();
        let id = self.engine.call(method.into(), params.to_string());
        match self.end(id) {
            Body::Value(value) => Ok(value),
            Body::Error(error) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap()
    }

    pub fn fetch(&mut self) -> Value {
        self.call("prices.fetch", json!({}))
    }

    pub fn refusal(&mut self) -> Value {
        self.try_call("prices.fetch", json!({})).unwrap_err()
    }

    /// What a call of MODEL at the simulator costs, in dollars.
    pub fn cost(&mut self, model: &str) -> Value {
        let request = json!({"model": format!("sw/{model}"), "stream": true,
            "messages": [{"role": "user", "content": "Hi"}],
            "llm_switch": {"v": 1, "purpose": "chat"}});
        let id = self.engine.submit(request.to_string());
        let Body::Done(known) = self.end(id) else { panic!() };
        known["cost"]["dollars"].clone()
    }

    /// The usual input rate of DEPLOYMENT that is in force.
    pub fn input(&mut self, deployment: &str) -> Value {
        let listed = self.call("deployments.list", json!({}));
        let rows = listed["deployments"].as_array().unwrap();
        let row = rows.iter().find(|row| row["deployment"] == deployment);
        row.map_or(Value::Null, |row| row["input"].clone())
    }
}

fn start(folder: &TempDir) -> (Engine, mpsc::Receiver<()>) {
    let (sender, rings) = mpsc::channel();
    let options = Options {
        config_file: folder.path().join("config.toml"),
        ledger_file: folder.path().join("data/ledger.db"),
        state_folder: Some(folder.path().join("state")),
        cache_folder: None,
        pace_ms: 5,
    };
    (Engine::start(options, Arc::new(Bell(sender))).unwrap(), rings)
}
