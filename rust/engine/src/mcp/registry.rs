//! What is known of MCP, beside what the files say.

use super::kept::Kept;
use super::launch::Inputs;
use super::{Blind, Choices, Contents, LastGood, Running, TokenFile, Trust};
use crate::tasks::Tasks;
use llm_switch_config::mcp::McpServer;
use llm_switch_mcp::Era;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many servers that are over are remembered, for what they said last.
const ENDED: usize = 32;

/// What is known of MCP, beside what the files say.
pub(crate) struct Mcp {
    pub(crate) trust: Trust,
    pub(crate) choices: Choices,
    pub(crate) contents: Contents,
    pub(crate) inputs: Inputs,
    pub(crate) tokens: TokenFile,
    pub(crate) blind: Blind,
    pub(crate) last_good: LastGood,
    /// How servers began last time, by the hash of their definitions.
    pub(crate) eras: Kept<BTreeMap<String, Era>>,
    /// Oldest first.
    running: Mutex<Vec<Arc<Running>>>,
    starting: Mutex<HashMap<Key, Arc<tokio::sync::Mutex<()>>>>,
}

/// A server and the project that it is for.
type Key = (String, Option<PathBuf>);

impl Mcp {
    /// With what is kept in the folder STATE, and contents in CACHE.
    pub(crate) fn new(state: Option<&Path>, cache: Option<&Path>, tasks: Tasks) -> Mcp {
        Mcp {
            trust: Trust::new(state),
            choices: Choices::new(state),
            contents: Contents::new(
                cache.map_or_else(std::env::temp_dir, Path::to_owned).join("mcp"),
            ),
            inputs: Inputs::default(),
            tokens: TokenFile::new(state, tasks),
            blind: Blind::default(),
            last_good: LastGood::default(),
            eras: Kept::new(state.map(|it| it.join("mcp-eras.json"))),
            running: Mutex::default(),
            starting: Mutex::default(),
        }
    }

    /// Those that are there for PROJECT: its own, and those of all projects
    /// whose names none of its own has.
    pub(crate) fn for_project(&self, project: Option<&Path>) -> Vec<Arc<Running>> {
        let all = self.running.lock();
        let is_hidden =
            |it: &Running| project.is_some() && all.iter().any(|own| own.is(it.name(), project));
        let is_here = |it: &Arc<Running>| match &it.project {
            None => !is_hidden(it),
            Some(own) => Some(&**own) == project,
        };
        all.iter().filter(|it| is_here(it)).cloned().collect()
    }

    /// Forget what is over of PROJECT's own as NAME: no file has it any more,
    /// and it would hide the one of that name that is there for all projects.
    pub(crate) fn uncover(&self, name: &str, project: Option<&Path>) {
        let hides = |it: &Running| it.project.is_some() && it.is(name, project) && it.is_over();
        self.running.lock().retain(|it| !hides(it));
    }

    /// What was started last as NAME for PROJECT.
    pub(crate) fn get(&self, name: &str, project: Option<&Path>) -> Option<Arc<Running>> {
        let all = self.running.lock();
        all.iter().rev().find(|it| it.is(name, project)).cloned()
    }

    /// What was started last as NAME and is there for PROJECT, whatever the
    /// files say now.
    pub(crate) fn seen(&self, name: &str, project: Option<&Path>) -> Option<Arc<Running>> {
        self.for_project(project).into_iter().rev().find(|it| it.name() == name)
    }

    /// Remember RUNNING, started from PROJECT, which takes the place of what
    /// was started as the same. Those of its name that were there beside it
    /// are given back: no file has them any more, and nobody could tell them
    /// from it. If OTHERS_HAVE one that is there for all projects, it goes on
    /// for these.
    pub(crate) fn add(
        &self,
        running: Arc<Running>,
        project: Option<&Path>,
        others_have: bool,
    ) -> impl Iterator<Item = Arc<Running>> {
        let mut all = self.running.lock();
        all.retain(|it| !it.is(running.name(), running.project.as_deref()));
        let is_beside = |it: &mut Arc<Running>| {
            it.name() == running.name()
                && match &it.project {
                    None => !others_have,
                    Some(own) => Some(&**own) == project,
                }
        };
        let beside: Vec<_> = all.extract_if(.., is_beside).collect();
        all.push(running);
        while all.iter().filter(|it| it.is_over()).count() > ENDED {
            let Some(oldest) = all.iter().position(|it| it.is_over()) else { break };
            all.remove(oldest);
        }
        beside.into_iter()
    }

    /// What must be held while SERVER of PROJECT is being started: the user is
    /// not asked twice, nor is it started twice.
    pub(crate) fn one_at_a_time(
        &self,
        server: &McpServer,
        project: Option<&Path>,
    ) -> Arc<tokio::sync::Mutex<()>> {
        let key = (server.name.clone(), project.map(Path::to_owned));
        let mut starting = self.starting.lock();
        starting.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(starting.entry(key).or_default())
    }
}
