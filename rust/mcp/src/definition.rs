//! What a server is and how it is reached.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

/// The longest message that is read: results with files in them are long, and
/// a server that never ends its line must not fill the memory.
pub const LINE_CAP: usize = 64 << 20;

/// A server as the user or a project wrote it down, with all variables
/// expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name, which is the user's.
    pub name: String,
    /// How it is reached.
    pub launch: Launch,
    /// How long it may take.
    pub timeouts: Timeouts,
    /// The longest message in bytes that is read from it.
    pub line_cap: usize,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Launch {
    /// A program that is started and spoken to over its standard input.
    Stdio {
        /// The program: a path, or a name that is looked for in `PATH`.
        command: String,
        /// What it is started with.
        #[serde(default)]
        args: Vec<String>,
        /// What stands in its environment beside the few variables that
        /// every server gets.
        #[serde(default)]
        env: Values,
        /// The directory that it runs in; Emacs's own without.
        cwd: Option<PathBuf>,
    },
    /// A server that runs already, spoken to over streamable HTTP.
    Http {
        /// Its address.
        url: String,
        /// What is sent with each request.
        #[serde(default)]
        headers: Values,
    },
}

/// Names and values of which the values may be secret: they are not shown
/// when this is printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, String>);

/// How long a server may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// From its start until it can be used, all attempts together.
    pub start: Duration,
    /// Between two signs of life while it works on something. The time in
    /// which it waits for an answer of the user does not count.
    pub idle: Duration,
    /// For one call, whatever the server says meanwhile.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            start: Duration::from_secs(30),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(600),
        }
    }
}

impl Definition {
    /// The server NAME, reached by LAUNCH, with the usual limits.
    pub fn new(name: impl Into<String>, launch: Launch) -> Definition {
        Definition { name: name.into(), launch, timeouts: Timeouts::default(), line_cap: LINE_CAP }
    }

    /// What the user trusts when they trust this server, as 64 hexadecimal
    /// digits: what is run or called and what is handed to it, not how long it
    /// may take. The same on every machine and in every version.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for part in self.parts() {
            // Its length before it, so that no two lists of parts run together
            // into the same bytes.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// All that is trusted, each list behind its length.
    fn parts(&self) -> Vec<Vec<u8>> {
        let mut parts = vec![self.name.clone().into_bytes()];
        match &self.launch {
            Launch::Stdio { command, args, env, cwd } => {
                parts.extend([b"stdio".to_vec(), command.clone().into_bytes()]);
                parts.push(args.len().to_string().into_bytes());
                parts.extend(args.iter().map(|it| it.clone().into_bytes()));
                parts.extend(env.parts());
                let cwd = cwd.iter().map(|it| it.as_os_str().as_encoded_bytes().to_vec());
                parts.extend(cwd);
            }
            Launch::Http { url, headers } => {
                parts.extend([b"http".to_vec(), url.clone().into_bytes()]);
                parts.extend(headers.parts());
            }
        }
        parts
    }
}

impl Launch {
    /// The names and values of which the values may be secret.
    pub(crate) fn values(&self) -> &Values {
        match self {
            Launch::Stdio { env, .. } => env,
            Launch::Http { headers, .. } => headers,
        }
    }
}

impl Values {
    fn parts(&self) -> Vec<Vec<u8>> {
        let count = self.0.len().to_string();
        let pairs = self.0.iter().flat_map(|(name, value)| [name, value]);
        [&count].into_iter().chain(pairs).map(|it| it.clone().into_bytes()).collect()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Values {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Values(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdio(args: &[&str], env: &[(&str, &str)]) -> Definition {
        let launch = Launch::Stdio {
            command: "server".into(),
            args: args.iter().map(|it| (*it).to_owned()).collect(),
            env: env.iter().copied().collect(),
            cwd: None,
        };
        Definition::new("notes", launch)
    }

    #[test]
    fn the_hash_is_that_of_what_is_run() {
        let definition = stdio(&["a", "b"], &[("X", "1")]);
        let patient = Definition { line_cap: 1, ..definition.clone() };
        assert_eq!(definition.hash(), patient.hash());
        for other in [
            stdio(&["ab"], &[("X", "1")]),
            stdio(&["a", "b"], &[("X", "2")]),
            stdio(&["a", "b", "X"], &[]),
            Definition { name: "other".into(), ..definition.clone() },
        ] {
            assert_ne!(definition.hash(), other.hash(), "{other:?}");
        }
    }

    #[test]
    fn the_hash_stays_the_same_in_later_versions() {
        let known = "7a61aa728ec7faaec22c5b675b3a72013bd1cd8eaa9e292a39a1adaaf085ee56";
        assert_eq!(stdio(&["a"], &[("X", "1")]).hash(), known);
    }

    #[test]
    fn values_are_not_printed() {
        let printed = format!("{:?}", stdio(&[], &[("TOKEN", "test_key_in_env")]));
        assert!(printed.contains("TOKEN") && !printed.contains("test_key"), "{printed}");
    }
}
