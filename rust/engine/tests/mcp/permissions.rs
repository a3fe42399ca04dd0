//! Who may call what.

use crate::world::{World, mode, project_file, section};
use serde_json::{Value, json};

fn once(_: &Value) -> Value {
    json!({"decision": "once"})
}

fn text(result: Result<Value, Value>) -> String {
    result.unwrap()["text"].as_str().unwrap().to_owned()
}

#[test]
fn the_arguments_are_in_the_question_before_anything_runs() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    world.says("mcp-permission", once);
    assert_eq!(text(world.call("mcp__s__big", json!({"megabytes": 0}))), "");
    let question = world.asked("mcp-permission")[0].clone();
    assert_eq!(question["destructive"], true, "{question}");
    assert_eq!(question["arguments"], "{\n  \"megabytes\": 0\n}");
    world.call("mcp__s__big", json!({"megabytes": 0})).unwrap();
    assert_eq!(world.asked("mcp-permission").len(), 2, "once is once");
}

#[test]
fn a_rule_for_a_server_runs_what_only_reads_and_asks_about_the_rest() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    world.says("mcp-permission", |_| json!({"decision": "session", "of": "server"}));
    assert_eq!(text(world.call("mcp__s__echo", json!({"text": "hi"}))), "hi");
    world.call("mcp__s__echo", json!({"text": "hi"})).unwrap();
    assert_eq!(world.asked("mcp-permission").len(), 1);
    for _ in 0..2 {
        world.call("mcp__s__error", json!({})).unwrap();
    }
    assert_eq!(world.asked("mcp-permission").len(), 3, "it may destroy something");
}

#[test]
fn what_is_denied_anywhere_is_denied_and_the_model_is_told_why() {
    let rules = "[mcp-rules]\ndeny = ['mcp__s__error']\n";
    let mut world = World::new(&format!("{}{rules}", section("s", "")));
    world.start("s");
    let permit = json!({"rule": "mcp__s__error", "decision": "allow", "scope": "session"});
    world.ask("mcp.permit", permit);
    let refused = world.call("mcp__s__error", json!({})).unwrap_err();
    assert_eq!(refused["kind"], "refused", "{refused}");
    world.says("mcp-permission", |_| json!({"decision": "deny", "reason": "use the staging one"}));
    let refused = world.call("mcp__s__env", json!({})).unwrap_err();
    assert!(refused.to_string().contains("They say: use the staging one"), "{refused}");
    world.says("mcp-permission", |_| json!({"decision": "never"}));
    world.call("mcp__s__env", json!({})).unwrap_err();
    let asked = world.asked("mcp-permission").len();
    world.call("mcp__s__env", json!({})).unwrap_err();
    assert_eq!(world.asked("mcp-permission").len(), asked);
    let file = world.folder.path().join("state/mcp-tools.json");
    assert_eq!(mode(&file), 0o600);
}

#[test]
fn nobody_who_answers_is_no_consent() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    for nothing in [Value::Null, json!(true), json!({"decision": "yes"}), json!("once")] {
        world.says("mcp-permission", move |_| nothing.clone());
        let refused = world.call("mcp__s__error", json!({})).unwrap_err();
        assert_eq!(refused["kind"], "refused", "{refused}");
    }
}

#[test]
fn what_is_allowed_everywhere_is_not_allowed_to_a_projects_server_of_that_name() {
    let rules = "[mcp-rules]\nallow = ['mcp__s__echo']\n";
    let mut world = World::new(&format!("{}{rules}", section("s", "")));
    world.start("s");
    world.call("mcp__s__echo", json!({"text": "mine"})).unwrap();
    let always = json!({"rule": "mcp__s__echo", "decision": "allow", "scope": "always"});
    world.ask("mcp.permit", always);
    world.ask("mcp.stop", json!({"server": "s"}));
    world.write(".mcp.json", &project_file("s", json!({})));
    assert_eq!(world.row("s")["kind"], "config", "the user's own wins");
    world.configure(rules);
    assert_eq!(world.row("s")["kind"], "project");
    world.says("mcp-trust", |_| true.into());
    world.start("s");
    world.call("mcp__s__echo", json!({"text": "theirs"})).unwrap_err();
    assert_eq!(world.asked("mcp-permission").len(), 1, "it is asked about");
}

#[test]
fn where_nothing_may_leave_the_machine_only_local_servers_start_and_are_called() {
    let config = section("far", "") + &section("near", "local = true");
    let mut world = World::new(&config);
    let local = |server: &str| json!({"server": server, "mode": "local"});
    let refused = world.try_to("mcp.start", local("far")).unwrap_err().to_string();
    assert!(refused.contains("local = true") && refused.contains("[mcp.far]"), "{refused}");
    world.ask("mcp.start", local("near"));
    world.start("far");
    let call = |server: &str| {
        let name = format!("mcp__{server}__echo");
        json!({"name": name, "arguments": "{}", "granted": true, "pins": ["local"]})
    };
    world.ask("mcp.call", call("near"));
    assert_eq!(world.try_to("mcp.call", call("far")).unwrap_err()["kind"], "refused");
    for method in ["mcp.read", "mcp.prompt", "mcp.complete"] {
        let what = json!({
            "server": "far", "uri": "note://1", "prompt": "review", "argument": "topic",
            "arguments": {"topic": "x"}, "mode": "local",
        });
        assert_eq!(world.try_to(method, what).unwrap_err()["kind"], "refused", "{method}");
    }
}

#[test]
fn what_was_started_without_limits_is_not_local_because_a_file_says_so_now() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    world.configure(&section("s", "local = true"));
    let read = json!({"server": "s", "uri": "note://1", "mode": "local"});
    assert_eq!(world.try_to("mcp.read", read).unwrap_err()["kind"], "refused");
}

#[test]
fn a_tool_that_the_configuration_keeps_from_a_project_is_not_called_there() {
    let mut world = World::new("");
    let access = format!(
        "[[mcp-access]]\non = {{ project = {:?} }}\ntools = ['mcp__s__echo']\n",
        world.project()
    );
    world.configure(&(section("s", "") + &access));
    world.start("s");
    world.granted("mcp__s__echo", json!({"text": "x"}));
    let call = json!({"name": "mcp__s__error", "arguments": "{}", "granted": true});
    let refused = world.try_to("mcp.call", call.clone()).unwrap_err().to_string();
    assert!(refused.contains("the configuration does not let it be used here"), "{refused}");
    let mut elsewhere = call;
    elsewhere["project"] = "/".into();
    world.ask("mcp.call", elsewhere);
}

#[test]
fn a_tool_that_an_answer_was_not_told_of_is_not_called_for_it() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let call =
        json!({"name": "mcp__s__echo", "arguments": "{}", "granted": true, "withheld": true});
    assert_eq!(world.try_to("mcp.call", call).unwrap_err()["kind"], "refused");
}

#[test]
fn tools_that_look_alike_are_kept_apart() {
    let faulty = section("s", "").replace("'stdio'", "'stdio', '--faults'");
    let mut world = World::new(&(faulty + &section("other", "")));
    world.start("s");
    world.start("other");
    let tools = world.ask("mcp.tools", json!({}));
    let tools = tools["tools"].as_array().unwrap();
    let named = |server: &str, tool: &str| {
        let is_it = |it: &&Value| it["server"] == server && it["tool"] == tool;
        tools.iter().find(is_it).unwrap()["name"].as_str().unwrap().to_owned()
    };
    assert_eq!(named("s", "other__echo"), "mcp__s__other__echo");
    assert_eq!(named("other", "echo"), "mcp__other__echo");
    let mut names: Vec<_> = tools.iter().map(|it| it["name"].as_str()).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|it| it[0] != it[1]), "no service takes a name twice: {names:?}");
    let (dot, bar) = (named("s", "a.b"), named("s", "a_b"));
    assert!(dot != bar && dot.starts_with("mcp__s__a_b_") && bar.starts_with("mcp__s__a_b_"));
    assert_eq!(world.granted(&dot, json!({}))["text"], "a.b");
    assert_eq!(world.granted(&bar, json!({}))["text"], "a_b");
    let allow = json!({"rule": "mcp__other__echo", "decision": "allow", "scope": "always"});
    world.ask("mcp.permit", allow);
    world.call("mcp__other__echo", json!({"text": "x"})).unwrap();
    world.call("mcp__s__other__echo", json!({})).unwrap_err();
    assert_eq!(world.asked("mcp-permission").len(), 1, "what is allowed to other is not to s");
}

#[test]
fn where_nobody_says_which_model_calls_what_is_kept_from_some_is_kept_from_all() {
    let access = "[[mcp-access]]\non = { model = 'm' }\ntools = ['mcp__s__echo']\n";
    let mut world = World::new(&(section("s", "") + &section("t", "") + access));
    world.start("s");
    world.start("t");
    let call = |name: &str| json!({"name": name, "arguments": "{}", "granted": true});
    world.ask("mcp.call", call("mcp__s__echo"));
    world.ask("mcp.call", call("mcp__t__error"));
    let refused = world.try_to("mcp.call", call("mcp__s__error")).unwrap_err();
    assert_eq!(refused["kind"], "refused");
    assert!(refused.to_string().contains("nobody says which one calls"), "{refused}");
    let mut of_request = call("mcp__s__error");
    of_request["request"] = 1.into();
    world.ask("mcp.call", of_request);
}

#[test]
fn who_logs_out_where_nothing_may_leave_the_machine_connects_to_nothing() {
    let mut world = World::new(&section("far", ""));
    let pid = world.start("far")["pid"].clone();
    let row = world.ask("mcp.logout", json!({"server": "far", "mode": "local"}));
    assert_eq!(row["state"], "stopped");
    crate::world::gone(&pid);
}
