//! Putting values in the place of variables.

use super::{McpInput, McpLaunch, Need, Variables};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The variables of one server, while they are filled in.
pub(super) struct Filling<'a> {
    pub(super) with: &'a Variables<'a>,
    pub(super) inputs: &'a BTreeMap<String, McpInput>,
    /// What is missing so far.
    pub(super) needs: Vec<Need>,
    /// What each of that is called.
    missing: BTreeSet<String>,
    /// The variables of the environment that were looked for.
    pub(super) read: BTreeSet<String>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(
        with: &'a Variables<'a>,
        inputs: &'a BTreeMap<String, McpInput>,
    ) -> Filling<'a> {
        let (needs, missing, read) = Default::default();
        Filling { with, inputs, needs, missing, read }
    }

    pub(super) fn launch(&mut self, launch: &McpLaunch) -> McpLaunch {
        match launch {
            McpLaunch::Stdio { command, args, env, env_file, cwd } => McpLaunch::Stdio {
                command: self.path(command),
                args: args.iter().map(|arg| self.text(arg)).collect(),
                env: env.iter().map(|(name, value)| (name.clone(), self.text(value))).collect(),
                env_file: env_file.as_deref().map(|file| self.path(file)),
                cwd: cwd.as_deref().map(|folder| self.path(folder)),
            },
            McpLaunch::Http { url, headers } => McpLaunch::Http {
                url: self.text(url),
                headers: headers
                    .iter()
                    .map(|(name, value)| (name.clone(), self.text(value)))
                    .collect(),
            },
        }
    }

    /// TEXT, in which `~/` at the front is the user's own folder: there is no
    /// shell that would see to it.
    pub(super) fn path(&mut self, text: &str) -> String {
        match text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => self.folder("HOME", self.with.home) + &self.text(rest),
            None => self.text(text),
        }
    }

    /// TEXT with its variables filled in, each once: what a value holds is
    /// not looked at again. A `$` without braces means nothing.
    fn text(&mut self, text: &str) -> String {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, name, after)) = next_variable(rest) {
            filled.push_str(before);
            filled.push_str(&self.value(name));
            rest = after;
        }
        filled + rest
    }

    /// What `${NAME}` stands for; nothing, and a need, where it is not known.
    fn value(&mut self, name: &str) -> String {
        match name {
            "" => "${}".to_owned(),
            "workspaceFolder" => self.folder(name, self.with.workspace),
            "workspaceFolderBasename" => {
                self.folder(name, self.with.workspace.and_then(Path::file_name).map(Path::new))
            }
            "userHome" => self.folder(name, self.with.home),
            _ => match name.strip_prefix("input:") {
                Some(id) => self.input(id),
                None => self.variable(name.strip_prefix("env:").unwrap_or(name)),
            },
        }
    }

    /// As in Claude Code, and not as in a shell, a variable that is set to
    /// nothing is set.
    fn variable(&mut self, name: &str) -> String {
        let (name, default) = match name.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (name, None),
        };
        self.read.insert(name.to_owned());
        let value = self.with.environment.get(name).map(String::as_str).or(default);
        self.or_need(name, value, || Need::Variable(name.to_owned()))
    }

    fn folder(&mut self, name: &str, folder: Option<&Path>) -> String {
        self.or_need(name, folder.and_then(Path::to_str), || Need::Variable(name.to_owned()))
    }

    fn input(&mut self, id: &str) -> String {
        let answer = self.with.inputs.get(id).map(String::as_str);
        let asked = self.inputs;
        self.or_need(&format!("input:{id}"), answer, || {
            let McpInput { description, password, options, default } =
                asked.get(id).cloned().unwrap_or_default();
            Need::Input { id: id.to_owned(), description, password, options, default }
        })
    }

    /// VALUE, or nothing and the need for it, which CALLED tells from others.
    fn or_need(
        &mut self,
        called: &str,
        value: Option<&str>,
        need: impl FnOnce() -> Need,
    ) -> String {
        if value.is_none() && self.missing.insert(called.to_owned()) {
            self.needs.push(need());
        }
        value.unwrap_or_default().to_owned()
    }
}

/// The first variable of TEXT, with what is before and behind it. As in
/// Claude Code, the first `}` ends it.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}
