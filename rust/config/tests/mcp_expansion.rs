//! Variables in the definition of a server, and what they stand for.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_config::mcp::{
    Expanded, McpInput, McpLaunch, McpServer, Need, Variables, read_env_file,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

fn server(command: &str, args: &[&str]) -> McpServer {
    let text = format!("[mcp.x]\ncommand = '{command}'\nargs = {args:?}\n");
    Config::parse(&text).unwrap().mcp.remove("x").unwrap()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// SERVER where the usual things are known.
fn expand(server: &McpServer) -> Expanded {
    let environment = map(&[("WHO", "ada"), ("EMPTY", ""), ("NESTED", "${WHO}"), ("HOME", "/h")]);
    server.expand(&Variables {
        environment: &environment,
        workspace: Some(Path::new("/home/ada/engine")),
        home: Some(Path::new("/home/ada")),
        inputs: &map(&[("region", "eu")]),
    })
}

#[test]
fn the_variables_that_are_handed_on_are_known_whether_they_are_set_or_not() {
    let server = server("x", &["${B:-none}", "${env:A} ${userHome} ${input:i} ${B}", "$C"]);
    assert_eq!(server.variables(), ["A", "B"]);
}

/// What the argument TEXT becomes.
fn argument(text: &str) -> String {
    match expand(&server("x", &[text])) {
        Expanded::Ready(McpLaunch::Stdio { args, .. }) => args.concat(),
        other => panic!("{text}: {other:?}"),
    }
}

fn needs(server: &McpServer) -> Vec<Need> {
    match expand(server) {
        Expanded::Needs(needs) => needs,
        other => panic!("{other:?}"),
    }
}

fn variable(name: &str) -> Need {
    Need::Variable(name.to_owned())
}

#[test]
fn a_variable_is_filled_in_wherever_it_stands() {
    let table = [
        ("${WHO}", "ada"),
        ("<${WHO}${WHO}>", "<adaada>"),
        ("${WHO:-bob}", "ada"),
        ("${NOBODY:-bob}", "bob"),
        ("${NOBODY:-}", ""),
        ("${NOBODY:-a:-b}", "a:-b"),
        ("${NOBODY:-https://x/${WHO}}", "https://x/${WHO}"),
        ("${EMPTY}", ""),
        ("${EMPTY:-bob}", ""),
        ("${env:WHO}", "ada"),
        ("${env:NOBODY:-bob}", "bob"),
        ("${workspaceFolder}/.env", "/home/ada/engine/.env"),
        ("${workspaceFolderBasename}", "engine"),
        ("${userHome}", "/home/ada"),
        ("${input:region}", "eu"),
    ];
    for (text, filled) in table {
        assert_eq!(argument(text), filled, "{text}");
    }
}

#[test]
fn other_text_stays_as_it_is() {
    for text in ["$WHO", "$", "${", "${}", "${WHO", "$(id)", "%WHO%", "{WHO}", "a$${", "~/x"] {
        assert_eq!(argument(text), text);
    }
    assert_eq!(argument("$${WHO}"), "$ada");
}

#[test]
fn what_a_value_holds_is_not_looked_at_again() {
    assert_eq!(argument("${NESTED}"), "${WHO}");
}

#[test]
fn every_part_of_a_definition_is_filled_in() {
    let text = "[mcp.x]\ncommand = '~/bin/${WHO}'\nargs = ['${WHO}']\ncwd = '~'\n\
                env = { 'A' = '${WHO}', '${WHO}' = 'B' }\n\
                [mcp.y]\nurl = 'https://${WHO}.example.com'\nheaders = { H = 'Bearer ${WHO}' }\n";
    let servers = Config::parse(text).unwrap().mcp;
    let stdio = McpLaunch::Stdio {
        command: "/home/ada/bin/ada".into(),
        args: vec!["ada".into()],
        env: map(&[("A", "ada"), ("${WHO}", "B")]),
        env_file: None,
        cwd: Some("/home/ada".into()),
    };
    assert_eq!(expand(&servers["x"]), Expanded::Ready(stdio));
    let http = McpLaunch::Http {
        url: "https://ada.example.com".into(),
        headers: map(&[("H", "Bearer ada")]),
    };
    assert_eq!(expand(&servers["y"]), Expanded::Ready(http));
    let mut server = server("~user/x", &[]);
    let McpLaunch::Stdio { env_file, .. } = &mut server.launch else { panic!() };
    *env_file = Some("${workspaceFolder}/.env".into());
    let Expanded::Ready(McpLaunch::Stdio { command, env_file, .. }) = expand(&server) else {
        panic!()
    };
    assert_eq!((command, env_file), ("~user/x".into(), Some("/home/ada/engine/.env".into())));
}

#[test]
fn a_file_of_variables_is_known_where_no_variable_of_the_users_names_it() {
    let (workspace, home) = (Path::new("/work"), Path::new("/home/ada"));
    let table = [
        (".env", Some(".env")),
        ("${workspaceFolder}/.env", Some("/work/.env")),
        ("~/.env", Some("/home/ada/.env")),
        ("${WHERE}/.env", None),
        ("${WHERE:-.}/.env", None),
        ("${input:where}", None),
    ];
    for (written, known) in table {
        let mut server = server("x", &[]);
        let McpLaunch::Stdio { env_file, .. } = &mut server.launch else { panic!() };
        *env_file = Some(written.into());
        assert_eq!(server.env_file(Some(workspace), Some(home)).as_deref(), known, "{written}");
    }
}

#[test]
fn what_is_not_known_is_needed_once_and_no_literal_text() {
    let args = ["${B}", "${A}${B}", "${env:A}", "${config:python.path}", "${input:token}"];
    let mut server = server("${A}", &args);
    let token = McpInput {
        description: Some("Token".into()),
        password: true,
        options: vec!["a".into()],
        default: Some("b".into()),
    };
    server.inputs = Arc::new([("token".to_owned(), token)].into());
    let token = Need::Input {
        id: "token".into(),
        description: Some("Token".into()),
        password: true,
        options: vec!["a".into()],
        default: Some("b".into()),
    };
    let needed = [variable("A"), variable("B"), variable("config:python.path"), token];
    assert_eq!(needs(&server), needed);
}

#[test]
fn an_input_that_nobody_described_is_asked_all_the_same() {
    let plain = Need::Input {
        id: "other".into(),
        description: None,
        password: false,
        options: vec![],
        default: None,
    };
    assert_eq!(needs(&server("x", &["${input:other}", "${input:other}"])), [plain]);
}

#[test]
fn without_project_and_home_their_folders_are_needed() {
    let args = ["${workspaceFolder}", "${workspaceFolderBasename}", "${userHome}"];
    let nothing = BTreeMap::new();
    let with = Variables { environment: &nothing, workspace: None, home: None, inputs: &nothing };
    let needed = ["HOME", "workspaceFolder", "workspaceFolderBasename", "userHome"].map(variable);
    assert_eq!(server("~/x", &args).expand(&with), Expanded::Needs(needed.into()));
}

#[test]
fn a_definition_full_of_variables_takes_no_longer_than_it_must() {
    let many: String = (0..200_000).map(|index| format!("${{V{index}}}")).collect();
    assert_eq!(needs(&server("x", &[&many])).len(), 200_000);
    let nested = "${A:-".repeat(200_000);
    assert_eq!(argument(&nested), nested);
}

#[test]
fn a_file_of_variables_is_read_line_by_line() {
    let read = read_env_file(include_str!("../../../test/fixtures/mcp/env")).unwrap();
    let expected = map(&[
        ("DATA_DIR", "/srv/newer"),
        ("MODE", "production"),
        ("EMPTY", ""),
        ("PASSWORD", "a#b=c"),
        ("MOTTO", "one\ntwo \"three\" \\d"),
        ("LITERAL", "${NOT_FILLED} \\n # stays"),
    ]);
    assert_eq!(read, expected);
    let windows = read_env_file("\u{feff}A=1\r\nB=\"2\"\r\nexported=3\r\n").unwrap();
    assert_eq!(windows, map(&[("A", "1"), ("B", "2"), ("exported", "3")]));
    assert!(read_env_file("").unwrap().is_empty());
}

#[test]
fn a_line_that_is_no_variable_is_told_and_not_repeated() {
    for wrong in ["hush", "=hush", "A B=hush", "A=\"hush", "A='hush", "A=\"hush\" x", "A=\"hush\\"]
    {
        let error = read_env_file(&format!("# first\n\n{wrong}\n")).unwrap_err();
        assert!(error.what.starts_with("line 3: "), "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}
