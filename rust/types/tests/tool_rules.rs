//! What the text of a rule for tools means.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_types::tool_rule::{Rule, sanitise};

fn rule(text: &str) -> Rule {
    text.parse().unwrap()
}

#[test]
fn a_rule_is_about_a_tool_a_beginning_a_server_or_all() {
    // The rule, and whether it is about git's `log`, git's `log_graph`,
    // git's `diff` and time's `log`.
    let table = [
        ("mcp__git__log", [true, false, false, false]),
        ("mcp__git__log_*", [false, true, false, false]),
        ("mcp__git__log*", [true, true, false, false]),
        ("mcp__git__*", [true, true, true, false]),
        ("mcp__git", [true, true, true, false]),
        ("mcp__*", [true, true, true, true]),
        ("mcp__gi", [false, false, false, false]),
        ("mcp__GIT", [false, false, false, false]),
    ];
    let tools = [("git", "log"), ("git", "log_graph"), ("git", "diff"), ("time", "log")];
    for (text, about) in table {
        let matched = tools.map(|(server, tool)| rule(text).matches(server, tool));
        assert_eq!(matched, about, "{text}");
    }
}

#[test]
fn names_are_sanitised_on_both_sides() {
    assert_eq!(sanitise("com.example/tool Ω-1_b"), "com_example_tool__-1_b");
    assert!(rule("mcp__my_server__read_file").matches("my.server", "read/file"));
    assert!(rule("mcp__my.server__read/file").matches("my_server", "read_file"));
    assert_eq!(rule("mcp__my.server__read/*").to_string(), "mcp__my_server__read_*");
}

#[test]
fn a_rule_is_written_as_it_is_read() {
    for text in ["mcp__*", "mcp__git", "mcp__git__log", "mcp__git__log_*", "mcp___a__b"] {
        assert_eq!(rule(text).to_string(), text);
        assert_eq!(serde_json::to_value(rule(text)).unwrap(), text);
        assert_eq!(serde_json::from_value::<Rule>(text.into()).unwrap(), rule(text));
    }
    assert_eq!(rule("mcp__git__*"), rule("mcp__git"));
    assert_eq!(Rule::of_server("git"), rule("mcp__git"));
    assert_eq!(Rule::of_tool("git", "log"), rule("mcp__git__log"));
}

#[test]
fn a_star_in_a_tools_own_name_stands_for_itself() {
    let greedy = Rule::of_tool("git", "lo*");
    assert!(greedy.matches("git", "lo*") && !greedy.matches("git", "log"));
    assert_eq!(greedy.to_string(), "mcp__git__lo_");
}

#[test]
fn no_text_means_the_tools_of_two_servers() {
    // A server called so could pass its tool off as that of another.
    for server in ["a__b", "a_", "a..b", "a (beta)", "_", "", "日本"] {
        assert!(!Rule::can_name(server), "{server}");
    }
    for server in ["a", "_a", "a_b", "a-b", "com.example/tool"] {
        assert!(Rule::can_name(server), "{server}");
        let text = Rule::of_tool(server, "__x_").to_string();
        assert!(rule(&text).matches(server, "__x_"), "{text}");
    }
    assert!(!rule("mcp__a__b__c").matches("a__b", "c"));
    assert!(!rule("mcp__a___b").matches("a_", "b"));
}

#[test]
fn refuses_what_is_no_rule() {
    let wrong = [
        "",
        "mcp__",
        "mcp__*__x",
        "mcp__git__",
        "mcp__g*",
        "mcp__git__a*b",
        "mcp__git__**",
        "git__log",
        "*",
        "mcp____x",
        "mcp___",
        "Mcp__git",
        " mcp__git",
    ];
    for text in wrong {
        let told = text.parse::<Rule>().unwrap_err();
        assert!(told.contains("write \"mcp__SERVER__TOOL\""), "{told}");
    }
}

#[test]
fn a_rule_reaches_the_servers_that_it_names() {
    for (text, reached) in [("mcp__*", true), ("mcp__my_notes", true), ("mcp__my_notes__a", true)] {
        assert_eq!(rule(text).reaches("my.notes"), reached, "{text}");
    }
    assert!(!rule("mcp__git__*").reaches("my.notes") && !rule("mcp__my").reaches("my.notes"));
}
