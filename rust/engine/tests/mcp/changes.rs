//! What changes while servers run: their tools, and the files they stand in.

use crate::world::{World, gone, project_file, runs, section};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn old(more: &str) -> String {
    section("s", "").replace("'stdio'", &format!("'stdio', '--old'{more}"))
}

/// Listen for SECONDS.
fn listen(world: &mut World, seconds: f64) {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while Instant::now() < end {
        world.listen(Duration::from_millis(20));
    }
}

#[test]
fn a_new_tool_is_there_as_soon_as_it_is_told() {
    for era in [section("s", ""), old("")] {
        let mut world = World::new(&era);
        world.start("s");
        let before = world.row("s")["tools"].as_u64().unwrap();
        let told = world.notices("tools");
        world.granted("mcp__s__change", json!({}));
        let end = Instant::now() + Duration::from_secs(10);
        while world.row("s")["tools"] != before + 1 {
            assert!(Instant::now() < end, "{era}");
        }
        listen(&mut world, 0.1);
        assert!(world.notices("tools") > told, "{era}");
    }
}

#[test]
fn a_server_that_drums_and_shouts_disturbs_emacs_a_few_times() {
    let mut world = World::new(&old(", '--faults'"));
    world.start("s");
    let before = world.notices("tools") + world.notices("message");
    world.granted("mcp__s__drum", json!({"count": 5000}));
    world.granted("mcp__s__shout", json!({"count": 5000}));
    listen(&mut world, 1.5);
    let told = world.notices("tools") + world.notices("message") - before;
    assert!((2..40).contains(&told), "{told} notices");
    let log = world.ask("mcp.log", json!({"server": "s", "kind": "message"}));
    let lines = log["lines"].as_array().unwrap();
    assert_eq!((lines.len(), &log["next"]), (200, &json!(5000)));
    assert_eq!(lines.last().unwrap()["data"], 4999);
}

#[test]
fn what_a_server_says_does_not_tell_its_secrets() {
    let env = "env = { TOKEN = 'test_key_of_s' }";
    let config = section("s", env).replace("'stdio'", "'stdio', '--old', '--faults'");
    let mut world = World::new(&config);
    world.start("s");
    world.granted("mcp__s__shout", json!({"count": 1, "text": "I have test_key_of_s"}));
    let end = Instant::now() + Duration::from_secs(10);
    let said = loop {
        let log = world.ask("mcp.log", json!({"server": "s", "kind": "message"}));
        if log["next"] == 1 {
            break log["lines"][0]["data"].clone();
        }
        assert!(Instant::now() < end);
    };
    assert_eq!(said, "I have [hidden]");
}

#[test]
fn what_stands_in_no_file_any_more_is_shown_and_can_be_stopped() {
    let mut world = World::new("");
    world.write(".mcp.json", &project_file("p", json!({})));
    world.says("mcp-trust", |_| true.into());
    let pid = world.start("p")["pid"].clone();
    world.write(".mcp.json", "{}");
    let row = world.row("p");
    assert_eq!((&row["state"], &row["gone"], &row["pid"]), (&json!("ready"), &json!(true), &pid));
    world.ask("mcp.stop", json!({"server": "p"}));
    gone(&pid);
    assert_eq!(world.row("p"), Value::Null);
}

#[test]
fn a_server_that_moves_to_another_file_does_not_run_twice() {
    let mut world = World::new(&section("s", ""));
    let own = world.start("s")["pid"].clone();
    world.configure("");
    world.write(".mcp.json", &project_file("s", json!({})));
    world.says("mcp-trust", |_| true.into());
    let theirs = world.start("s")["pid"].clone();
    gone(&own);
    assert!(runs(&theirs));
    let tools = world.ask("mcp.tools", json!({}));
    let mut names: Vec<_> =
        tools["tools"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "no tool is offered twice");
}

#[test]
fn a_server_with_many_tools_is_told_of() {
    let config = section("s", "").replace("'stdio'", "'stdio', '--many', '300'");
    let mut world = World::new(&config);
    let all = world.start("s")["tools"].as_u64().unwrap();
    assert!(all >= 300);
    world.ask("mcp.set", json!({"rule": "mcp__s__many-7", "on": false, "scope": "always"}));
    let tools = world.ask("mcp.tools", json!({}));
    let off: Vec<_> =
        tools["tools"].as_array().unwrap().iter().filter(|it| it["on"] == false).collect();
    assert_eq!((off.len(), &off[0]["name"]), (1, &json!("mcp__s__many-7")));
    assert_eq!(world.row("s")["tools-on"], all - 1);
}

#[test]
fn a_configuration_that_is_wrong_now_stops_nothing() {
    let mut world = World::new(&section("s", ""));
    let pid = world.start("s")["pid"].clone();
    std::fs::write(world.folder.path().join("config.toml"), "[mcp.").unwrap();
    world.try_to("config.reload", json!({})).unwrap_err();
    assert_eq!(world.granted("mcp__s__echo", json!({"text": "x"}))["text"], "x");
    world.ask("mcp.stop", json!({"server": "s"}));
    gone(&pid);
}
