//! How a server is reached.

use std::collections::BTreeMap;

/// How a server is reached: a program that is started, or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum McpLaunch {
    /// A program that speaks through its standard input and output.
    Stdio {
        /// The program, by its path or as it is found on `PATH`.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// What its environment holds beside the usual.
        env: BTreeMap<String, String>,
        /// A file with more of that, which [`read_env_file`](super::read_env_file)
        /// reads; what `env` says wins over it.
        env_file: Option<String>,
        /// The folder that it runs in; the project's where it is not said.
        cwd: Option<String>,
    },
    /// A server that speaks streamable HTTP.
    Http {
        /// Its address.
        url: String,
        /// What each request to it bears.
        headers: BTreeMap<String, String>,
    },
}
