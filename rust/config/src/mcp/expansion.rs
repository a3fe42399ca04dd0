//! A server with its variables filled in.

use super::filling::Filling;
use super::{McpLaunch, McpServer};
use std::collections::BTreeMap;
use std::path::Path;

/// What variables stand for.
#[derive(Clone, Copy, Debug)]
pub struct Variables<'a> {
    /// The environment, as Emacs has it.
    pub environment: &'a BTreeMap<String, String>,
    /// The project's folder.
    pub workspace: Option<&'a Path>,
    /// The user's own folder.
    pub home: Option<&'a Path>,
    /// What the user answered, by the input's id.
    pub inputs: &'a BTreeMap<String, String>,
}

/// A server with its variables filled in, or what that needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expanded {
    /// All are filled in. It may hold secrets.
    Ready(McpLaunch),
    /// What is missing, each once, in the order of its first use.
    Needs(Vec<Need>),
}

/// A value that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A variable by this name, which is not set.
    Variable(String),
    /// An answer of the user's.
    Input {
        /// What the answer is called.
        id: String,
        /// What to ask.
        description: Option<String>,
        /// It is a secret.
        password: bool,
        /// What there is to choose from; anything where there is none.
        options: Vec<String>,
        /// What it usually is.
        default: Option<String>,
    },
}

impl McpServer {
    /// How it is reached, with the variables filled in: `${NAME}`,
    /// `${NAME:-default}`, `${env:NAME}`, `${workspaceFolder}`,
    /// `${workspaceFolderBasename}`, `${userHome}` and `${input:ID}`
    /// everywhere, and `~/` at the front of the program, of its folder and of
    /// its file of variables.
    ///
    /// That file is not read here: its values are no variables.
    pub fn expand(&self, with: &Variables<'_>) -> Expanded {
        let mut filling = Filling::new(with, &self.inputs);
        let launch = filling.launch(&self.launch);
        match filling.needs {
            needs if needs.is_empty() => Expanded::Ready(launch),
            needs => Expanded::Needs(needs),
        }
    }

    /// The variables of the environment that it is handed the values of, by
    /// name. Who trusts it should know: they may hold secrets, and a file that
    /// a repository brought may name any.
    pub fn variables(&self) -> Vec<String> {
        let (environment, inputs) = Default::default();
        let with =
            Variables { environment: &environment, workspace: None, home: None, inputs: &inputs };
        let mut filling = Filling::new(&with, &self.inputs);
        filling.launch(&self.launch);
        filling.read.into_iter().collect()
    }

    /// Its file of variables for the project WORKSPACE and the user at HOME,
    /// where its name says which: one that holds other variables may be
    /// another file with each start.
    pub fn env_file(&self, workspace: Option<&Path>, home: Option<&Path>) -> Option<String> {
        let McpLaunch::Stdio { env_file: Some(written), .. } = &self.launch else { return None };
        let (environment, inputs) = Default::default();
        let with = Variables { environment: &environment, workspace, home, inputs: &inputs };
        let mut filling = Filling::new(&with, &self.inputs);
        let file = filling.path(written);
        (filling.needs.is_empty() && filling.read.is_empty()).then_some(file)
    }

    /// The ids of the values that it leaves to the user.
    pub fn input_ids(&self) -> Vec<String> {
        let (environment, inputs) = Default::default();
        let with =
            Variables { environment: &environment, workspace: None, home: None, inputs: &inputs };
        let mut filling = Filling::new(&with, &self.inputs);
        filling.launch(&self.launch);
        let ids = filling.needs.into_iter().filter_map(|need| match need {
            Need::Input { id, .. } => Some(id),
            Need::Variable(_) => None,
        });
        ids.collect()
    }
}
