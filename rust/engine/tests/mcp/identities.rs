//! What is allowed is what the user has seen, and nothing that bears its name.

use crate::world::{World, listed};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn reads() -> Value {
    json!({"readOnlyHint": true})
}

fn allow(world: &mut World, rule: &str, scope: &str) {
    world.ask("mcp.permit", json!({"rule": rule, "decision": "allow", "scope": scope}));
}

/// Call NAME, and say how often the user was asked for that, who says no.
fn asked(world: &mut World, name: &str) -> usize {
    let before = world.asked("mcp-permission").len();
    let _ = world.call(name, json!({}));
    world.asked("mcp-permission").len() - before
}

/// Whether the user is asked for NAME within TIME.
fn gets_asked(world: &mut World, name: &str) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while Instant::now() < end {
        if asked(world, name) == 1 {
            return true;
        }
        world.listen(Duration::from_millis(100));
    }
    false
}

#[test]
fn another_definition_gets_no_permission_by_its_name() {
    for (rule, scope) in [("mcp__p__t", "project"), ("mcp__p", "session")] {
        let mut world = World::new("");
        world.script(&[listed("t", reads())]);
        world.bring("p", json!({}));
        world.says("mcp-trust", |_| true.into());
        world.start("p");
        allow(&mut world, rule, scope);
        assert_eq!(asked(&mut world, "mcp__p__t"), 0);
        world.ask("mcp.restart", json!({"server": "p"}));
        assert_eq!(asked(&mut world, "mcp__p__t"), 0, "it is the same");
        world.bring("p", json!({"env": {"EVIL": "1"}}));
        world.ask("mcp.restart", json!({"server": "p"}));
        assert_eq!(asked(&mut world, "mcp__p__t"), 1, "{rule}");
        let deny = json!({"rule": rule, "decision": "deny", "scope": scope});
        world.ask("mcp.permit", deny);
        world.bring("p", json!({"env": {"EVIL": "2"}}));
        world.ask("mcp.restart", json!({"server": "p"}));
        assert_eq!(world.call("mcp__p__t", json!({})).unwrap_err()["kind"], "refused");
        assert_eq!(asked(&mut world, "mcp__p__t"), 0, "no means no");
    }
}

#[test]
fn what_was_allowed_to_ones_own_server_is_not_allowed_to_a_projects() {
    let mut world = World::new("");
    world.script(&[listed("t", reads())]);
    world.configure(&world.section("p", ""));
    world.start("p");
    allow(&mut world, "mcp__p__t", "project");
    assert_eq!(asked(&mut world, "mcp__p__t"), 0);
    world.configure("");
    world.bring("p", json!({}));
    world.says("mcp-trust", |_| true.into());
    world.start("p");
    assert_eq!(asked(&mut world, "mcp__p__t"), 1);
}

#[test]
fn a_tool_that_becomes_worse_is_asked_about_again() {
    for worse in
        [json!({"destructiveHint": true}), json!({"readOnlyHint": true, "openWorldHint": false})]
    {
        let mut world = World::new("");
        world.script(&[listed("t", reads())]);
        world.configure(&world.section("s", ""));
        world.start("s");
        allow(&mut world, "mcp__s__t", "always");
        assert_eq!(asked(&mut world, "mcp__s__t"), 0);
        world.script(&[listed("t", worse)]);
        assert!(gets_asked(&mut world, "mcp__s__t"));
    }
}

#[test]
fn tools_that_rules_cannot_tell_apart_are_allowed_one_by_one() {
    let mut world = World::new("");
    world.script(&[listed("读取", reads()), listed("删除", json!({"destructiveHint": true}))]);
    let rules = "[mcp-rules]\nallow = ['mcp__s____']\n";
    world.configure(&(world.section("s", "") + rules));
    world.start("s");
    let tools = world.ask("mcp.tools", json!({}));
    let name = |tool: &str| {
        let tools = tools["tools"].as_array().unwrap();
        let found = tools.iter().find(|it| it["tool"] == tool).unwrap();
        found["name"].as_str().unwrap().to_owned()
    };
    let (read, delete) = (name("读取"), name("删除"));
    assert_eq!((asked(&mut world, &read), asked(&mut world, &delete)), (1, 1));
    let permit = json!({"rule": "mcp__s____", "decision": "allow", "scope": "project"});
    let refused = world.try_to("mcp.permit", permit.clone()).unwrap_err().to_string();
    assert!(refused.contains("several tools look like that"), "{refused}");
    world.says("mcp-permission", |_| json!({"decision": "project"}));
    assert_eq!((asked(&mut world, &read), asked(&mut world, &read)), (1, 0));
    world.says("mcp-permission", |_| Value::Null);
    assert_eq!(asked(&mut world, &delete), 1);
    let mut exactly = permit;
    exactly["tool"] = "删除".into();
    world.ask("mcp.permit", exactly);
    assert_eq!((asked(&mut world, &read), asked(&mut world, &delete)), (0, 0));
}

#[test]
fn a_tool_without_a_name_is_left_out_and_spoils_nothing() {
    let mut world = World::new("");
    world.script(&[listed("t", reads()), listed("", reads())]);
    world.configure(&world.section("s", ""));
    let row = world.start("s");
    assert_eq!((&row["state"], &row["tools"]), (&json!("ready"), &json!(1)));
    assert!(row["problem"].as_str().unwrap().contains("has no name"), "{row}");
    allow(&mut world, "mcp__s", "always");
    assert_eq!(asked(&mut world, "mcp__s__t"), 0);
}

#[test]
fn a_decision_that_cannot_be_read_is_told_once_and_makes_its_server_ask() {
    let mut world = World::new("");
    world.script(&[listed("t", reads())]);
    let rules = "[mcp-rules]\nallow = ['mcp__s', 'mcp__o']\n";
    world.configure(&(world.section("s", "") + &world.section("o", "") + rules));
    world.start("s");
    world.start("o");
    let broken = json!([{"rule": "mcp__s__", "decision": "deny", "project": null}]);
    let state = world.folder.path().join("state");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("mcp-tools.json"), broken.to_string()).unwrap();
    for _ in 0..2 {
        assert_eq!((asked(&mut world, "mcp__s__t"), asked(&mut world, "mcp__o__t")), (1, 0));
    }
    let told = |body: &llm_switch_engine::Body| match body {
        llm_switch_engine::Body::Notice(it) => it.to_string().contains("cannot be read"),
        _ => false,
    };
    assert_eq!(world.heard.iter().filter(|(_, body)| told(body)).count(), 1);
}
