//! The files of Claude Code and VS Code, read as they are.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Place;
use llm_switch_config::Config;
use llm_switch_config::mcp::{
    McpFiles, McpInput, McpLaunch, McpOriginKind, McpServer, read_mcp_files,
};
use std::fs;

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
fn what_vs_code_asks_for_is_known_to_its_servers() {
    let files = Place::with_fixtures().read();
    let perplexity = find(&files, "Perplexity");
    let McpLaunch::Stdio { env, .. } = &perplexity.launch else { panic!("{files:?}") };
    let names: Vec<_> = env.keys().map(String::as_str).collect();
    assert_eq!(names, ["PERPLEXITY_API_KEY", "REGION"], "null is no value");
    let key = McpInput {
        description: Some("Perplexity API Key".into()),
        password: true,
        ..McpInput::default()
    };
    let region = McpInput {
        description: Some("Where the data lie".into()),
        options: vec!["eu".into(), "us".into()],
        default: Some("eu".into()),
        ..McpInput::default()
    };
    let asked: Vec<_> = perplexity.inputs.iter().collect();
    assert_eq!(asked, [(&"perplexity-key".to_owned(), &key), (&"region".to_owned(), &region)]);
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
    assert_eq!(oauth.client_id.as_deref(), Some("llm-switch.test"));
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
