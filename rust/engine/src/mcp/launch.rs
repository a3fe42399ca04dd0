//! What is run or called for a server, with everything filled in.

use super::definition::{self, Reading, folder, home_project};
use super::{Place, Trusted};
use crate::core::Core;
use crate::questions::PATIENCE;
use llm_switch_config::mcp::{Expanded, McpLaunch, McpServer, Need, Variables};
use llm_switch_mcp::{Definition, Identity, Launch, Login, Timeouts, Values};
use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the user typed in for `${input:…}`, by server, project, input and the
/// hash of the definition that it is for: another would send it elsewhere. It
/// may be a secret, so it is forgotten with the session.
#[derive(Default)]
pub(crate) struct Inputs(Mutex<BTreeMap<InputKey, String>>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct InputKey {
    server: String,
    project: Option<PathBuf>,
    input: String,
    hash: String,
}

impl Inputs {
    /// Ask anew for what was typed in for the server called NAME of PROJECT.
    pub(crate) fn forget(&self, name: &str, project: Option<&Path>) {
        self.0.lock().retain(|key, _| key.server != name || key.project.as_deref() != project);
    }

    fn of(&self, launching: &Launching<'_>) -> BTreeMap<String, String> {
        let is_its = |key: &InputKey| launching.input(&key.input) == *key;
        let all = self.0.lock();
        let its = all.iter().filter(|(key, _)| is_its(key));
        its.map(|(key, value)| (key.input.clone(), value.clone())).collect()
    }

    fn keep(&self, key: InputKey, value: String) {
        self.0.lock().insert(key, value);
    }
}

/// A server that is about to be started.
pub(crate) struct Launching<'a> {
    pub(crate) core: &'a Core,
    pub(crate) id: i64,
    pub(crate) place: &'a Place,
    pub(crate) written: &'a McpServer,
    pub(crate) reading: &'a Reading,
    pub(crate) environment: &'a BTreeMap<String, String>,
}

impl Launching<'_> {
    /// What it is started with. What it needs of the user is asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a variable that is not set,
    /// [`ErrorKind::Auth`] for a key that is not where it should be.
    pub(crate) async fn definition(&self) -> Result<Definition> {
        let mut launch = loop {
            match self.expanded() {
                Expanded::Ready(launch) => break self.launch(launch).await?,
                Expanded::Needs(needs) => self.ask_for(needs).await?,
            }
        };
        if let (Launch::Http { headers, .. }, Some(source)) = (&mut launch, &self.written.key) {
            let key = self.key(&source.to_string()).await?;
            headers.0.insert("Authorization".into(), format!("Bearer {key}"));
        }
        let mut definition = Definition::new(self.written.name.clone(), launch);
        definition.timeouts = timeouts(self.written);
        Ok(definition)
    }

    fn expanded(&self) -> Expanded {
        let inputs = self.core.mcp.inputs.of(self);
        self.written.expand(&Variables {
            environment: self.environment,
            workspace: self.place.project(),
            home: std::env::home_dir().as_deref(),
            inputs: &inputs,
        })
    }

    async fn launch(&self, expanded: McpLaunch) -> Result<Launch> {
        Ok(match expanded {
            McpLaunch::Stdio { command, args, env, env_file, cwd } => {
                let cwd = cwd.map(PathBuf::from).or_else(|| folder(self.project()));
                let mut all = match env_file {
                    Some(file) => self.env_file(&file).await?,
                    None => BTreeMap::new(),
                };
                all.extend(env);
                Launch::Stdio { command, args, env: Values(all), cwd }
            }
            McpLaunch::Http { url, headers } => Launch::Http { url, headers: Values(headers) },
        })
    }

    /// What FILE says: what the user has seen of it, where they have.
    async fn env_file(&self, file: &str) -> Result<BTreeMap<String, String>> {
        if let Some(read) = &self.reading.env_file {
            return read.clone();
        }
        if self.written.origin.kind.is_of_project() {
            let what = "its envFile is named by variables of yours, so nobody can say which it is";
            let advice = "Write ${workspaceFolder} or ${userHome} there, or no variable";
            return Err(self.place_of(Error::new(ErrorKind::Refused, what)).advise(advice));
        }
        let file = folder(self.project()).unwrap_or_default().join(file);
        self.core.tasks.blocking(move || definition::env_file(&file)).await?
    }

    fn input(&self, input: &str) -> InputKey {
        InputKey {
            server: self.written.name.clone(),
            project: self.project().map(Path::to_owned),
            input: input.to_owned(),
            hash: self.reading.identity.hash.clone(),
        }
    }

    /// Have the user say what is missing.
    async fn ask_for(&self, needs: Vec<Need>) -> Result<()> {
        for need in needs {
            match need {
                Need::Variable(name) => return Err(self.unset(&name)),
                Need::Input { id, description, password, options, default } => {
                    let question = json!({
                        "server": self.written.name, "input": id, "description": description,
                        "password": password, "options": options, "default": default,
                    });
                    let answer = self.core.ask(self.id, "mcp-input", question, PATIENCE).await;
                    let value = answer.as_ref().and_then(Value::as_str);
                    let value = value.ok_or_else(|| self.unanswered(&id))?;
                    self.core.mcp.inputs.keep(self.input(&id), value.to_owned());
                }
            }
        }
        Ok(())
    }

    fn unset(&self, variable: &str) -> Error {
        let what = format!("it needs the variable {variable}, which is not set in Emacs");
        let advice = format!(
            "Set it with M-x setenv, or write ${{{variable}:-DEFAULT}}. Other servers are not affected"
        );
        self.place_of(Error::new(ErrorKind::Config, what)).advise(advice)
    }

    fn unanswered(&self, input: &str) -> Error {
        let what = format!("it needs {input:?}, which was not given");
        self.place_of(Error::new(ErrorKind::Cancelled, what)).advise("Start it again")
    }

    /// The bearer token that is kept at SOURCE.
    async fn key(&self, source: &str) -> Result<String> {
        let details = json!({"account": self.written.name, "source": source});
        let answer = self.core.ask(self.id, "key", details, PATIENCE).await;
        let key = answer.as_ref().and_then(Value::as_str).filter(|key| !key.is_empty());
        key.map(str::to_owned).ok_or_else(|| {
            self.place_of(Error::new(ErrorKind::Auth, format!("Emacs finds no key at {source}")))
                .advise("Put the key there, or correct `key` in the configuration")
        })
    }

    /// What it takes to log in to it.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] when a secret is not where it should be.
    pub(crate) async fn login(&self) -> Result<Login> {
        let of = &self.written.oauth;
        let secret = match &of.client_secret {
            Some(source) => Some(self.key(&source.to_string()).await?.into()),
            None => None,
        };
        let login = Login::new(Arc::new(self.core.mcp.tokens.clone()));
        let identity = Identity { id: of.client_id.clone(), secret };
        let (scopes, callback_port) = (of.scopes.clone(), of.callback_port);
        Ok(Login { identity, scopes, callback_port, ..login })
    }

    fn place_of(&self, error: Error) -> Error {
        error.at(format!("MCP server {}", self.written.name))
    }

    /// The project that it belongs to; none for one of the user's own.
    pub(crate) fn project(&self) -> Option<&Path> {
        home_project(self.written, self.place)
    }

    /// What the user said of it.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn trusted(&self) -> Result<Trusted> {
        if !self.written.origin.kind.is_of_project() {
            return Ok(Trusted::Yes);
        }
        let hash = &self.reading.identity.hash;
        self.core.mcp.trust.of(&self.written.name, self.project(), hash)
    }
}

fn timeouts(written: &McpServer) -> Timeouts {
    let usual = Timeouts::default();
    let set = written.timeouts;
    Timeouts {
        start: set.start.unwrap_or(usual.start),
        idle: set.idle.unwrap_or(usual.idle),
        total: set.total.unwrap_or(usual.total),
    }
}
