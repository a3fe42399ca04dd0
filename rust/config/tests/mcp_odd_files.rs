//! Files of Claude Code and VS Code in which something is wrong.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::{Place, told};
use llm_switch_config::mcp::McpOriginKind;
use std::fs;

#[test]
fn a_name_that_a_rule_would_take_for_anothers_is_not_used() {
    let place = Place::new();
    let entry = "{\"command\": \"x\"}";
    let text = format!("{{\"mcpServers\": {{\"my_git\": {entry}}}}}");
    place.write(".claude.json", text);
    let names = ["my.git", "my__git", "git (beta)", "", "a\\u202eb", "a\\nb"];
    let entries = names.map(|name| format!("\"{name}\": {entry}")).join(",\n");
    place.write("engine/.mcp.json", format!("{{\"mcpServers\": {{\n{entries}}}}}"));
    let problems = place.problems();
    assert_eq!(problems.len(), names.len(), "{problems:#?}");
    let all = problems.join("\n");
    assert!(all.contains("\"my.git\" is not used: rename it, for .claude.json"), "{all}");
    assert!(all.contains("rules see it as \"git__beta_\""), "{all}");
    assert!(!all.contains('\u{202e}') && all.lines().count() == names.len(), "{all}");
}

#[test]
fn one_bad_entry_keeps_back_no_other() {
    let wrong = [
        ("7", "it must be an object"),
        ("{}", "it needs a command or a url"),
        ("{\"command\": [\"npx\"]}", "its command must be text"),
        ("{\"command\": \"\"}", "the command is empty: write a program"),
        (
            "{\"command\": \"x\", \"url\": \"https://x\"}",
            "it has both command and url: leave out one",
        ),
        ("{\"command\": \"x\", \"args\": \"y\"}", "its args must be a list of texts"),
        ("{\"command\": \"x\", \"args\": [1]}", "its args must be a list of texts"),
        ("{\"command\": \"x\", \"env\": {\"A\": true}}", "the values of its env must be texts"),
        ("{\"type\": \"http\", \"command\": \"x\"}", "it needs a url"),
        ("{\"type\": \"stdio\", \"url\": \"https://x\"}", "it needs a command"),
        (
            "{\"type\": \"ws\", \"url\": \"https://x\"}",
            "its type is not known: write \"stdio\" or \"http\"",
        ),
        (
            "{\"url\": \"https://x\", \"oauth\": {\"callbackPort\": 0}}",
            "its callbackPort is no port",
        ),
        ("{\"url\": \"https://x\", \"headers\": []}", "its headers must be an object"),
    ];
    for (entry, why) in wrong {
        let place = Place::new();
        let good = "{\"command\": \"x\"}";
        let text =
            format!("{{\"mcpServers\": {{\n\"a\": {good},\n\"b\": {entry},\n\"c\": {good}}}}}");
        place.write("engine/.mcp.json", text);
        let names: Vec<_> = place.read().servers.into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["a", "c"], "{entry}");
        let told = format!("engine/.mcp.json: line 3: the server \"b\" is not used: {why}");
        assert_eq!(place.problems(), [told]);
    }
}

#[test]
fn one_bad_file_keeps_back_no_other() {
    let place = Place::with_fixtures();
    place.write("engine/.mcp.json", "{\n\"mcpServers\": {\n\"a\": }}");
    let files = place.read();
    assert!(files.servers.iter().any(|it| it.origin.kind == McpOriginKind::VsCode));
    assert!(files.servers.iter().any(|it| it.origin.kind == McpOriginKind::ClaudeLocal));
    let told = "engine/.mcp.json: line 3: this is not JSON that can be used: expected value";
    assert!(place.problems().contains(&told.to_owned()), "{:#?}", place.problems());
}

#[test]
fn the_key_that_another_program_uses_is_told() {
    assert_eq!(
        told("{\n\"servers\": {}}"),
        [
            "engine/.mcp.json: line 2: there is no \"mcpServers\" here, but \"servers\": rename it to \
          \"mcpServers\""
        ]
    );
    let place = Place::new();
    place.write("engine/.vscode/mcp.json", "{\"mcpServers\": {}}");
    assert!(place.problems()[0].contains("rename it to \"servers\""));
}

#[test]
fn odd_files_are_told_or_say_nothing() {
    let not_json = "engine/.mcp.json: line 1: this is not JSON that can be used: ";
    let quiet = ["", " \n", "\u{feff}", "{}", "\u{feff}{\"mcpServers\": {}}", "// nothing\n"];
    for text in quiet {
        assert!(told(text).is_empty(), "{text:?}");
    }
    assert_eq!(told("[]"), [format!("{not_json}an object is expected")]);
    assert_eq!(told("\"hush\""), [format!("{not_json}an object is expected")]);
    assert_eq!(told("{} x"), [format!("{not_json}trailing characters")]);
    assert_eq!(
        told("{\"mcpServers\": []}"),
        ["engine/.mcp.json: line 1: \"mcpServers\" must be an object"]
    );
    let deep = format!("{{\"mcpServers\": {{\"a\": {}", "[".repeat(1 << 20));
    assert!(told(&deep)[0].contains("EOF"), "{:?}", told(&deep));
    let closed = format!("{deep}{}}}}}", "]".repeat(1 << 20));
    assert!(told(&closed)[0].contains("it must be an object"), "{:?}", told(&closed));
    let place = Place::new();
    place.write("engine/.mcp.json", b"{\"mcpServers\": \"\xff\"}");
    assert_eq!(place.problems(), ["engine/.mcp.json: cannot be read: it is not UTF-8 text"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_told_and_never_read_to_its_end() {
    let place = Place::new();
    fs::create_dir(place.folder.path().join(".claude.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", place.project().join(".mcp.json")).unwrap();
    fs::remove_dir(place.project().join(".vscode")).unwrap();
    place.write("engine/.vscode", "no folder");
    assert_eq!(
        place.problems(),
        [".claude.json", "engine/.mcp.json"]
            .map(|it| format!("{it}: cannot be read: it is no file"))
    );
}

#[test]
fn a_file_of_ten_megabytes_is_read() {
    let place = Place::with_fixtures();
    let text = fs::read_to_string(place.folder.path().join(".claude.json")).unwrap();
    let history = format!("[\"{}\"],\n\"history\":", "what, \\\"{]} // ".repeat(700_000));
    let long = text.replacen("[{ \"display\"", &format!("{history} [{{ \"display\""), 1);
    assert!(long.len() > 10_000_000);
    place.write(".claude.json", long);
    let files = place.read();
    let airtable = files.servers.iter().find(|server| server.name == "airtable").unwrap();
    assert_eq!(airtable.origin.line, Some(42));
}

#[test]
fn many_servers_take_no_longer_than_they_must() {
    let place = Place::new();
    let entry = |index| format!("\"s{index}\": {{\"command\": \"${{input:i{index}}}\"}}");
    let servers = (0..50_000).map(entry).collect::<Vec<_>>().join(",\n");
    let input = |index| format!("{{\"id\": \"i{index}\", \"description\": \"{index}\"}}");
    let inputs = (0..50_000).map(input).collect::<Vec<_>>().join(",\n");
    let text = format!("{{\"inputs\": [{inputs}], \"servers\": {{{servers}}}}}");
    place.write("engine/.vscode/mcp.json", text);
    assert_eq!(place.read().servers.len(), 50_000);
}

#[test]
fn no_value_stands_in_a_problem() {
    let mark = include_str!("../../../test/fixtures/key-mark").trim();
    let shapes = [
        "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"env\": \"KEY\"}}}",
        "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"env\": {\"A\": [\"KEY\"]}}}}",
        "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"env\": {\"A=KEY\": \"\"}}}}",
        "{\"mcpServers\": {\"a\": {\"url\": \"KEY\"}}}",
        "{\"mcpServers\": {\"a\": {\"url\": \"https://u:KEY@:x\"}}}",
        "{\"mcpServers\": {\"a\": {\"url\": \"https://x\", \"headers\": {\"Bearer KEY\": \"\"}}}}",
        "{\"mcpServers\": {\"a\": {\"type\": \"KEY\", \"command\": \"x\"}}}",
        "{\"mcpServers\": {\"a\": \"KEY\"}}",
        "{\"mcpServers\": \"KEY\"}",
        "\"KEY\"",
        "KEY",
        "{\"mcpServers\": {\"a\": {\"command\": \"KEY",
        "{\"mcpServers\": {\"a\": {\"command\": KEY}}}",
    ];
    for shape in shapes {
        let told = told(&shape.replace("KEY", mark));
        assert_eq!(told.len(), 1, "{shape}: {told:?}");
        assert!(!told[0].contains(mark), "{shape}");
    }
}

#[test]
fn a_list_that_turns_nothing_off_is_told() {
    let place = Place::new();
    let project = place.project().display().to_string();
    let lists = "\"disabledMcpServers\": [\"a\"],\n\"disabledMcpjsonServers\": \"b\"";
    let server = "{\"command\": \"x\"}";
    let text = format!(
        "{{\"mcpServers\": {{\"a\": {server}, \"b\": 1}}, \"projects\": {{\"{project}\": {{{lists}}}}}}}"
    );
    place.write(".claude.json", text);
    assert!(!place.read().servers[0].enabled);
    let last = ".claude.json: line 2: \"disabledMcpjsonServers\" must be a list of names";
    assert_eq!(place.problems().last().unwrap(), last);
}

#[test]
fn one_bad_input_keeps_back_no_other() {
    let place = Place::new();
    let inputs =
        "{\"id\": \"a\"},\n{\"type\": \"promptString\"},\n7,\n{\"id\": \"b\", \"options\": [1]}";
    let server = "{\"command\": \"x\"}";
    let text = format!("{{\"inputs\": [\n{inputs}], \"servers\": {{\"s\": {server}}}}}");
    place.write("engine/.vscode/mcp.json", text);
    let told =
        ["3: it needs an id", "4: it must be an object", "5: its options must be a list of texts"]
            .map(|it| it.replace(": ", ": an input is not used: "))
            .map(|it| format!("engine/.vscode/mcp.json: line {it}"));
    assert_eq!(place.problems(), told);
    assert_eq!(place.read().servers[0].inputs.keys().collect::<Vec<_>>(), ["a"]);
}
