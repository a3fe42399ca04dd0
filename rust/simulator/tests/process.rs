//! The simulator as a process, as tests in other languages start it.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_simulator::{SCRIPTS, test_key};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_llm-switch-simulator"))
}

/// A running simulator and its address.
fn start(arguments: &[&str]) -> (Child, String) {
    let mut command = command();
    command.args(arguments).env("SIMULATED_KEY", test_key("sk-x"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim_end().strip_prefix("listening on http://").unwrap();
    (child, url.strip_suffix("/v1").unwrap().to_owned())
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[test]
fn it_says_where_it_listens_and_ends_with_its_input() {
    let (mut child, address) = start(&["--until-eof", "--key-in", "SIMULATED_KEY"]);
    assert!(get(&address, "/health").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(get(&address, "/v1/models").starts_with("HTTP/1.1 401 Unauthorized\r\n"));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn it_ends_on_sigterm() {
    let (mut child, address) = start(&["--port", "0"]);
    assert!(get(&address, "/v1/models").contains("\"hello\""));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(!child.wait().unwrap().success());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn it_lists_every_script() {
    let output = command().arg("--list").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for script in SCRIPTS {
        assert!(text.contains(&format!("{}\n    {}\n", script.form, script.about)));
    }
}

#[test]
fn it_refuses_options_that_it_does_not_know() {
    let output = command().arg("--prot").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("unknown option --prot"));
}
