//! What is kept of a server's words, and what is not.

mod common;

use common::*;
use llm_switch_mcp::*;
use serde_json::json;

fn with_key(definition: Definition) -> Definition {
    let Launch::Stdio { command, args, cwd, .. } = definition.launch else { panic!("no process") };
    let env = [("TOKEN", "test_key_\"in\"_env")].into_iter().collect();
    Definition { launch: Launch::Stdio { command, args, env, cwd }, ..definition }
}

#[tokio::test]
async fn the_protocol_log_has_both_directions_in_their_order() {
    let server = Server::start(server(&["--old"]), Owner::new().host);
    text(&server, "echo", json!({"text": "hello"})).await;
    let entries = server.protocol();
    let at = |what: &str| entries.iter().position(|entry| entry.text.contains(what)).unwrap();
    let (call, result) = (at("tools/call"), at("\"isError\""));
    assert_eq!(entries[call].direction, Direction::Sent);
    assert_eq!(entries[result].direction, Direction::Received);
    assert!(at("\"initialize\"") < call && call < result);
    assert!(entries.iter().all(|entry| !entry.text.contains("llm-switch/call")));
    assert!(entries.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[tokio::test]
async fn the_protocol_log_keeps_the_last_messages_and_the_start_of_long_ones() {
    let server = Server::start(server(&[]), Owner::new().host);
    text(&server, "big", json!({"megabytes": 5})).await;
    let last = server.protocol().pop().unwrap();
    assert!(last.cut && last.text.len() <= 16 << 10, "{}", last.text.len());
    let arguments = object(json!({"steps": 800, "delay": 0}));
    server.call("slow", arguments, |_| {}).await.unwrap();
    assert_eq!(server.protocol().len(), 500);
}

#[tokio::test]
async fn values_of_the_environment_stand_in_no_log_and_no_error() {
    let owner = Owner::new();
    let echoing = script("echo \"the token is $TOKEN\" >&2; exec \"$0\" stdio");
    let server = Server::start(with_key(echoing), owner.host.clone());
    let seen = text(&server, "env", json!({})).await;
    assert!(seen.contains("TOKEN=test_key_\"in\"_env"), "the caller gets what the tool says");
    let error = server.call("test_key_\"in\"_env", object(json!({})), |_| {}).await.unwrap_err();
    assert!(error.said.unwrap().message.contains("[hidden]"));
    assert_eq!(server.stderr(), ["the token is [hidden]"]);
    assert_eq!(*owner.lines.lock(), ["the token is [hidden]"]);
    let log = format!("{:?}", server.protocol());
    assert!(!log.contains("test_key") && log.contains("TOKEN=[hidden]"), "{log}");
}

#[tokio::test]
async fn what_a_server_logs_is_told() {
    let noisy = r#"while read -r line; do case "$line" in
      *'"initialize"'*) echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"old","version":"1"}}}'
        echo '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning","logger":"disk","data":"full"}}';;
    esac; done"#;
    let mut owner = Owner::new();
    owner.host.era = Some(Era::Initialize);
    let server = Server::start(script(noisy), owner.host.clone());
    server.ready().await.unwrap();
    let (level, logger) = ("warning".into(), Some("disk".into()));
    let message = Event::Message { level, logger, data: json!("full") };
    soon("the message is told", || owner.was_told(&message)).await;
}
