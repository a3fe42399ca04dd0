//! What a server is, as it is written.

use super::{Identity, Place};
use crate::core::Core;
use llm_switch_config::mcp::{McpLaunch, McpServer, read_env_file, read_text};
use llm_switch_mcp::{Definition, Launch, Values};
use llm_switch_types::{Error, ErrorKind, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes of a file of variables; what is longer is none.
const LONGEST: u64 = 1 << 20;

/// What a server is, as it is written and as its file of variables was read:
/// what is shown, trusted and started is one reading.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Whom decisions are about.
    pub(crate) identity: Identity,
    /// What its file of variables says, where it has one that can be known
    /// before it starts.
    pub(crate) env_file: Option<Result<BTreeMap<String, String>>>,
}

impl Core {
    /// What WRITTEN is now, for PLACE.
    ///
    /// # Errors
    /// When the engine ends.
    pub(crate) async fn reading(&self, place: &Place, written: &McpServer) -> Result<Reading> {
        let (written, project) = (written.clone(), home_project(written, place));
        let project = project.map(Path::to_owned);
        self.tasks.blocking(move || Reading::of(&written, project.as_deref())).await
    }
}

impl Reading {
    /// Read it for PROJECT. It blocks.
    fn of(written: &McpServer, project: Option<&Path>) -> Reading {
        let home = std::env::home_dir();
        let file = written.env_file(project, home.as_deref());
        let text = file.map(|it| env_text(&folder(project).unwrap_or_default().join(it)));
        let known = text.as_ref().and_then(|it| it.as_ref().ok()).map(|(_, text)| text.as_str());
        let identity = Identity {
            server: written.name.clone(),
            kind: written.origin.kind,
            hash: hash(written, project, known),
        };
        let variables = |(file, text): (PathBuf, String)| {
            read_env_file(&text).map_err(|error| error.at(file.display()))
        };
        Reading { identity, env_file: text.map(|it| it.and_then(variables)) }
    }
}

/// The variables in FILE. It blocks.
///
/// # Errors
/// [`ErrorKind::Config`] for a file that is none of variables.
pub(crate) fn env_file(file: &Path) -> Result<BTreeMap<String, String>> {
    let (file, text) = env_text(file)?;
    read_env_file(&text).map_err(|error| error.at(file.display()))
}

fn env_text(file: &Path) -> Result<(PathBuf, String)> {
    let text = read_text(file, LONGEST).map_err(|error| {
        let what = format!("its envFile cannot be read: {error}");
        Error::new(ErrorKind::Config, what).at(file.display()).advise("Correct envFile")
    })?;
    Ok((file.to_owned(), text))
}

/// Where a server of PROJECT runs: one of the user's own is there for all
/// projects, and so in the folder of none.
pub(crate) fn folder(project: Option<&Path>) -> Option<PathBuf> {
    project.map(Path::to_owned).or_else(std::env::home_dir)
}

/// The project of PLACE if WRITTEN is for that alone.
pub(crate) fn home_project<'a>(written: &McpServer, place: &'a Place) -> Option<&'a Path> {
    use llm_switch_config::mcp::McpOriginKind::{ClaudeLocal, Project, VsCode};
    let is_for_one = matches!(written.origin.kind, ClaudeLocal | Project | VsCode);
    place.project().filter(|_| is_for_one)
}

/// Where FOLDER really is: a link to it may be another's tomorrow.
pub(crate) fn real(folder: &Path) -> PathBuf {
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// What is trusted: what a repository wrote, for PROJECT, and the text of its
/// file of variables, ENV_TEXT. What the variables in it stand for is the
/// user's own, and may change with every session.
fn hash(written: &McpServer, project: Option<&Path>, env_text: Option<&str>) -> String {
    let values = |it: &BTreeMap<String, String>| Values(it.clone());
    let launch = match &written.launch {
        McpLaunch::Stdio { command, args, env, env_file, cwd } => {
            let mut all = values(env);
            // No variable can bear such a name.
            all.0.extend(env_file.clone().map(|it| ("\0envFile".to_owned(), it)));
            all.0.extend(env_text.map(|it| ("\0envFile text".to_owned(), it.to_owned())));
            let home = project.map(real);
            let cwd = cwd.as_deref().map(PathBuf::from).or(home);
            Launch::Stdio { command: command.clone(), args: args.clone(), env: all, cwd }
        }
        McpLaunch::Http { url, headers } => {
            Launch::Http { url: url.clone(), headers: values(headers) }
        }
    };
    Definition::new(written.name.clone(), launch).hash()
}
