//! `fault.*`: things that go wrong on purpose, for the hazard tests.
//!
//! Built only with the feature `faults`, which no shipped module has.

use super::Job;
use crate::child;
use crate::event::Body;
use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{ChildStdout, Command};

static LOCK: Mutex<u32> = Mutex::new(0);

/// Run the fault called NAME.
pub(super) async fn call(job: Job, name: &str) -> Result<Value> {
    match name {
        "panic" => panic!("on purpose"),
        "panic-locked" => panic_locked(),
        "lock" => Ok(json!(*LOCK.lock())),
        "hang" => std::future::pending().await,
        "stuck" => stuck(),
        "flood" => flood(&job).await,
        "error" => Err(Error::new(ErrorKind::Server, "on purpose").at("nowhere")),
        "question" => question(&job).await,
        "children" => children(&job).await,
        "child" => child_output(&job).await,
        "orphan" => orphan(&job).await,
        _ => Err(Error::new(ErrorKind::Module, format!("there is no fault {name:?}"))),
    }
}

fn panic_locked() -> ! {
    let mut count = LOCK.lock();
    *count += 1;
    panic!("on purpose, under a lock")
}

/// Hold a worker thread for longer than anybody waits.
fn stuck() -> Result<Value> {
    std::thread::sleep(Duration::from_secs(600));
    Ok(Value::Null)
}

/// `{deltas, mark}`: that many deltas of text, as fast as they are taken, then
/// an empty file MARK, by which an Emacs that is busy sees that they were.
async fn flood(job: &Job) -> Result<Value> {
    let deltas = job.params["deltas"].as_u64().unwrap_or(0);
    for number in 0..deltas {
        job.core.queue.push(job.id, Body::Text("12345".into()));
        if number % 1000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    if let Some(mark) = job.params["mark"].as_str() {
        std::fs::write(mark, "").map_err(system)?;
    }
    Ok(json!(deltas))
}

/// `{kind, patience-ms, details}` -> the answer, or `"default"`.
async fn question(job: &Job) -> Result<Value> {
    let patience = Duration::from_millis(job.params["patience-ms"].as_u64().unwrap_or(1000));
    let kind = job.params["kind"].as_str().unwrap_or("confirm");
    let answer = job.core.ask(job.id, kind, job.params["details"].clone(), patience).await;
    Ok(answer.unwrap_or_else(|| "default".into()))
}

/// `{count}` children one after the other, each with its own exit status ->
/// how many statuses were right.
async fn children(job: &Job) -> Result<Value> {
    let mut right = 0;
    for number in 0..job.params["count"].as_i64().unwrap_or(0) {
        let code = (number % 90) as i32;
        let mut child =
            child::spawn(shell(&format!("exit {code}")), environment()).map_err(system)?;
        right += u32::from(child.wait().await.map_err(system)?.code() == Some(code));
    }
    Ok(json!(right))
}

/// `{command}` of a shell -> what it printed.
async fn child_output(job: &Job) -> Result<Value> {
    let command = shell(job.params["command"].as_str().unwrap_or(""));
    let mut child = child::spawn(command, environment()).map_err(system)?;
    let mut output = String::new();
    stdout(child.stdout())?.read_to_string(&mut output).await.map_err(system)?;
    child.wait().await.map_err(system)?;
    Ok(json!(output))
}

/// Start a child that starts one itself, tell the process ids of both as
/// text, and hang.
async fn orphan(job: &Job) -> Result<Value> {
    let command = shell("sleep 100 & echo $$ $!; wait");
    let mut child = child::spawn(command, environment()).map_err(system)?;
    let mut line = String::new();
    stdout(child.stdout())?.read_line(&mut line).await.map_err(system)?;
    job.core.queue.push(job.id, Body::Text(line));
    std::future::pending().await
}

fn stdout(pipe: &mut Option<ChildStdout>) -> Result<BufReader<ChildStdout>> {
    let pipe = pipe.take().map(BufReader::new);
    pipe.ok_or_else(|| Error::new(ErrorKind::Module, "a child without output"))
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).stdout(Stdio::piped());
    shell
}

fn environment() -> [(String, String); 1] {
    [("PATH".into(), "/usr/bin:/bin".into())]
}

fn system(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Module, error.to_string())
}
