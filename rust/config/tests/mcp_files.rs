//! The files of Claude Code and VS Code, read as they are.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_config::mcp::{McpFiles, McpLaunch, McpOriginKind, McpServer, read_mcp_files};
use llm_switch_types::ErrorKind;
use std::{fs, path::PathBuf};
use tempfile::TempDir;

/// A home and a project in it, which is `engine`.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("engine/.vscode")).unwrap();
        Place { folder }
    }

    /// With the three files as the tools' own documents show them.
    fn with_fixtures() -> Place {
        let place = Place::new();
        let claude = include_str!("../../../test/fixtures/mcp/claude.json");
        let folder = place.project().display().to_string();
        place.write(".claude.json", claude.replace("/home/ada/engine", &folder));
        place.write("engine/.mcp.json", include_str!("../../../test/fixtures/mcp/mcp.json"));
        let vs_code = include_str!("../../../test/fixtures/mcp/vscode.json");
        place.write("engine/.vscode/mcp.json", vs_code);
        place
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("engine")
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn read(&self) -> McpFiles {
        self.read_with(&Config::default())
    }

    fn read_with(&self, config: &Config) -> McpFiles {
        read_mcp_files(config, Some(&self.project()), Some(self.folder.path()))
    }

    /// What is wrong, with the last part of the file's name before it.
    fn problems(&self) -> Vec<String> {
        let told = |error: llm_switch_types::Error| {
            assert_eq!(error.kind, ErrorKind::Config);
            let folder = format!("{}/", self.folder.path().display());
            format!("{}: {}", error.place.unwrap(), error.what).replace(&folder, "")
        };
        self.read().problems.into_iter().map(told).collect()
    }
}

/// What reading `.mcp.json` with TEXT tells.
fn told(text: &str) -> Vec<String> {
    let place = Place::new();
    place.write("engine/.mcp.json", text);
    place.problems()
}

fn find<'a>(files: &'a McpFiles, name: &str) -> &'a McpServer {
    files.servers.iter().find(|server| server.name == name).unwrap()
}

#[test]
fn all_files_are_read_as_they_are() {
    let files = Place::with_fixtures().read();
    let servers = files.servers.iter();
    let table: Vec<_> =
        servers.map(|it| (it.name.as_str(), it.origin.kind, it.origin.line.unwrap())).collect();
    use McpOriginKind::{ClaudeLocal, ClaudeUser, Project, VsCode};
    assert_eq!(
        table,
        [
            ("airtable", ClaudeLocal, 41),
            ("api-server", ClaudeUser, 11),
            ("inventory", ClaudeUser, 25),
            ("sentry", ClaudeUser, 7),
            ("slack", ClaudeUser, 16),
            ("database-tools", Project, 12),
            ("filesystem", Project, 3),
            ("memory", Project, 8),
            ("Perplexity", VsCode, 20),
            ("io.github.github/github-mcp-server", VsCode, 39),
            ("python-data", VsCode, 30),
        ]
    );
}

#[test]
fn what_is_not_used_is_told_with_file_line_name_and_what_to_do() {
    let problems = Place::with_fixtures().problems();
    let claude = ".claude.json: line";
    assert_eq!(
        problems,
        [
            format!(
                "{claude} 21: the server \"asana\" is not used: it speaks the older HTTP+SSE: use \
                 its streamable HTTP address, with type \"http\""
            ),
            format!(
                "{claude} 25: the server \"inventory\" gets no headers from its headersHelper \
                 here: write them into headers"
            ),
            "engine/.vscode/mcp.json: line 47: the server \"docker-socket\" is not used: the url \
             must begin with http:// or https://"
                .to_owned(),
            "engine/.vscode/mcp.json: line 30: the server \"python-data\" is not sandboxed here"
                .to_owned(),
            "engine/.mcp.json: line 18: the server \"api-server\" is not used: rename it, for \
             .claude.json, line 11, has \"api-server\" already"
                .to_owned(),
            "engine/.vscode/mcp.json: line 46: the server \"memory\" is not used: rename it, for \
             engine/.mcp.json, line 8, has \"memory\" already"
                .to_owned(),
        ]
    );
}

#[test]
fn a_program_has_arguments_environment_file_and_folder() {
    let files = Place::with_fixtures().read();
    let McpLaunch::Stdio { command, args, env, env_file, cwd } =
        &find(&files, "python-data").launch
    else {
        panic!("{files:?}")
    };
    assert_eq!(command, "${workspaceFolder}/.venv/bin/python");
    assert_eq!(args, &["-m", "data_server", "--name", "${workspaceFolderBasename}"]);
    assert!(env.is_empty());
    let (file, folder) = (env_file.as_deref(), cwd.as_deref());
    assert_eq!((file, folder), (Some("${workspaceFolder}/.env"), Some("${workspaceFolder}")));
    let McpLaunch::Stdio { env, .. } = &find(&files, "database-tools").launch else {
        panic!("{files:?}")
    };
    let env: Vec<_> = env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(env, ["CACHE_DIR=/tmp", "DB_POOL=4", "DB_URL=${DB_URL}"]);
}

#[test]
fn an_address_has_headers_and_what_is_known_for_a_login() {
    let files = Place::with_fixtures().read();
    let McpLaunch::Http { url, headers } = &find(&files, "api-server").launch else {
        panic!("{files:?}")
    };
    assert_eq!(url, "${API_BASE_URL:-https://api.example.com}/mcp");
    assert_eq!(headers["Authorization"], "Bearer ${API_KEY}");
    let oauth = &find(&files, "slack").oauth;
    assert_eq!(oauth.client_id.as_deref(), Some("1601185624273.8899143856786"));
    assert_eq!((oauth.callback_port, &oauth.client_secret), (Some(3118), &None));
    assert_eq!(oauth.scopes, ["channels:read", "chat:write"]);
}

#[test]
fn what_the_user_turned_off_in_claude_code_is_off_here() {
    let place = Place::with_fixtures();
    let off = |files: &McpFiles| {
        let off = files.servers.iter().filter(|server| !server.enabled);
        off.map(|server| server.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(off(&place.read()), ["sentry", "memory"]);
    // Of another project's lists nothing is known.
    let elsewhere = read_mcp_files(&Config::default(), None, Some(place.folder.path()));
    assert!(off(&elsewhere).is_empty() && elsewhere.servers.len() == 4);
    // They are about Claude Code's own servers.
    let config = Config::parse("[mcp.sentry]\ncommand = 'sentry'\n").unwrap();
    assert_eq!(off(&place.read_with(&config)), ["memory"]);
}

#[cfg(unix)]
#[test]
fn a_project_is_found_by_its_true_name_too() {
    let place = Place::with_fixtures();
    let link = place.folder.path().join("link");
    std::os::unix::fs::symlink(place.project(), &link).unwrap();
    let files = read_mcp_files(&Config::default(), Some(&link), Some(place.folder.path()));
    assert_eq!(find(&files, "airtable").origin.kind, McpOriginKind::ClaudeLocal);
}

#[test]
fn what_the_user_wrote_wins_over_what_a_repository_brought() {
    let server = |program: &str| format!("{{\"git\": {{\"command\": \"{program}\"}}}}");
    let place = Place::new();
    let project = place.project().display().to_string();
    let config = place.folder.path().join("config.toml");
    let write = |levels: usize| {
        let local = if levels > 3 { server("local") } else { "{}".to_owned() };
        let user = if levels > 2 { server("user") } else { "{}".to_owned() };
        let projects = format!("{{\"{project}\": {{\"mcpServers\": {local}}}}}");
        place
            .write(".claude.json", format!("{{\"mcpServers\": {user}, \"projects\": {projects}}}"));
        let project = if levels > 1 { server("project") } else { "{}".to_owned() };
        place.write("engine/.mcp.json", format!("{{\"mcpServers\": {project}}}"));
        let vs_code = format!("{{\"servers\": {}}}", server("vs-code"));
        place.write("engine/.vscode/mcp.json", vs_code);
        let own = if levels > 4 { "[mcp.git]\ncommand = 'config'\n" } else { "" };
        fs::write(&config, own).unwrap();
    };
    for (levels, winner) in ["vs-code", "project", "user", "local", "config"].iter().enumerate() {
        write(levels + 1);
        let files = place.read_with(&Config::load(&config).unwrap());
        assert_eq!(files.servers.len(), 1);
        let McpLaunch::Stdio { command, .. } = &files.servers[0].launch else { panic!() };
        assert_eq!(command, winner);
        assert_eq!(files.problems.len(), levels);
        assert_eq!(files.servers[0].origin.kind.is_of_project(), levels < 2, "{winner}");
    }
}

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
    assert!(all.contains("a rule sees it as \"git__beta_\""), "{all}");
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
    assert_eq!(find(&place.read(), "airtable").origin.line, Some(42));
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
