//! What the configuration says of servers of tools.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_config::mcp::{McpLaunch, McpOauth, McpOriginKind, McpTimeouts};
use llm_switch_types::{Scope, tool_rule::Rule};
use std::{fs, time::Duration};

const FILE: &str = r#"
[mcp.git]
command = "uvx"
args = ["mcp-server-git", "--repository", "${workspaceFolder}"]
env = { GIT_AUTHOR_NAME = "Ada" }
cwd = "~/src"
local = true
start-timeout = 20
idle-timeout = 90
total-timeout = 600
output-limit = 40000

[mcp."docs.v2"]
url = "https://docs.example.com/mcp"
headers = { X-Team = "engine" }
key = "auth-source:docs.example.com"
enabled = false
oauth = { client-id = "llm-switch", client-secret = "pass:docs", scopes = ["read"], callback-port = 8765 }

[mcp-rules]
allow = ["mcp__git__git_*"]
ask = ["mcp__git__git_push"]
deny = ["mcp__docs_v2"]

[[mcp-access]]
on = { model = "gpt-5" }
tools = ["mcp__git__*"]

[[mcp-access]]
on = { project = "/srv/secret/" }
tools = []
"#;

fn rules(texts: &[&str]) -> Vec<Rule> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_program_is_a_server() {
    let config = Config::parse(FILE).unwrap();
    let git = &config.mcp["git"];
    let McpLaunch::Stdio { command, args, env, env_file, cwd } = &git.launch else { panic!() };
    assert_eq!((command.as_str(), cwd.as_deref()), ("uvx", Some("~/src")));
    assert_eq!(args, &["mcp-server-git", "--repository", "${workspaceFolder}"]);
    assert_eq!((env["GIT_AUTHOR_NAME"].as_str(), env_file), ("Ada", &None));
    let [start, idle, total] = [20, 90, 600].map(|it| Some(Duration::from_secs(it)));
    assert_eq!(git.timeouts, McpTimeouts { start, idle, total });
    assert_eq!((git.local, git.enabled, git.output_limit), (true, true, Some(40_000)));
}

#[test]
fn an_address_is_a_server() {
    let config = Config::parse(FILE).unwrap();
    let docs = &config.mcp["docs.v2"];
    let McpLaunch::Http { url, headers } = &docs.launch else { panic!() };
    assert_eq!(
        (url.as_str(), headers["X-Team"].as_str()),
        ("https://docs.example.com/mcp", "engine")
    );
    assert_eq!(docs.key.as_ref().unwrap().to_string(), "auth-source:docs.example.com");
    let oauth = McpOauth {
        client_id: Some("llm-switch".into()),
        client_secret: Some("pass:docs".to_owned().try_into().unwrap()),
        scopes: vec!["read".into()],
        callback_port: Some(8765),
    };
    assert_eq!((&docs.oauth, docs.local, docs.enabled), (&oauth, false, false));
}

#[test]
fn rules_and_access_are_read() {
    let config = Config::parse(FILE).unwrap();
    assert_eq!(config.mcp_rules.allow, rules(&["mcp__git__git_*"]));
    assert_eq!(config.mcp_rules.ask, rules(&["mcp__git__git_push"]));
    assert_eq!(config.mcp_rules.deny, rules(&["mcp__docs_v2"]));
    let [model, project] = config.mcp_access.as_slice() else { panic!("{config:?}") };
    assert_eq!((&model.on, &model.tools), (&Scope::Model("gpt-5".into()), &rules(&["mcp__git"])));
    assert_eq!(project.on, Scope::Project("/srv/secret".into()));
    assert!(project.tools.is_empty());
}

#[test]
fn a_server_knows_its_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(&file, FILE).unwrap();
    let config = Config::load(&file).unwrap();
    let origin = &config.mcp["docs.v2"].origin;
    assert_eq!((origin.kind, &origin.file, origin.line), (McpOriginKind::Config, &file, Some(13)));
    assert!(!origin.kind.is_of_project());
}

#[test]
fn a_server_on_another_line_is_the_same_server() {
    let moved = format!("# a comment\n{FILE}");
    assert_eq!(Config::parse(FILE).unwrap(), Config::parse(&moved).unwrap());
}

#[test]
fn an_address_of_this_machine_may_be_local_and_have_a_key_in_clear() {
    let text = "[mcp.x]\nurl = 'http://127.0.0.1:8000/mcp'\nlocal = true\nkey = 'env:KEY'\n";
    assert!(Config::parse(text).unwrap().mcp["x"].local);
}

#[test]
fn what_a_variable_may_hold_is_no_mistake() {
    for url in
        ["${URL}", "${SCHEME}://x", "https://${HOST}:${PORT}/mcp", "HTTP://x", "http${S}://x"]
    {
        let text = format!("[mcp.x]\nurl = '{url}'\n");
        assert!(Config::parse(&text).is_ok(), "{url}");
    }
}
