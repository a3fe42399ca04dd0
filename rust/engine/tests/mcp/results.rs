//! What comes back from tools, and how much of it.

use crate::world::{World, listed, mode, section};
use serde_json::{Value, json};
use std::path::Path;

fn faulty(more: &str) -> String {
    section("s", more).replace("'stdio'", "'stdio', '--faults'")
}

#[test]
fn what_is_too_long_is_cut_and_whole_in_a_file_of_the_users() {
    let mut world = World::new(&section("s", "output-limit = 1000"));
    world.start("s");
    let big = world.granted("mcp__s__big", json!({"megabytes": 20}));
    let text = big["text"].as_str().unwrap();
    assert!(text.len() < 1300 && text.contains("were left out here"), "{}", text.len());
    let path = Path::new(big["path"].as_str().unwrap());
    assert_eq!(std::fs::metadata(path).unwrap().len(), 20 << 20);
    assert_eq!((big["cut"].as_u64().unwrap(), mode(path)), ((20 << 20) - 1000, 0o600));
    assert!(path.starts_with(world.folder.path().join("cache")), "{path:?}");
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(world.used("big")["result-bytes"], 20 << 20);
}

#[test]
fn a_tool_may_claim_more_than_usual() {
    let mut world = World::new(&faulty(""));
    world.start("s");
    let length = |it: &Value| it["text"].as_str().unwrap().len();
    let claimed = world.granted("mcp__s__claimed", json!({"kilobytes": 150}));
    assert_eq!((length(&claimed), &claimed["path"]), (150 << 10, &Value::Null));
    let usual = world.granted("mcp__s__big", json!({"megabytes": 1}));
    assert!(length(&usual) < 51_000);
    let mut world = World::new(&faulty("output-limit = 100"));
    world.start("s");
    let limited = world.granted("mcp__s__claimed", json!({"kilobytes": 150}));
    assert!(length(&limited) < 400, "the user decides");
}

#[test]
fn contents_that_are_no_text_are_files_with_names_in_the_text() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let media = world.granted("mcp__s__media", json!({}));
    let text = media["text"].as_str().unwrap();
    let handles = media["handles"].as_array().unwrap();
    let kinds: Vec<_> = handles.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["image", "audio"]);
    for handle in handles {
        assert!(text.contains(handle["handle"].as_str().unwrap()), "{text}");
        let path = Path::new(handle["path"].as_str().unwrap());
        assert_eq!(std::fs::read(path).unwrap().len() as u64, handle["bytes"].as_u64().unwrap());
        assert_eq!(mode(path), 0o600);
    }
    assert_eq!(media["structured"], "{\"rows\":[1,2]}");
    assert!(text.starts_with("caption") && text.contains("held") && text.contains("note://1"));
}

#[test]
fn the_same_picture_from_many_calls_at_once_is_one_file() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let media = json!({"name": "mcp__s__media", "granted": true, "arguments": "{}"});
    let calls = [0; 20].map(|_| world.begin("mcp.call", media.clone()));
    for call in calls {
        assert_eq!(world.end(call).unwrap()["handles"].as_array().unwrap().len(), 2);
    }
    let files = std::fs::read_dir(world.folder.path().join("cache/mcp")).unwrap();
    assert_eq!(files.count(), 2, "and nothing half written beside it");
}

#[test]
fn what_is_read_and_prompts_are_cut_as_results_are() {
    let mut world = World::new("");
    world.script(&[]);
    world.configure(&world.section("s", "output-limit = 1000"));
    world.start("s");
    let read = world.ask("mcp.read", json!({"server": "s", "uri": "long:1"}));
    let prompt = world.ask("mcp.prompt", json!({"server": "s", "prompt": "long"}));
    assert_eq!(prompt["messages"][0]["role"], "user");
    for told in [&read, &prompt["messages"][0]] {
        assert!(told["text"].as_str().unwrap().len() < 1300);
        assert_eq!(told["cut"], 3_000_000 - 1000);
        let path = Path::new(told["path"].as_str().unwrap());
        assert_eq!(std::fs::metadata(path).unwrap().len(), 3_000_000);
    }
    assert_eq!(read["mime"], "text/plain");
}

#[test]
fn one_bad_picture_spoils_nothing_else() {
    let mut world = World::new("");
    world.script(&[listed("pictures", json!({}))]);
    world.configure(&world.section("s", ""));
    world.start("s");
    let told = world.granted("mcp__s__pictures", json!({}));
    let lines: Vec<_> = told["text"].as_str().unwrap().lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "ran pictures"));
    assert_eq!(lines[1], lines[2], "it is the same picture, whatever its breaks and its end");
    assert_eq!(lines[3], "[image/png that cannot be read: the server gave no base64]");
    assert_eq!(told["handles"].as_array().unwrap().len(), 2);
}
