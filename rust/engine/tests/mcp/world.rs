//! An engine, a project, and a user who answers.

use llm_switch_engine::{Body, Doorbell, Engine, Options};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

type Answer = Box<dyn FnMut(&Value) -> Value>;

/// An engine, a project, and a user who answers.
pub struct World {
    pub engine: Engine,
    rings: mpsc::Receiver<()>,
    pub heard: Vec<(i64, Body)>,
    /// What the user says to questions, by their kind. They quit others.
    answers: HashMap<&'static str, Answer>,
    /// The kind of questions that the user has not answered yet.
    pub left: Option<&'static str>,
    /// The questions that were asked.
    pub asked: Vec<Value>,
    pub folder: TempDir,
}

/// The path of the example server, which `cargo test` builds with the tests.
fn program() -> String {
    let here = std::env::current_exe().unwrap();
    let path = here.ancestors().nth(2).unwrap().join("examples/server");
    assert!(path.exists(), "run first: cargo build -p llm-switch-mcp --example server");
    path.to_str().unwrap().to_owned()
}

/// The section of a configuration for the example server as NAME, with MORE.
pub fn section(name: &str, more: &str) -> String {
    format!("[mcp.{name}]\ncommand = {:?}\nargs = ['stdio']\n{more}\n", program())
}

/// What `.mcp.json` holds for the example server as NAME, with ENV.
pub fn project_file(name: &str, env: Value) -> String {
    let server = json!({"command": program(), "args": ["stdio"], "env": env});
    json!({"mcpServers": {name: server}}).to_string()
}

/// How the scripted server is started with the tools in FILE: command and
/// arguments.
fn script(file: &Path) -> (&'static str, [String; 2]) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mcp/server.py");
    ("python3", [script.to_owned(), file.to_str().unwrap().to_owned()])
}

/// A tool as the scripted server lists it, with ANNOTATIONS.
pub fn listed(name: &str, annotations: Value) -> Value {
    json!({"name": name, "inputSchema": {"type": "object"}, "annotations": annotations})
}

impl World {
    /// One whose configuration is CONFIG.
    pub fn new(config: &str) -> World {
        let mut folder = tempfile::tempdir().unwrap();
        // .dev/keys searches it for keys when all tests are over.
        folder.disable_cleanup(std::env::var_os("LLM_SWITCH_KEEP_FOLDERS").is_some());
        std::fs::create_dir(folder.path().join("project")).unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let (sender, rings) = mpsc::channel();
        let options = Options {
            config_file: folder.path().join("config.toml"),
            ledger_file: folder.path().join("data/ledger.db"),
            state_folder: Some(folder.path().join("state")),
            cache_folder: Some(folder.path().join("cache")),
            pace_ms: 5,
        };
        let engine = Engine::start(options, Arc::new(Bell(sender))).unwrap();
        let (heard, asked, answers, left) = Default::default();
        let mut world = World { engine, rings, heard, answers, left, asked, folder };
        world.says("environment", |_| {
            let own = ["PATH", "HOME"].map(|it| (it, std::env::var(it).unwrap()));
            json!(own.into_iter().collect::<HashMap<_, _>>())
        });
        // So that no call comes before there is a ledger to note it.
        world.ask("mcp.calls", json!({}));
        world
    }

    /// The user says ANSWER to questions of KIND.
    pub fn says(&mut self, kind: &'static str, answer: impl FnMut(&Value) -> Value + 'static) {
        self.answers.insert(kind, Box::new(answer));
    }

    pub fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Write TEXT into the file NAME of the project.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.project().join(name), text).unwrap();
    }

    /// Let the scripted server have TOOLS, from its next listing on.
    pub fn script(&self, tools: &[Value]) {
        let (new, file) = ["tools.new", "tools.json"].map(|it| self.folder.path().join(it)).into();
        // It may read them at this moment.
        std::fs::write(&new, json!(tools).to_string()).unwrap();
        std::fs::rename(new, file).unwrap();
    }

    /// What a file says of the scripted server, with MORE.
    pub fn scripted(&self, more: Value) -> Value {
        let (command, args) = script(&self.folder.path().join("tools.json"));
        let mut server = json!({"command": command, "args": args});
        let more = more.as_object().cloned().unwrap_or_default();
        server.as_object_mut().unwrap().extend(more);
        server
    }

    /// Let the project bring the scripted server as NAME, with MORE.
    pub fn bring(&self, name: &str, more: Value) {
        let servers = json!({"mcpServers": {name: self.scripted(more)}});
        self.write(".mcp.json", &servers.to_string());
    }

    /// The section of a configuration for the scripted server as NAME.
    pub fn section(&self, name: &str, more: &str) -> String {
        let (command, args) = script(&self.folder.path().join("tools.json"));
        format!("[mcp.{name}]\ncommand = {command:?}\nargs = {args:?}\n{more}\n")
    }

    /// Write TEXT as the configuration and have it read.
    pub fn configure(&mut self, text: &str) {
        std::fs::write(self.folder.path().join("config.toml"), text).unwrap();
        self.ask("config.reload", json!({}));
    }

    /// Begin METHOD with PARAMS in the project.
    pub fn begin(&self, method: &str, mut params: Value) -> i64 {
        params["v"] = 1.into();
        if params.get("project").is_none() {
            params["project"] = self.project().to_str().into();
        }
        self.engine.call(method.into(), params.to_string())
    }

    /// Hear, and answer, until something that was heard of ID is WANTED.
    pub fn hear(&mut self, id: i64, wanted: impl Fn(&Body) -> bool) -> Body {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let mut heard = self.heard.iter();
            if let Some((_, body)) = heard.find(|(of, body)| *of == id && wanted(body)) {
                return body.clone();
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "nothing more is heard of {id}: {:?}", self.heard);
            self.listen(left);
        }
    }

    /// Hear what comes within TIME, and answer.
    pub fn listen(&mut self, time: Duration) {
        let _ = self.rings.recv_timeout(time);
        for it in self.engine.drain() {
            if let Body::Question(question) = &it.body {
                self.answer(question.clone());
            }
            self.heard.push((it.id, it.body));
        }
    }

    fn answer(&mut self, question: Value) {
        let kind = question["kind"].as_str().unwrap_or_default();
        if self.left == Some(kind) {
            return self.asked.push(question);
        }
        let answer = self.answers.get_mut(kind).map(|answer| answer(&question));
        let told = json!({"v": 1, "question": question["question"], "answer": answer});
        self.asked.push(question);
        self.engine.call("question.answer".into(), told.to_string());
    }

    /// The end of ID: its value, or what its error says.
    pub fn end(&mut self, id: i64) -> Result<Value, Value> {
        match self.hear(id, Body::is_terminal) {
            Body::Value(value) => Ok(value),
            Body::Error(error) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    /// The value of METHOD with PARAMS.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.try_to(method, params).unwrap()
    }

    pub fn try_to(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.begin(method, params);
        self.end(id)
    }

    pub fn start(&mut self, server: &str) -> Value {
        self.ask("mcp.start", json!({"server": server}))
    }

    /// Begin a call of NAME, as models know it, with ARGUMENTS.
    pub fn begin_call(&self, name: &str, arguments: Value) -> i64 {
        self.begin("mcp.call", json!({"name": name, "arguments": arguments.to_string()}))
    }

    pub fn call(&mut self, name: &str, arguments: Value) -> Result<Value, Value> {
        let id = self.begin_call(name, arguments);
        self.end(id)
    }

    /// The same, and the user agrees.
    pub fn granted(&mut self, name: &str, arguments: Value) -> Value {
        let arguments = arguments.to_string();
        self.ask("mcp.call", json!({"name": name, "arguments": arguments, "granted": true}))
    }

    /// The questions of KIND that were asked.
    pub fn asked(&self, kind: &str) -> Vec<&Value> {
        self.asked.iter().filter(|it| it["kind"] == kind).collect()
    }

    /// What is known of SERVER.
    pub fn row(&mut self, server: &str) -> Value {
        let rows = self.ask("mcp.list", json!({}));
        let rows = rows["servers"].as_array().unwrap();
        rows.iter().find(|it| it["server"] == server).cloned().unwrap_or_default()
    }

    /// How often TOOL was called, and how that went, as the ledger has it.
    pub fn used(&mut self, tool: &str) -> Value {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let told = self.ask("mcp.calls", json!({"project": null}));
            let tools = told["tools"].as_array().unwrap();
            if let Some(found) = tools.iter().find(|it| it["tool"] == tool) {
                return found.clone();
            }
            assert!(Instant::now() < end, "no row of {tool}: {told}");
        }
    }

    /// The notices that were heard of CHANGE.
    pub fn notices(&self, change: &str) -> usize {
        let is_it = |body: &Body| matches!(body, Body::Notice(it) if it["change"] == change);
        self.heard.iter().filter(|(_, body)| is_it(body)).count()
    }
}

/// Whether the process PID runs.
pub fn runs(pid: &Value) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Wait until PID does not run any more.
pub fn gone(pid: &Value) {
    let end = Instant::now() + Duration::from_secs(10);
    while runs(pid) {
        assert!(Instant::now() < end, "{pid} still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The permissions of FILE.
pub fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}
