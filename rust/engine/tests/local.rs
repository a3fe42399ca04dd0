//! Servers on this machine are started, watched and stopped, and none is left
//! behind.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

const STAND_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/fixtures/servers/stand-in");

/// A port that is free, and for which nobody else here asks, nor for those
/// that come next: below those that the system gives to connections.
fn port() -> u16 {
    static NEXT: LazyLock<AtomicU16> =
        LazyLock::new(|| AtomicU16::new(20_000 + fastrand::u16(0..100) * APART));
    let ports = std::iter::repeat_with(|| NEXT.fetch_add(APART, Ordering::Relaxed));
    ports.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// More than are tried when one is taken.
const APART: u16 = 60;

/// Where llama-server and Ollama are expected: nothing of this machine's own.
fn bench(llama: u16, more: &str) -> Bench {
    let ollama = port();
    Bench::keyless_with_url(|url| {
        format!(
            "[provider.llamacpp]\nbase-url = 'http://127.0.0.1:{llama}/v1'\n\
             [provider.ollama]\nbase-url = 'http://127.0.0.1:{ollama}'\n\
             [provider.sim]\nbase-url = '{url}'\n{more}"
        )
    })
}

/// Start what PARAMS say in an environment whose variable STAND_IN is MODE;
/// the question for the environment, and the end.
fn start(bench: &mut Bench, mode: &str, params: Value) -> (Value, Body) {
    let mut all = json!({"v": 1, "kind": "llamacpp", "program": [STAND_IN], "file": STAND_IN});
    all.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
    let id = bench.engine.call("local.start".into(), all.to_string());
    let question = answer(bench, id, mode);
    (question, bench.end(id))
}

/// Answer what the start of ID asks, if it does; the question.
fn answer(bench: &mut Bench, id: i64, mode: &str) -> Value {
    let first = bench.hear(id, |body| matches!(body, Body::Question(_)) || body.is_terminal());
    let Body::Question(question) = first else { return Value::Null };
    let environment = json!({"PATH": std::env::var("PATH").unwrap(), "STAND_IN": mode});
    let answer = json!({"v": 1, "question": question["question"], "answer": environment});
    bench.engine.call("question.answer".into(), answer.to_string());
    question
}

fn started(bench: &mut Bench, mode: &str, params: Value) -> Value {
    match start(bench, mode, params).1 {
        Body::Value(value) => value,
        other => panic!("{other:?}"),
    }
}

fn refusal(bench: &mut Bench, mode: &str, params: Value) -> Value {
    match start(bench, mode, params).1 {
        Body::Error(error) => error,
        other => panic!("{other:?}"),
    }
}

fn row(bench: &mut Bench, server: &Value) -> Value {
    let rows = bench.call("local.list", json!({"v": 1, "fresh": true}));
    let row = rows.as_array().unwrap().iter().find(|row| row["server"] == *server);
    row.unwrap_or_else(|| panic!("{server} is not in {rows}")).clone()
}

fn stop(bench: &mut Bench, server: &Value) {
    let told = bench.call("local.stop", json!({"v": 1, "server": server}));
    assert_eq!(told, json!({"state": "stopped"}));
}

/// The words after the first one in the line of the log that begins with WORD.
fn said(bench: &mut Bench, server: &Value, word: &str) -> Vec<String> {
    let told = bench.call("local.tail", json!({"v": 1, "server": server}));
    let lines: Vec<_> = told["lines"].as_array().unwrap().iter().collect();
    let line = lines.iter().find_map(|line| line.as_str()?.strip_prefix(word));
    let line = line.unwrap_or_else(|| panic!("{word} is not in {lines:?}"));
    line.split_whitespace().map(str::to_owned).collect()
}

/// Whether the process PID runs; one that nobody has waited for does not.
fn runs(pid: &str) -> bool {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid).join("status"));
    status.is_ok_and(|it| !it.contains("State:\tZ"))
}

fn wait_until_gone(pids: &[String]) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while let Some(pid) = pids.iter().find(|pid| runs(pid)) {
        assert!(Instant::now() < deadline, "{pid} is left");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn get(port: u16, path: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
}

fn deployments(bench: &mut Bench) -> Vec<String> {
    let told = bench.call("deployments.list", json!({"v": 1}));
    let rows = told["deployments"].as_array().unwrap();
    rows.iter().map(|row| row["deployment"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_server_is_started_watched_and_stopped() {
    let usual = port();
    let mut bench = bench(usual, "");
    let told = started(&mut bench, "", json!({}));
    assert_eq!(
        (&told["state"], &told["account"], &told["address"]),
        (&json!("ready"), &json!("llamacpp"), &json!(format!("127.0.0.1:{usual}")))
    );
    let row = row(&mut bench, &told["server"]);
    let pids = said(&mut bench, &told["server"], "processes");
    assert_eq!(row["pid"].to_string(), pids[0], "it is the server, and not who started it");
    assert_eq!(
        (&row["ours"], &row["kind"], &row["file"]),
        (&json!(true), &json!("llamacpp"), &json!(STAND_IN))
    );
    let models = json!([{"name": "stand-in", "context": 4096, "loaded": null}]);
    assert_eq!((&row["models"], &row["load"]), (&models, &json!({"busy": 1, "slots": 2})));
    assert_eq!(row["tokens-per-second"], 41.5);
    assert!(deployments(&mut bench).contains(&"llamacpp/stand-in".into()));
    stop(&mut bench, &told["server"]);
    assert!(!pids.iter().any(|pid| runs(pid)), "the child that ignores SIGTERM too is ended");
    let row = self::row(&mut bench, &told["server"]);
    assert_eq!((&row["state"], &row["pid"]), (&json!("stopped"), &Value::Null));
    assert!(!deployments(&mut bench).contains(&"llamacpp/stand-in".into()));
}

#[test]
fn when_the_usual_port_is_taken_the_next_one_is_called() {
    let usual = port();
    let _somebody = TcpListener::bind(("127.0.0.1", usual)).unwrap();
    let mut bench = bench(usual, "");
    let told = started(&mut bench, "", json!({}));
    let account = told["account"].as_str().unwrap();
    let port: u16 = account.strip_prefix("llamacpp-").unwrap().parse().unwrap();
    assert!(port > usual, "{told}");
    let deployment = format!("{account}/stand-in");
    assert!(deployments(&mut bench).contains(&deployment));
    assert_eq!(row(&mut bench, &told["server"])["account"], account);
    stop(&mut bench, &told["server"]);
    assert!(!deployments(&mut bench).contains(&deployment));
    let accounts = bench.call("accounts.list", json!({"v": 1})).to_string();
    assert!(!accounts.contains(account), "{accounts}");
}

#[test]
fn what_is_in_the_memory_of_ollama_is_told() {
    let mut bench = bench(port(), "");
    let told = started(&mut bench, "", json!({"kind": "ollama", "file": null}));
    assert_eq!(told["account"], "ollama");
    let row = row(&mut bench, &told["server"]);
    let models = json!([{"name": "stand-in:1b", "context": 4096, "loaded": true},
                        {"name": "other:2b", "context": 8192, "loaded": false}]);
    assert_eq!((&row["models"], &row["file"]), (&models, &Value::Null));
    assert_eq!(said(&mut bench, &told["server"], "arguments"), ["serve"]);
}

#[test]
fn one_that_fails_says_why_with_its_last_words() {
    let mut bench = bench(port(), "");
    let error = refusal(&mut bench, "fail", json!({}));
    assert_eq!(error["kind"], "server");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("exit status: 1"), "{message}");
    assert!(message.contains("loading\nerror: the file is no model\n"), "{message}");
    let row = row(&mut bench, &json!(1));
    assert_eq!((&row["state"], &row["pid"]), (&json!("failed"), &Value::Null));
    assert!(row["problem"].as_str().unwrap().contains("ended by itself"), "{row}");
}

#[test]
fn what_cannot_work_is_refused_before_anything_runs() {
    let mut bench = bench(port(), "");
    let taken = port();
    let holder = TcpListener::bind(("127.0.0.1", taken)).unwrap();
    for (params, words) in [
        (json!({"program": ["no-such-llama"]}), "no program \"no-such-llama\". Install llama.cpp"),
        (json!({"file": "/nowhere/a.gguf"}), "there is no file /nowhere/a.gguf"),
        (json!({"file": null}), "it needs a model"),
        (json!({"arguments": ["--host=0.0.0.0"]}), "listens on this machine only"),
        (json!({"program": [STAND_IN, "--host", "0.0.0.0"]}), "listens on this machine only"),
        (json!({"port": taken}), "is taken"),
    ] {
        let error = refusal(&mut bench, "", params);
        let message = error["message"].as_str().unwrap();
        assert!(error["kind"] == "config" && message.contains(words), "{message}");
    }
    drop(holder);
    let rows = bench.call("local.list", json!({"v": 1}));
    assert!(rows.as_array().unwrap().iter().all(|row| row["ours"] == false), "{rows}");
}

#[test]
fn keys_are_withheld_from_who_needs_none() {
    let mut bench = bench(port(), "[account.openai]\nkey = 'env:MY_OWN_NAME'\n");
    let (question, _) = start(&mut bench, "fail", json!({}));
    let without: Vec<_> = question["without"].as_array().unwrap().iter().collect();
    assert_eq!(question["kind"], "environment");
    for name in ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MY_OWN_NAME"] {
        assert!(without.contains(&&json!(name)), "{name} is not in {without:?}");
    }
    let (question, _) = start(&mut bench, "fail", json!({"kind": "litellm"}));
    assert_eq!(question["without"], json!([]), "its file may refer to keys");
}

#[test]
fn it_sees_the_environment_of_emacs_and_nothing_of_ours() {
    let mut bench = bench(port(), "");
    let told = started(&mut bench, "", json!({"arguments": ["--threads", "1"]}));
    let variables = said(&mut bench, &told["server"], "variables");
    assert!(!variables.contains(&"CARGO_MANIFEST_DIR".into()), "{variables:?}");
    assert!(variables.contains(&"STAND_IN".into()), "{variables:?}");
    let arguments = said(&mut bench, &told["server"], "arguments").join(" ");
    assert!(arguments.starts_with("--threads 1 --model "), "{arguments}");
}

#[test]
fn who_does_not_stop_is_stopped_by_force() {
    let mut bench = bench(port(), "");
    let told = started(&mut bench, "stubborn", json!({}));
    let pids = said(&mut bench, &told["server"], "processes");
    let began = Instant::now();
    stop(&mut bench, &told["server"]);
    assert!(!pids.iter().any(|pid| runs(pid)));
    assert!(began.elapsed() > Duration::from_secs(4), "it was asked first");
}

#[test]
fn one_that_ends_by_itself_is_missed_and_leaves_nothing() {
    let usual = port();
    let mut bench = bench(usual, "");
    let told = started(&mut bench, "crash", json!({}));
    let pids = said(&mut bench, &told["server"], "processes");
    get(usual, "/crash");
    let is_told = |body: &Body| matches!(body, Body::Notice(it) if it["state"] == "failed");
    let Body::Notice(notice) = bench.hear(0, is_told) else { unreachable!() };
    assert_eq!((&notice["kind"], &notice["server"]), (&json!("local"), &told["server"]));
    assert!(notice["message"].as_str().unwrap().contains("exit status: 3"), "{notice}");
    wait_until_gone(&pids);
}

#[test]
fn none_is_left_when_the_engine_ends() {
    let mut bench = bench(port(), "");
    let llama = started(&mut bench, "stubborn", json!({}));
    let ollama = started(&mut bench, "stubborn", json!({"kind": "ollama", "file": null}));
    let mut pids = said(&mut bench, &llama["server"], "processes");
    pids.extend(said(&mut bench, &ollama["server"], "processes"));
    assert!(pids.len() == 4 && pids.iter().all(|pid| runs(pid)), "{pids:?}");
    bench.engine.shutdown();
    wait_until_gone(&pids);
}

#[test]
fn who_follows_hears_each_line_and_then_the_end() {
    let mut bench = bench(port(), "");
    let told = started(&mut bench, "", json!({}));
    let params = json!({"v": 1, "server": told["server"], "follow": true, "lines": 1});
    let id = bench.engine.call("local.tail".into(), params.to_string());
    let text = bench.hear(id, |body| matches!(body, Body::Text(_)));
    let Body::Text(text) = text else { unreachable!() };
    assert_eq!(text.lines().count(), 1, "{text}");
    stop(&mut bench, &told["server"]);
    assert_eq!(bench.end(id), Body::Value(json!({"lines": [], "state": "stopped"})));
}

#[test]
fn two_of_a_kind_stand_side_by_side() {
    let mut bench = bench(port(), "");
    let first = started(&mut bench, "", json!({}));
    let second = started(&mut bench, "", json!({}));
    assert_ne!(first["address"], second["address"]);
    stop(&mut bench, &first["server"]);
    assert_eq!(row(&mut bench, &second["server"])["state"], "ready");
}

#[test]
fn one_that_is_started_again_takes_the_place_of_the_one_that_ended() {
    let mut bench = bench(port(), "");
    refusal(&mut bench, "fail", json!({}));
    let told = started(&mut bench, "", json!({}));
    let rows = bench.call("local.list", json!({"v": 1}));
    let ours: Vec<_> = rows.as_array().unwrap().iter().filter(|row| row["ours"] == true).collect();
    assert_eq!((ours.len(), &ours[0]["server"]), (1, &told["server"]));
}

#[test]
fn one_that_wants_a_key_is_there_and_says_so() {
    let mut bench = Bench::with_url(|url| format!("[provider.sim]\nbase-url = '{url}'\n"));
    let rows = bench.call("local.list", json!({"v": 1}));
    let row = rows.as_array().unwrap().iter().find(|row| row["account"] == "sim").unwrap();
    assert_eq!((&row["state"], &row["ours"]), (&json!("ready"), &json!(false)));
    assert!(row["problem"].as_str().unwrap().contains("key"), "{row}");
}

#[test]
fn giving_up_the_wait_leaves_the_server() {
    let mut bench = bench(port(), "");
    let params = json!({"v": 1, "kind": "llamacpp", "program": [STAND_IN], "file": STAND_IN});
    let id = bench.engine.call("local.start".into(), params.to_string());
    answer(&mut bench, id, "slow");
    let is_starting = |rows: &Value| rows.to_string().contains("\"starting\"");
    while !is_starting(&bench.call("local.list", json!({"v": 1}))) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(bench.engine.cancel(id));
    bench.end(id);
    bench.hear(0, |body| matches!(body, Body::Notice(it) if it["state"] == "ready"));
    assert_eq!(row(&mut bench, &json!(1))["load"]["slots"], 2);
}

#[test]
fn what_was_not_started_here_is_not_stopped() {
    let mut bench = bench(port(), "");
    let id = bench.engine.call("local.stop".into(), json!({"v": 1, "server": 1}).to_string());
    let Body::Error(error) = bench.end(id) else { panic!() };
    assert!(error["message"].as_str().unwrap().contains("not started from here"), "{error}");
}
