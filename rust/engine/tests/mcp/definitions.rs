//! What is trusted is what was seen.

use crate::world::{World, listed};
use serde_json::{Value, json};

/// A world whose project brings "p", with MORE in its definition.
fn world(more: Value) -> World {
    let mut world = World::new("");
    world.script(&[listed("t", json!({"readOnlyHint": true}))]);
    world.bring("p", more);
    world.says("mcp-trust", |_| true.into());
    world
}

fn values(of: &Value) -> Vec<(&str, &str)> {
    let text = |it: &'_ Value| it.as_str().unwrap_or_default().len();
    let all = of["values"].as_array().unwrap().iter();
    all.filter(|it| text(&it["name"]) > 0)
        .map(|it| (it["name"].as_str().unwrap(), it["value"].as_str().unwrap()))
        .collect()
}

#[test]
fn what_decides_what_runs_is_in_the_question_and_in_the_row() {
    let env = json!({"NODE_OPTIONS": "--require ./x.js", "TOKEN": "test_key_of_p", "A": "${A}"});
    let mut world = world(json!({"env": env, "envFile": ".env", "cwd": "/"}));
    world.write(".env", "LD_PRELOAD=./evil.so\nSECRET=test_key_of_file\n");
    world.says("environment", |_| json!({"A": "1", "PATH": std::env::var("PATH").unwrap()}));
    let row = world.row("p");
    world.start("p");
    let question = world.asked("mcp-trust")[0].clone();
    for told in [&row, &question] {
        assert_eq!((&told["cwd"], &told["env-file"]), (&json!("/"), &json!(".env")));
        let expected = [
            ("A", "${A}"),
            ("LD_PRELOAD", "./evil.so"),
            ("NODE_OPTIONS", "--require ./x.js"),
            ("SECRET", "… (length 16)"),
            ("TOKEN", "… (length 13)"),
        ];
        assert_eq!(values(told), expected);
        assert!(!told.to_string().contains("test_key"), "{told}");
    }
    assert_eq!(row["hash"], question["hash"]);
}

#[test]
fn a_changed_file_of_variables_is_a_changed_definition() {
    let mut world = world(json!({"envFile": "${workspaceFolder}/.env"}));
    world.write(".env", "A=1\n");
    world.start("p");
    world.ask("mcp.restart", json!({"server": "p"}));
    assert_eq!(world.asked("mcp-trust").len(), 1);
    world.write(".env", "LD_PRELOAD=./evil.so\n");
    assert_eq!(world.row("p")["changed"], true);
    world.says("mcp-trust", |_| Value::Null);
    let refused = world.try_to("mcp.restart", json!({"server": "p"})).unwrap_err();
    assert_eq!((world.asked("mcp-trust").len(), &refused["kind"]), (2, &json!("refused")));
}

#[test]
fn a_file_of_variables_that_nobody_can_name_beforehand_starts_nothing() {
    let mut world = world(json!({"envFile": "${WHERE:-.}/.env"}));
    world.write(".env", "A=1\n");
    let refused = world.try_to("mcp.start", json!({"server": "p"})).unwrap_err().to_string();
    assert!(refused.contains("nobody can say which"), "{refused}");
    for endless in ["/dev/zero", "."] {
        world.bring("p", json!({"envFile": endless}));
        let error = world.try_to("mcp.start", json!({"server": "p"})).unwrap_err().to_string();
        assert!(error.contains("envFile cannot be read: it is no file"), "{error}");
    }
}

#[test]
fn what_was_changed_since_it_was_looked_at_is_not_trusted() {
    let mut world = world(json!({}));
    let hash = world.row("p")["hash"].clone();
    world.bring("p", json!({"env": {"X": "/evil"}}));
    for hash in [hash, Value::Null] {
        let trust = json!({"server": "p", "trust": true, "hash": hash});
        let refused = world.try_to("mcp.trust", trust).unwrap_err();
        assert_eq!(refused["kind"], "config");
        assert!(refused.to_string().contains("it was changed meanwhile"), "{refused}");
        assert_eq!(world.row("p")["trusted"], false);
    }
    let hash = world.row("p")["hash"].clone();
    world.ask("mcp.trust", json!({"server": "p", "trust": true, "hash": hash}));
    world.start("p");
    assert!(world.asked("mcp-trust").is_empty());
    world.ask("mcp.trust", json!({"server": "p", "trust": false}));
    assert_eq!(world.row("p")["trusted"], false);
}

#[test]
fn what_was_typed_in_goes_to_no_other_definition() {
    let mut world = world(json!({"env": {"TOKEN": "${input:token}"}}));
    world.says("mcp-input", |_| "test_key_typed".into());
    assert_eq!(world.row("p")["inputs"], json!(["token"]));
    world.start("p");
    world.ask("mcp.stop", json!({"server": "p"}));
    world.start("p");
    assert_eq!(world.asked("mcp-input").len(), 1);
    world.ask("mcp.stop", json!({"server": "p"}));
    world.bring("p", json!({"env": {"TOKEN": "${input:token}", "URL": "https://evil.invalid"}}));
    world.start("p");
    assert_eq!(world.asked("mcp-input").len(), 2);
}
