//! Servers over stdio as processes: their start, their end, and what is left.
#![cfg(target_os = "linux")]

mod common;

use common::*;
use llm_switch_mcp::*;
use llm_switch_types::ErrorKind;
use serde_json::json;
use std::time::{Duration, Instant};

/// DEFINITION with MARK in its environment, by which its processes are known.
fn marked(definition: Definition, mark: &str) -> Definition {
    let Launch::Stdio { command, args, cwd, .. } = definition.launch else { panic!("no process") };
    let env = [("LLM_SWITCH_TEST_MARK", mark)].into_iter().collect();
    Definition { launch: Launch::Stdio { command, args, env, cwd }, ..definition }
}

/// NAME, unlike that of any other run, of which something may be left.
fn mark(name: &str) -> String {
    format!("mark-{name}-{}", std::process::id())
}

fn within(definition: Definition, start: u64) -> Definition {
    let start = Duration::from_millis(start);
    let timeouts = Timeouts { start, ..definition.timeouts };
    Definition { timeouts, ..definition }
}

#[tokio::test]
async fn a_server_that_is_stopped_ends_by_itself() {
    let owner = Owner::new();
    let server = Server::start(marked(server(&[]), &mark("stopped")), owner.host.clone());
    server.ready().await.unwrap();
    assert_eq!(alive(&mark("stopped")).len(), 1);
    assert_eq!(server.stop().await, Some(Exit { code: Some(0), signal: None }));
    assert!(alive(&mark("stopped")).is_empty());
    let error = server.tools().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "MCP server test: the server was stopped. Start it, then call again"
    );
}

#[tokio::test]
async fn a_server_that_is_dropped_is_killed_with_all_that_it_started() {
    let owner = Owner::new();
    let definition = marked(script("sleep 600 & sleep 601 & \"$0\" stdio; wait"), &mark("dropped"));
    let server = Server::start(definition, owner.host.clone());
    server.ready().await.unwrap();
    assert_eq!(alive(&mark("dropped")).len(), 4);
    drop(server);
    gone(&mark("dropped")).await;
}

#[tokio::test]
async fn a_server_that_is_dropped_while_it_starts_is_killed() {
    let owner = Owner::new();
    let server = Server::start(marked(script("sleep 600"), &mark("start")), owner.host.clone());
    soon("it is started", || alive(&mark("start")).len() == 2).await;
    drop(server);
    gone(&mark("start")).await;
}

#[tokio::test]
async fn a_server_that_ignores_the_end_of_its_input_and_sigterm_is_killed() {
    let owner = Owner::new();
    let deaf = script("trap '' TERM; \"$0\" stdio; while :; do sleep 1; done");
    let server = Server::start(marked(deaf, &mark("deaf")), owner.host.clone());
    server.ready().await.unwrap();
    let begin = Instant::now();
    assert_eq!(server.stop().await, Some(Exit { code: None, signal: Some(9) }));
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    assert!(alive(&mark("deaf")).is_empty());
}

#[tokio::test]
async fn what_a_wrapper_leaves_behind_is_killed_too() {
    let owner = Owner::new();
    let wrapper = script("sleep 600 > /dev/null 2>&1 < /dev/null & exec \"$0\" stdio");
    let server = Server::start(marked(wrapper, &mark("wrapper")), owner.host.clone());
    server.ready().await.unwrap();
    assert_eq!(alive(&mark("wrapper")).len(), 2);
    server.stop().await;
    gone(&mark("wrapper")).await;
}

#[tokio::test]
async fn a_crash_is_told_with_its_exit_code_and_where_its_last_words_are() {
    let owner = Owner::new();
    let crashing = script("sleep 600 & exec \"$0\" stdio");
    let server = Server::start(marked(crashing, &mark("crash")), owner.host.clone());
    server.ready().await.unwrap();
    let error = server.call("crash", object(json!({})), |_| {}).await.unwrap_err();
    assert_eq!((error.kind, error.timed_out), (ErrorKind::Mcp, false));
    assert_eq!(
        error.to_string(),
        "MCP server test: calling crash: it ended with exit code 7. \
         Look at the line that it wrote to its standard error"
    );
    assert_eq!(server.stderr(), ["about to crash"]);
    assert_eq!(*owner.lines.lock(), ["about to crash"]);
    assert_eq!(owner.states(), ["starting", "ready", "failed"]);
    gone(&mark("crash")).await;
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why() {
    let owner = Owner::new();
    let missing = Server::start(stdio("/nowhere/server", &[]), owner.host.clone());
    let error = missing.ready().await.unwrap_err().to_string();
    assert!(error.starts_with("MCP server test: its program \"/nowhere/server\" does not start"));
    assert!(error.contains("Install it"), "{error}");

    let broken = script("echo one >&2; echo two >&2; exit 3");
    let broken = Server::start(broken, Owner::new().host);
    assert_eq!(
        broken.ready().await.unwrap_err().to_string(),
        "MCP server test: it ended with exit code 3. \
         Look at the last 2 lines that it wrote to its standard error"
    );
    assert_eq!(broken.stderr(), ["one", "two"], "it was started once");
    assert_eq!(broken.stop().await, None);
}

#[tokio::test]
async fn a_server_that_never_answers_costs_no_more_than_its_start_may() {
    let owner = Owner::new();
    let silent = within(marked(script("cat > /dev/null"), &mark("silent")), 1000);
    // The library alone would wait ten seconds before it tries the older way.
    let begin = Instant::now();
    let server = Server::start(silent, owner.host.clone());
    let error = server.ready().await.unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?}", begin.elapsed());
    assert_eq!(error.what, "it was not ready within 1 s");
    assert!(error.advice.unwrap().contains("wrote nothing"));
    gone(&mark("silent")).await;
}

/// Answers whatever it does not know with an empty result, as some do.
const YES_MAN: &str = r#"while read -r line; do case "$line" in
  *'"initialize"'*) echo '{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18",
    "capabilities":{},"serverInfo":{"name":"old","version":"1"}}}' | tr -d '\n'; echo;;
  *notifications*) ;;
  *) echo '{"jsonrpc":"2.0","id":0,"result":{}}';;
esac; done"#;

#[tokio::test]
async fn a_server_that_answers_the_first_question_wrongly_is_asked_afresh_in_the_older_way() {
    let mut owner = Owner::new();
    let counted = format!("echo started >&2\n{YES_MAN}");
    let server = Server::start(script(&counted), owner.host.clone());
    let info = server.ready().await.unwrap();
    assert_eq!((info.era, info.protocol.as_str()), (Era::Initialize, "2025-06-18"));
    assert_eq!(server.stderr().len(), 2);

    // What is remembered saves the detour.
    owner.host.era = Some(info.era);
    let server = Server::start(script(&counted), owner.host.clone());
    server.ready().await.unwrap();
    assert_eq!(server.stderr().len(), 1);
}

#[tokio::test]
async fn a_server_that_ends_at_a_question_it_does_not_know_is_started_again() {
    // As those built with older versions of rmcp do.
    let strict = r#"echo started >&2; read -r line; case "$line" in
      *'"initialize"'*) (printf '%s\n' "$line"; cat) | "$0" stdio --old;;
      *) exit 1;;
    esac"#;
    let server = Server::start(script(strict), Owner::new().host);
    assert_eq!(server.ready().await.unwrap().era, Era::Initialize);
    assert_eq!(server.stderr(), ["started", "started"]);
}

#[tokio::test]
async fn a_server_that_became_newer_than_is_remembered_is_reached() {
    let mut owner = Owner::new();
    owner.host.era = Some(Era::Initialize);
    let started = script("echo started >&2; exec \"$0\" stdio");
    let server = Server::start(started, owner.host.clone());
    assert_eq!(server.ready().await.unwrap().era, Era::Initialize, "it knows both");
    owner.host.era = Some(Era::Discover);
    let server = Server::start(self::server(&["--old"]), owner.host.clone());
    assert_eq!(server.ready().await.unwrap().era, Era::Initialize);
}

#[tokio::test]
async fn a_server_sees_a_clean_environment_and_its_own() {
    let mut owner = Owner::new();
    owner.host.environment = [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", "/home/ada"),
        ("OPENAI_API_KEY", "test_key_of_emacs"),
        ("SSH_AUTH_SOCK", "/run/agent"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let server = Server::start(marked(server(&[]), &mark("env")), owner.host.clone());
    let seen = text(&server, "env", json!({})).await;
    let mut seen: Vec<_> = seen.lines().collect();
    seen.sort();
    let own = format!("LLM_SWITCH_TEST_MARK={}", mark("env"));
    assert_eq!(seen, ["HOME=/home/ada", &own, "PATH=/usr/bin:/bin"]);
}

#[tokio::test]
async fn it_runs_where_its_definition_says() {
    let place = tempfile::tempdir().unwrap();
    let Launch::Stdio { command, args, env, .. } = script("pwd >&2; exec \"$0\" stdio").launch
    else {
        panic!("no process")
    };
    let launch = Launch::Stdio { command, args, env, cwd: Some(place.path().to_owned()) };
    let server = Server::start(Definition::new("test", launch), Owner::new().host);
    server.ready().await.unwrap();
    let here = place.path().canonicalize().unwrap();
    soon("it says where it is", || server.stderr() == [here.to_str().unwrap()]).await;
}

#[tokio::test]
async fn a_flood_on_standard_error_stops_nothing_and_its_end_is_kept() {
    let owner = Owner::new();
    let server = Server::start(server(&[]), owner.host.clone());
    assert_eq!(text(&server, "flood", json!({"megabytes": 20})).await, "done");
    soon("all lines are told", || owner.lines.lock().len() == 20 << 10).await;
    assert_eq!(server.stderr().len(), 200);
}

#[tokio::test]
async fn rubbish_on_standard_output_is_passed_over() {
    for args in [&["--old"][..], &[]] {
        let server = Server::start(server(args), Owner::new().host);
        assert_eq!(text(&server, "rubbish", json!({})).await, "done");
        assert_eq!(text(&server, "echo", json!({"text": "still there"})).await, "still there");
    }
}

#[tokio::test]
async fn a_server_that_refuses_to_begin_is_quoted() {
    let stubborn = r#"while read -r line; do
      echo '{"jsonrpc":"2.0","id":0,"error":{"code":-32600,"message":"no licence"}}'
    done"#;
    let server = Server::start(script(stubborn), Owner::new().host);
    assert_eq!(
        server.ready().await.unwrap_err().to_string(),
        "MCP server test: it refused to begin, saying: no licence. \
         Look whether its version and ours know the same protocol"
    );
}
