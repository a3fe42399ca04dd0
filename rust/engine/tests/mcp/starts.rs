//! Starting servers, and what ends with them.

use crate::world::{World, gone, project_file, runs, section};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn a_projects_server_is_started_by_nobody_but_who_trusts_it() {
    let mut world = World::new("");
    let env = json!({"TOKEN": "test_key_of_p", "KEY": "${OPENAI_API_KEY:-none}${HOME}"});
    world.write(".mcp.json", &project_file("p", env));
    assert_eq!(world.row("p")["state"], "needs-trust");
    assert_eq!(world.ask("mcp.tools", json!({}))["tools"], json!([]));
    world.says("mcp-trust", |_| Value::Null);
    let refused = world.try_to("mcp.start", json!({"server": "p"})).unwrap_err();
    assert_eq!(refused["kind"], "refused", "{refused}");
    assert_eq!(world.row("p")["pid"], Value::Null);
    let question = world.asked("mcp-trust")[0].clone();
    assert_eq!(question["changed"], false);
    assert_eq!(question["env-names"], json!(["KEY", "TOKEN"]));
    assert_eq!(question["variables"], json!(["HOME", "OPENAI_API_KEY"]), "what it would be told");
    assert!(!question.to_string().contains("test_key_of_p"), "{question}");
}

#[test]
fn trust_is_remembered_outside_of_the_project_for_this_definition() {
    let mut world = World::new("");
    world.write(".mcp.json", &project_file("p", json!({})));
    world.says("mcp-trust", |_| true.into());
    let first = world.start("p");
    assert!(runs(&first["pid"]));
    world.ask("mcp.stop", json!({"server": "p"}));
    gone(&first["pid"]);
    world.write(".mcp.json", &format!("\n\n{}", project_file("p", json!({}))));
    world.start("p");
    assert_eq!(world.asked("mcp-trust").len(), 1, "a moved line is nothing new");
    let files = std::fs::read_dir(world.project()).unwrap().count();
    assert_eq!(files, 1, "only what the project brought");
    world.write(".mcp.json", &project_file("p", json!({"PATH": "/evil"})));
    assert_eq!(world.row("p")["changed"], true);
    world.start("p");
    assert_eq!(world.asked("mcp-trust")[1]["changed"], true);
}

#[test]
fn two_starts_at_once_ask_once_and_start_once() {
    let mut world = World::new("");
    world.write(".mcp.json", &project_file("p", json!({})));
    world.says("mcp-trust", |_| true.into());
    let ids = [0; 4].map(|_| world.begin("mcp.start", json!({"server": "p"})));
    let pids: Vec<_> = ids.map(|id| world.end(id).unwrap()["pid"].clone()).into();
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
    assert_eq!(world.asked("mcp-trust").len(), 1);
}

#[test]
fn starts_at_once_of_one_that_never_answers_end_together_and_leave_no_process() {
    let mut world = World::new("");
    let started = world.folder.path().join("started");
    let script = format!("echo x >> {}; exec sleep 60", started.display());
    let program = format!("command = '/bin/sh'\nargs = ['-c', {script:?}]");
    world.configure(&format!("[mcp.mute]\n{program}\nstart-timeout = 1\n"));
    let ids = [0; 3].map(|_| world.begin("mcp.start", json!({"server": "mute"})));
    world.listen(Duration::from_millis(300));
    let pid = world.row("mute")["pid"].clone();
    for id in ids {
        let error = world.end(id).unwrap_err().to_string();
        assert!(error.contains("not ready within 1 s"), "{error}");
    }
    // One start is two processes: one for each way to begin.
    assert_eq!(std::fs::read_to_string(started).unwrap(), "x\nx\n");
    assert_eq!(world.row("mute")["state"], "failed");
    gone(&pid);
}

#[test]
fn a_start_that_is_cancelled_leaves_the_next_one_its_turn() {
    let mut world = World::new("");
    world.write(".mcp.json", &project_file("p", json!({})));
    world.left = Some("mcp-trust");
    let first = world.begin("mcp.start", json!({"server": "p"}));
    world.hear(
        first,
        |body| matches!(body, llm_switch_engine::Body::Question(it) if it["kind"] == "mcp-trust"),
    );
    assert!(world.engine.cancel(first));
    world.left = None;
    world.says("mcp-trust", |_| true.into());
    assert_eq!(world.start("p")["state"], "ready");
}

#[test]
fn nothing_that_was_started_outlives_the_engine() {
    let mut world = World::new(&section("s", ""));
    let pid = world.start("s")["pid"].clone();
    let call = world.begin_call("mcp__s__slow", json!({}));
    let World { engine, .. } = world;
    let left = engine.shutdown();
    assert!(left.iter().any(|it| it.id == call && it.body.is_terminal()));
    gone(&pid);
}

#[test]
fn what_is_disabled_is_not_started_and_it_is_said_where_to_enable_it() {
    let mut world = World::new(&section("s", "enabled = false"));
    for method in ["mcp.start", "mcp.restart"] {
        let refused = world.try_to(method, json!({"server": "s"})).unwrap_err();
        let told = refused.to_string();
        assert!(told.contains("`enabled = false` out of [mcp.s]"), "{told}");
        assert!(told.contains("config.toml"), "{told}");
    }
    assert_eq!(world.row("s")["state"], "disabled");
}
