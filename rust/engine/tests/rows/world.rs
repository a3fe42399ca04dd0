//! An engine, and for each row of the catalogue a simulator that stands for it.

use llm_switch_catalog::{Capability, Catalog};
use llm_switch_engine::{Body, Doorbell, Engine, Options};
use llm_switch_simulator::{Builder, Received, Simulator, test_key};
use llm_switch_types::{Auth, Locality, Provider};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Time after which something that should happen has not.
const PATIENCE: Duration = Duration::from_secs(30);

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// All usable rows, each with a simulator in its place.
pub struct World {
    pub catalog: Catalog,
    engine: Engine,
    rings: mpsc::Receiver<()>,
    hosts: BTreeMap<String, Simulator>,
    _runtime: Runtime,
    _folder: TempDir,
}

impl World {
    /// Every provider plays the scripts that models are called after.
    pub fn new() -> World {
        World::where_plays(|_, builder| builder)
    }

    /// The same, with models that PLAYS adds to a provider.
    pub fn where_plays(plays: impl Fn(&Provider, Builder) -> Builder) -> World {
        let catalog = Catalog::embedded().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let start = |row: &Provider| {
            let builder = plays(row, keyed(row, Simulator::builder().host(row)));
            (row.name.clone(), runtime.block_on(builder.start()).unwrap())
        };
        let hosts: BTreeMap<_, _> = usable(&catalog).map(start).collect();
        let config: String =
            usable(&catalog).map(|row| configured(row, &hosts[&row.name])).collect();
        let (engine, rings, folder) = engine(&config);
        World { catalog, engine, rings, hosts, _runtime: runtime, _folder: folder }
    }

    /// The rows that are not refused.
    pub fn rows(&self) -> Vec<Provider> {
        let rows: Vec<_> = usable(&self.catalog).cloned().collect();
        assert!(rows.len() >= 42, "{} rows", rows.len());
        rows
    }

    /// What came to the simulator of ROW since this was asked last.
    pub fn received(&self, row: &Provider) -> Vec<Received> {
        let host = &self.hosts[&row.name];
        let requests = host.received().requests;
        host.reset();
        requests
    }

    /// Why ROW has no model that can do WHAT, which is called so: the
    /// catalogue knows models of it, and none of them is known to. What runs
    /// on the user's own server is up to the user.
    pub fn lacks(&self, row: &Provider, what: Capability, called: &str) -> Option<String> {
        let mut models = self.catalog.models_of(&row.name).peekable();
        if row.locality == Locality::Local {
            return None;
        }
        let is_lacking = models.peek().is_some() && !models.any(|model| model.can(what));
        is_lacking.then(|| format!("the catalogue knows no model of it that {called}"))
    }

    /// Submit REQUEST, and hear all events of it to the end.
    pub fn submit(&self, request: &Value) -> Vec<Body> {
        self.hear(self.engine.submit(request.to_string()))
    }

    /// What METHOD returns.
    pub fn call(&self, method: &str, params: &Value) -> Value {
        match self.hear(self.engine.call(method.into(), params.to_string())).pop() {
            Some(Body::Value(value)) => value,
            other => panic!("{method}: {other:?}"),
        }
    }

    /// The events of ID. Whoever is asked for a key on the way gives it.
    fn hear(&self, id: i64) -> Vec<Body> {
        let mut heard: Vec<Body> = Vec::new();
        while !heard.last().is_some_and(Body::is_terminal) {
            self.rings.recv_timeout(PATIENCE).unwrap();
            for envelope in self.engine.drain() {
                match envelope.body {
                    Body::Question(question) => self.give_key(&question),
                    body if envelope.id == id => heard.push(body),
                    _ => {}
                }
            }
        }
        heard
    }

    fn give_key(&self, question: &Value) {
        let key = test_key(question["account"].as_str().unwrap());
        let answer = json!({"v": 1, "question": question["question"], "answer": key});
        self.engine.call("question.answer".into(), answer.to_string());
    }
}

fn usable(catalog: &Catalog) -> impl Iterator<Item = &Provider> {
    catalog.providers().iter().filter(|row| row.refused.is_none())
}

/// BUILDER, demanding ROW's key where ROW takes one.
fn keyed(row: &Provider, builder: Builder) -> Builder {
    match row.auth {
        Auth::None => builder,
        _ => builder.key(test_key(&row.name)),
    }
}

/// The row as it stands, but for where it answers.
fn configured(row: &Provider, host: &Simulator) -> String {
    let (name, base_url) = (&row.name, host.base_url());
    format!(
        "[provider.{name}]\nbase-url = '{base_url}'\n[account.{name}]\nkey = 'env:{name}'\nunpriced = ['*']\n"
    )
}

/// An engine with CONFIG in a folder of its own.
pub fn engine(config: &str) -> (Engine, mpsc::Receiver<()>, TempDir) {
    let mut folder = tempfile::tempdir().unwrap();
    // .dev/keys searches it for keys when all tests are over.
    folder.disable_cleanup(std::env::var_os("LLM_SWITCH_KEEP_FOLDERS").is_some());
    let config_file = folder.path().join("config.toml");
    std::fs::write(&config_file, config).unwrap();
    let ledger_file = folder.path().join("data/ledger.db");
    let state_folder = Some(folder.path().join("state"));
    let (sender, rings) = mpsc::channel();
    let options =
        Options { config_file, ledger_file, state_folder, cache_folder: None, pace_ms: 5 };
    (Engine::start(options, Arc::new(Bell(sender))).unwrap(), rings, folder)
}
