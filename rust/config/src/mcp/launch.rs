//! How a server is reached.

use std::collections::BTreeMap;
use url::Url;

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

/// A part of a launch that is wrong: its key, and what to write instead.
type Wrong = (&'static str, String);

impl McpLaunch {
    /// Whether it can be reached at all, as far as can be told before its
    /// variables are filled in. What is told repeats neither values nor names:
    /// a secret is easily put in the wrong place.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        match self {
            McpLaunch::Stdio { command, .. } if command.trim().is_empty() => {
                Err(("command", "the command is empty: write a program".to_owned()))
            }
            McpLaunch::Stdio { env, .. } => {
                let wrong = |name: &String| name.is_empty() || name.contains(['=', '\0']);
                let what = "a name in env holds a = or nothing: write NAME = \"value\"";
                if env.keys().any(wrong) { Err(("env", what.to_owned())) } else { Ok(()) }
            }
            McpLaunch::Http { url, headers } => {
                check_url(url).map_err(|what| ("url", what))?;
                let what = "a name in headers is none: write letters, digits and -";
                let right = headers.keys().all(|name| is_header(name));
                if right { Ok(()) } else { Err(("headers", what.to_owned())) }
            }
        }
    }

    /// Its address, where it has one that holds no variable.
    pub(super) fn address(&self) -> Option<Url> {
        match self {
            McpLaunch::Http { url, .. } if !url.contains("${") => Url::parse(url).ok(),
            _ => None,
        }
    }
}

/// Only what stands before the first variable can be wrong.
fn check_url(url: &str) -> Result<(), String> {
    let begin = url.split("${").next().unwrap_or_default().to_ascii_lowercase();
    let schemes = ["http://", "https://"];
    let whole = begin.len() == url.len();
    let fits = |scheme: &&str| begin.starts_with(*scheme) || (!whole && scheme.starts_with(&begin));
    if !schemes.iter().any(fits) {
        return Err("the url must begin with http:// or https://".to_owned());
    }
    let parsed = if whole { Url::parse(url).map(drop) } else { Ok(()) };
    parsed.map_err(|error| format!("the url is not an address: {error}"))
}

/// As RFC 9110 has it: a token.
fn is_header(name: &str) -> bool {
    let token = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c);
    !name.is_empty() && name.bytes().all(token)
}
