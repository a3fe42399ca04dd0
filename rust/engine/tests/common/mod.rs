//! An engine with a simulator behind it. Each test uses a part of it.
#![allow(dead_code)]

use llm_switch_engine::{Body, Doorbell, Engine, Options};
use llm_switch_simulator::{Builder, Simulator, test_key};
use llm_switch_types::Dialect;
use serde_json::{Value, json};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// An account whose key the simulator takes, when it is answered with "right".
pub const KEYED: &str = "[account.sim]\nkey = 'env:X'\n";

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

fn sim(url: &str, dialect: Dialect, more: &str) -> String {
    let name = dialect.name();
    format!("[provider.sim]\nbase-url = '{url}'\ndialect = '{name}'\n{more}")
}

/// An engine with a simulator behind its account "sim".
pub struct Bench {
    pub engine: Engine,
    rings: mpsc::Receiver<()>,
    pub heard: Vec<(i64, Body)>,
    pub simulator: Simulator,
    _runtime: Runtime,
    folder: TempDir,
    options: Options,
}

impl Bench {
    pub fn new(more: &str) -> Bench {
        Bench::speaking(Dialect::OpenaiChat, more)
    }

    /// One whose provider "sim" speaks DIALECT; MORE follows its table.
    pub fn speaking(dialect: Dialect, more: &str) -> Bench {
        Bench::build(Simulator::builder().key(test_key("right")), dialect, |url| {
            sim(url, dialect, more)
        })
    }

    /// Write TEXT into a file called NAME beside the configuration.
    pub fn write_beside_config(&self, name: &str, text: &str) {
        std::fs::write(self.options.config_file.with_file_name(name), text).unwrap();
    }

    /// One that wants no key.
    pub fn keyless(more: &str) -> Bench {
        Bench::keyless_speaking(Dialect::OpenaiChat, more)
    }

    /// The same, and its provider "sim" speaks DIALECT.
    pub fn keyless_speaking(dialect: Dialect, more: &str) -> Bench {
        Bench::build(Simulator::builder(), dialect, |url| sim(url, dialect, more))
    }

    /// One whose configuration is what CONFIG makes of the simulator's URL.
    pub fn with_url(config: impl FnOnce(&str) -> String) -> Bench {
        Bench::build(Simulator::builder().key(test_key("right")), Dialect::OpenaiChat, config)
    }

    /// The same, and no key is wanted.
    pub fn keyless_with_url(config: impl FnOnce(&str) -> String) -> Bench {
        Bench::build(Simulator::builder(), Dialect::OpenaiChat, config)
    }

    fn build(simulator: Builder, dialect: Dialect, config: impl FnOnce(&str) -> String) -> Bench {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let simulator = runtime.block_on(simulator.start()).unwrap();
        let mut folder = tempfile::tempdir().unwrap();
        // .dev/keys searches it for keys when all tests are over.
        folder.disable_cleanup(std::env::var_os("LLM_SWITCH_KEEP_FOLDERS").is_some());
        let config_file = folder.path().join("config.toml");
        std::fs::write(&config_file, config(&simulator.base_url_of(dialect))).unwrap();
        let (sender, rings) = mpsc::channel();
        let ledger_file = folder.path().join("data/ledger.db");
        let options = Options {
            config_file,
            ledger_file,
            state_folder: None,
            cache_folder: None,
            pace_ms: 5,
        };
        let engine = Engine::start(options.clone(), Arc::new(Bell(sender))).unwrap();
        Bench { engine, rings, heard: Vec::new(), simulator, _runtime: runtime, folder, options }
    }

    /// Another Emacs beside the first one, on the same ledger, from now on.
    /// The first one is left alone, and given back.
    pub fn another_emacs(&mut self) -> Engine {
        let (sender, rings) = mpsc::channel();
        self.rings = rings;
        self.heard.clear();
        let engine = Engine::start(self.options.clone(), Arc::new(Bell(sender))).unwrap();
        std::mem::replace(&mut self.engine, engine)
    }

    /// Another program that holds the ledger, until the file is dropped.
    pub fn lock_ledger(&self) -> std::fs::File {
        let gate = self.folder.path().join("data/ledger.db.lock");
        let gate = std::fs::OpenOptions::new().write(true).open(gate).unwrap();
        gate.lock().unwrap();
        gate
    }

    pub fn submit(&self, model: &str) -> i64 {
        self.submit_more(model, json!({}))
    }

    /// Submit a request to MODEL that sets MORE.
    pub fn submit_more(&self, model: &str, more: Value) -> i64 {
        self.submit_as(&format!("sw/sim/{model}"), more)
    }

    /// Submit a request to NAME that sets MORE.
    pub fn submit_as(&self, name: &str, more: Value) -> i64 {
        let mut request = json!({"model": name, "stream": true,
            "messages": [{"role": "user", "content": "Hi"}],
            "llm_switch": {"v": 1, "purpose": "chat", "project": "/p"}});
        let more = more.as_object().unwrap().clone();
        request.as_object_mut().unwrap().extend(more);
        self.engine.submit(request.to_string())
    }

    /// Hear events until one of ID satisfies WANTED, and return that.
    pub fn hear(&mut self, id: i64, wanted: impl Fn(&Body) -> bool) -> Body {
        loop {
            if let Some((_, body)) = self.heard.iter().find(|(of, body)| *of == id && wanted(body))
            {
                return body.clone();
            }
            self.rings.recv_timeout(Duration::from_secs(30)).unwrap();
            self.heard.extend(self.engine.drain().into_iter().map(|it| (it.id, it.body)));
        }
    }

    pub fn end(&mut self, id: i64) -> Body {
        self.hear(id, Body::is_terminal)
    }

    /// End ID, answering the question for the key with the test key that is
    /// called KEY on the way; null finds none.
    pub fn end_with_key(&mut self, id: i64, key: Value) -> Body {
        let Body::Question(question) = self.hear(id, |body| matches!(body, Body::Question(_)))
        else {
            unreachable!()
        };
        let key = key.as_str().map(test_key);
        let answer = json!({"v": 1, "question": question["question"], "answer": key});
        self.engine.call("question.answer".into(), answer.to_string());
        self.end(id)
    }

    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.engine.call(method.into(), params.to_string());
        match self.end(id) {
            Body::Value(value) => value,
            other => panic!("{other:?}"),
        }
    }

    pub fn terminals(&self, id: i64) -> usize {
        self.heard.iter().filter(|(of, body)| *of == id && body.is_terminal()).count()
    }
}
