//! Newer prices: fetched, shown, accepted or not, and a price by hand.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_engine::{Body, Doorbell, Engine, Options};
use llm_switch_simulator::Simulator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// A server on loopback that gives everybody the same reply.
struct Server {
    url: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn replying(reply: Vec<u8>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/prices.json", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut socket in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let _ = socket.read(&mut [0; 4096]);
                let _ = socket.write_all(&reply);
            }
        });
        Server { url, asked }
    }

    fn giving(body: &str) -> Server {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        Server::replying([head.as_bytes(), body.as_bytes()].concat())
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// An engine in folders of its own, which can be started again.
struct Bench {
    engine: Engine,
    rings: mpsc::Receiver<()>,
    folder: TempDir,
    /// What is answered to a question.
    answer: Value,
    questions: Vec<String>,
}

impl Bench {
    fn new(config: &str) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        let (engine, rings) = start(&folder);
        Bench { engine, rings, folder, answer: true.into(), questions: Vec::new() }
    }

    fn again(self) -> Bench {
        let Bench { engine, folder, answer, questions, .. } = self;
        engine.shutdown();
        let (engine, rings) = start(&folder);
        Bench { engine, rings, folder, answer, questions }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> String {
        std::fs::read_to_string(self.file("config.toml")).unwrap()
    }

    /// The files that came into being in the state folder.
    fn kept(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.file("state")).into_iter().flatten();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn end(&mut self, id: i64) -> Body {
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

    fn reply(&mut self, question: &Value) {
        self.questions.push(question["prompt"].as_str().unwrap().to_owned());
        let answer = json!({"v": 1, "question": question["question"], "answer": self.answer});
        self.engine.call("question.answer".into(), answer.to_string());
    }

    fn try_call(&mut self, method: &str, mut params: Value) -> Result<Value, Value> {
        params["v"] = 1.into();
        let id = self.engine.call(method.into(), params.to_string());
        match self.end(id) {
            Body::Value(value) => Ok(value),
            Body::Error(error) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap()
    }

    fn fetch(&mut self) -> Value {
        self.call("prices.fetch", json!({}))
    }

    fn refusal(&mut self) -> Value {
        self.try_call("prices.fetch", json!({})).unwrap_err()
    }

    /// What a call of MODEL at the simulator costs, in dollars.
    fn cost(&mut self, model: &str) -> Value {
        let request = json!({"model": format!("sw/{model}"), "stream": true,
            "messages": [{"role": "user", "content": "Hi"}],
            "llm_switch": {"v": 1, "purpose": "chat"}});
        let id = self.engine.submit(request.to_string());
        let Body::Done(known) = self.end(id) else { panic!() };
        known["cost"]["dollars"].clone()
    }

    /// The usual input rate of DEPLOYMENT that is in force.
    fn input(&mut self, deployment: &str) -> Value {
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
        pace_ms: 5,
    };
    (Engine::start(options, Arc::new(Bell(sender))).unwrap(), rings)
}

/// A list in which gpt-5 costs INPUT instead of 1.25, and a model is new.
fn list(input: f64) -> String {
    let entry = |provider: &str, input: f64| {
        json!({"litellm_provider": provider, "mode": "chat",
            "input_cost_per_token": input / 1e6, "output_cost_per_token": 1e-5})
    };
    json!({"gpt-5": entry("openai", input), "gpt-new": entry("openai", 2.0)}).to_string()
}

fn config(address: &str) -> String {
    format!("[account.openai]\n[prices]\naddress = '{address}'\n")
}

fn change<'a>(offer: &'a Value, model: &str) -> &'a Value {
    let mut changes = offer["changes"].as_array().unwrap().iter();
    changes.find(|it| it["model"] == model).unwrap()
}

#[test]
fn a_list_changes_nothing_until_it_is_accepted_and_then_at_once_and_for_good() {
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&config(&server.url));
    let offer = bench.fetch();
    let rates = &change(&offer, "openai/gpt-5")["rates"];
    assert_eq!(rates[0], json!({"rate": "input", "old": "1.25", "new": "1.5"}));
    assert_eq!(change(&offer, "openai/gpt-new")["kind"], "added");
    assert_eq!(bench.input("openai/gpt-5"), "1.25");
    assert_eq!(bench.kept(), ["price-addresses.json"]);

    let status = bench.call("prices.accept", json!({"offer": offer["offer"]}));
    assert_eq!((&status["address"], &status["days"]), (&json!(server.url), &json!(0)));
    assert_eq!(bench.input("openai/gpt-5"), "1.5");
    assert_eq!(bench.kept(), ["price-addresses.json", "prices.json.gz"]);

    let mut bench = bench.again();
    assert_eq!(bench.input("openai/gpt-5"), "1.5", "and in the next session");
    assert_eq!(bench.call("prices.forget", json!({}))["address"], Value::Null);
    assert_eq!((bench.input("openai/gpt-5"), bench.kept().len()), (json!("1.25"), 1));
}

#[test]
fn a_declined_list_cannot_be_accepted_any_more() {
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&config(&server.url));
    let offer = bench.fetch();
    bench.call("prices.decline", json!({"offer": offer["offer"]}));
    let error = bench.try_call("prices.accept", json!({"offer": offer["offer"]})).unwrap_err();
    assert_eq!(error["kind"], "refused");
    assert_eq!((bench.input("openai/gpt-5"), bench.kept().len()), (json!("1.25"), 1));
}

#[cfg(unix)]
#[test]
fn an_accepted_list_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&config(&server.url));
    let offer = bench.fetch();
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(bench.file("state/prices.json.gz")), 0o600);
    assert_eq!(mode(bench.file("state")), 0o700);
}

#[test]
fn the_user_is_asked_once_for_each_address_and_before_anything_is_sent() {
    let (server, other) = (Server::giving(&list(1.5)), Server::giving(&list(1.5)));
    let mut bench = Bench::new(&config(&server.url));
    bench.answer = Value::Null;
    assert_eq!(bench.refusal()["kind"], "cancelled");
    assert_eq!((server.asked(), bench.kept().len()), (0, 0));
    bench.answer = true.into();
    bench.fetch();
    bench.fetch();
    let mut bench = bench.again();
    bench.fetch();
    assert_eq!((server.asked(), bench.questions.len()), (3, 2));
    assert!(bench.questions[1].starts_with("Fetch prices from 127.0.0.1:"));
    std::fs::write(bench.file("config.toml"), config(&other.url)).unwrap();
    bench.call("config.reload", json!({}));
    bench.fetch();
    assert_eq!((other.asked(), bench.questions.len()), (1, 3));
}

#[test]
fn nothing_leaves_a_machine_that_calls_nobody_else() {
    let mut bench = Bench::new("");
    let error = bench.refusal();
    assert_eq!(error["kind"], "refused");
    assert!(error["message"].as_str().unwrap().contains("raw.githubusercontent.com"), "{error}");
    assert!(bench.questions.is_empty());
    let lan = "[provider.box]\nbase-url = 'http://10.0.0.7/v1'\nlocality = 'lan'\n";
    std::fs::write(bench.file("config.toml"), lan).unwrap();
    bench.call("config.reload", json!({}));
    assert_eq!(bench.refusal()["kind"], "refused");
    assert!(bench.questions.is_empty());
    let server = Server::giving(&list(1.5));
    std::fs::write(bench.file("config.toml"), format!("[prices]\naddress = '{}'\n", server.url))
        .unwrap();
    bench.call("config.reload", json!({}));
    bench.fetch();
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let foreign = Server::giving(&list(1.5));
    let elsewhere = foreign.url.replace("127.0.0.1", "127.0.0.2");
    let reply = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    let server = Server::replying(reply.into_bytes());
    let mut bench = Bench::new(&config(&server.url));
    assert!(bench.refusal()["what"].as_str().unwrap().contains("not followed"));
    assert_eq!((server.asked(), foreign.asked()), (1, 0));
}

#[test]
fn what_is_no_list_changes_nothing_and_says_why() {
    let whole = list(1.5);
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{whole}", whole.len() + 9);
    let cases = [
        (Server::giving("<!DOCTYPE html><html></html>"), "web page"),
        (Server::giving(&whole[..whole.len() - 5]), "ends in the middle"),
        (Server::giving("{}"), "no model in it has a price"),
        (Server::giving(&list(-1.0)), "below zero"),
        (Server::giving(&list(1250.0)), "would cost $1250 for input instead of $1.25"),
        (Server::giving(&list(1.25e6)), "nobody charges"),
        (Server::replying(cut.into_bytes()), "the connection broke"),
        (Server::replying(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into()), "404"),
    ];
    for (server, why) in cases {
        let mut bench = Bench::new(&config(&server.url));
        let error = bench.refusal();
        assert!(error["message"].as_str().unwrap().contains(why), "{why}: {error}");
        assert!(error["message"].as_str().unwrap().contains(&server.url), "{error}");
        assert_eq!(bench.input("openai/gpt-5"), "1.25");
        assert_eq!(bench.kept(), ["price-addresses.json"]);
    }
}

#[test]
fn a_list_may_be_a_file_and_nobody_is_asked() {
    let mut bench = Bench::new("");
    let path = bench.file("list.json");
    std::fs::write(&path, list(1.5)).unwrap();
    for address in [path.display().to_string(), format!("file://{}", path.display())] {
        std::fs::write(bench.file("config.toml"), config(&address)).unwrap();
        bench.call("config.reload", json!({}));
        assert_eq!(bench.fetch()["address"], path.display().to_string());
    }
    assert!(bench.questions.is_empty());
    std::fs::File::open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(bench.refusal()["what"].as_str().unwrap().contains("of 1970-01-01"));
    std::fs::remove_file(&path).unwrap();
    assert!(bench.refusal()["message"].as_str().unwrap().contains("cannot be read"));
}

#[test]
fn a_damaged_kept_list_is_told_and_the_embedded_one_holds() {
    let mut bench = Bench::new("[account.openai]\n");
    bench.call("prices.status", json!({}));
    std::fs::create_dir_all(bench.file("state")).unwrap();
    std::fs::write(bench.file("state/prices.json.gz"), b"\x1f\x8bnonsense").unwrap();
    let bench = bench.again();
    bench.rings.recv_timeout(Duration::from_secs(30)).unwrap();
    let told = bench.engine.drain();
    let notice = told.iter().find_map(|it| match &it.body {
        Body::Notice(notice) if notice["kind"] == "prices" => notice["message"].as_str(),
        _ => None,
    });
    assert!(notice.unwrap().contains("prices.json.gz"), "{told:?}");
    let mut bench = bench;
    assert_eq!(bench.input("openai/gpt-5"), "1.25");
}

/// A simulator as a metered openai, and its prices from ADDRESS.
fn billed(address: &str, base_url: &str) -> String {
    format!(
        "[provider.openai]\nbase-url = '{base_url}'\nlocality = 'proxy'\nauth = 'none'\n\
         dialect = 'openai-chat'\n[account.openai]\nunpriced = ['*']\n[prices]\naddress = '{address}'\n"
    )
}

#[test]
fn what_was_billed_stays_and_what_comes_is_billed_anew() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let plays = "usage:1000000,0,0,0";
    let simulator = runtime.block_on(Simulator::builder().plays("gpt-5", plays).start()).unwrap();
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&billed(&server.url, &simulator.base_url()));
    assert_eq!(bench.cost("openai/gpt-5"), "1.25");
    let offer = bench.fetch();
    assert_eq!(offer["changes"][0]["model"], "openai/gpt-5", "the one that was called is first");
    assert_eq!(
        (&offer["changes"][0]["calls"], &offer["changes"][1]["calls"]),
        (&json!(1), &json!(0))
    );
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    assert_eq!(bench.cost("openai/gpt-5"), "1.5");
    let totals = bench.call("ledger.totals", json!({"from": 0, "to": i64::MAX}));
    assert_eq!(totals["cost"], 2_750_000_000_000_i64, "1.25 as it was, and 1.5");
}

#[test]
fn a_price_by_hand_is_written_billed_and_stays_above_any_list() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let plays = "usage:1000000,0,0,0";
    let simulator = runtime.block_on(Simulator::builder().plays("gpt-x", plays).start()).unwrap();
    let server = Server::giving(&list(1.5).replace("gpt-new", "gpt-x"));
    let before = format!("# mine\n{}# the end\n", billed(&server.url, &simulator.base_url()));
    let mut bench = Bench::new(&before);
    assert_eq!(bench.cost("openai/gpt-x"), Value::Null, "unknown, not free");
    let price = json!({"deployment": "openai/gpt-x", "input": "3", "output": "10"});
    assert_eq!(bench.call("config.set_price", price)["model"], "openai/gpt-x");
    let lines = "\n[price.\"openai/gpt-x\"]\ninput = \"3\"\noutput = \"10\"\n";
    assert_eq!(bench.config(), format!("{before}{lines}"));
    assert_eq!(bench.cost("openai/gpt-x"), "3");
    let offer = bench.fetch();
    assert_eq!(change(&offer, "openai/gpt-x")["own"], true);
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    assert_eq!(bench.cost("openai/gpt-x"), "3");
}

#[test]
fn a_price_by_hand_that_is_wrong_changes_nothing() {
    let before = "[account.work]\nprovider = 'openai'\n[account.ollama]\n";
    let mut bench = Bench::new(before);
    let wrong = [
        ("work/m", "1,25", "10", "is no price for input"),
        ("work/m", "1", "-10", "is no price for output"),
        ("opnai/m", "1", "10", "unknown provider"),
        ("gpt-5", "1", "10", "gpt-5"),
        ("ollama/m", "1", "10", "nothing that ollama answers is charged"),
    ];
    for (deployment, input, output, why) in wrong {
        let price = json!({"deployment": deployment, "input": input, "output": output});
        let error = bench.try_call("config.set_price", price).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(why), "{why}: {error}");
        assert_eq!(bench.config(), before);
    }
    std::fs::write(bench.file("config.toml"), "[account.work\n").unwrap();
    let price = json!({"deployment": "work/m", "input": "1", "output": "10"});
    let error = bench.try_call("config.set_price", price).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("line 1"), "{error}");
    assert_eq!(bench.config(), "[account.work\n");
}

#[test]
fn a_list_may_not_take_away_a_price_that_a_budget_counts_by() {
    let budget = "[[budget]]\non = { model = 'gpt-4' }\nwindow = 'day'\nlimit = '3'\n";
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&format!("{}{budget}", config(&server.url)));
    let error = bench.refusal();
    assert!(error["message"].as_str().unwrap().contains("dollars of gpt-4"), "{error}");
    let price = json!({"deployment": "openai/gpt-4", "input": "30", "output": "60"});
    bench.call("config.set_price", price);
    let offer = bench.fetch();
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    let accounts = bench.again().call("accounts.list", json!({}));
    assert!(accounts.to_string().contains("openai"), "the file is not wrong: {accounts}");
}

#[test]
fn two_prices_that_are_set_at_once_are_both_there() {
    let bench = Bench::new("[account.openai]\n");
    let set = |number: usize| {
        let price =
            json!({"v": 1, "deployment": format!("openai/m{number}"), "input": "1", "output": "2"});
        bench.engine.call("config.set_price".into(), price.to_string())
    };
    let mut open: BTreeSet<i64> = (0..8).map(set).collect();
    while !open.is_empty() {
        bench.rings.recv_timeout(Duration::from_secs(30)).unwrap();
        for event in bench.engine.drain() {
            open.remove(&event.id);
        }
    }
    assert_eq!(bench.config().matches("[price.").count(), 8);
}

#[test]
fn the_price_of_an_accounts_model_stands_under_its_provider() {
    let mut bench = Bench::new("[account.work]\nprovider = 'openai'\n");
    let price =
        json!({"deployment": "work/gpt-5", "input": "1", "output": "2", "cache-read": "0.5"});
    assert_eq!(bench.call("config.set_price", price)["model"], "openai/gpt-5");
    assert!(bench.config().contains("[price.\"openai/gpt-5\"]"));
    let again = json!({"deployment": "work/gpt-5", "input": "3", "output": "4"});
    let told = bench.call("config.set_price", again);
    assert_eq!(told["old"], json!({"input": "1", "output": "2"}));
    assert!(bench.config().contains("cache-read = \"0.5\""), "it stays");
    assert_eq!(bench.input("work/gpt-5"), "3");
}
