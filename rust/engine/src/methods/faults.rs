//! `fault.*`: things that go wrong on purpose, for the hazard tests.
//!
//! Built only with the feature `faults`, which no shipped module has.

use super::Job;
use crate::child;
use crate::event::Body;
use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

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
        let mut child = start(&format!("exit {code}"))?;
        right += u32::from(child.wait().await.map_err(system)?.code() == Some(code));
    }
    Ok(json!(right))
}

/// `{command}` of a shell -> what it printed.
async fn child_output(job: &Job) -> Result<Value> {
    let mut command = shell(job.params["command"].as_str().unwrap_or(""));
    command.stdout(std::process::Stdio::piped());
    let child = child::spawn(command, environment()).map_err(system)?;
    let output = Box::into_pin(child.wait_with_output()).await.map_err(system)?;
    Ok(json!(String::from_utf8_lossy(&output.stdout)))
}

/// Start a child that starts one itself, tell both process ids as text, and
/// hang.
async fn orphan(job: &Job) -> Result<Value> {
    let mut command = shell("sleep 600 & echo $$ $!; wait");
    command.stdout(std::process::Stdio::piped());
    let mut child = child::spawn(command, environment()).map_err(system)?;
    let stdout = child.stdout().take().map(BufReader::new);
    let line = stdout.ok_or_else(no_output)?.lines().next_line().await.map_err(system)?;
    job.core.queue.push(job.id, Body::Text(line.ok_or_else(no_output)?));
    std::future::pending().await
}

fn no_output() -> Error {
    Error::new(ErrorKind::Module, "the child has no output")
}

fn start(command: &str) -> Result<Box<dyn process_wrap::tokio::ChildWrapper>> {
    child::spawn(shell(command), environment()).map_err(system)
}

fn shell(command: &str) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]);
    shell
}

fn environment() -> [(String, String); 1] {
    [("PATH".into(), "/usr/bin:/bin".into())]
}

fn system(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Module, error.to_string())
}
