//! Which tools of MCP servers a rule is about.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, str::FromStr};

/// Which tools of MCP servers a rule is about, written as Claude Code writes
/// it: `mcp__git__log`, `mcp__git__log_*`, `mcp__git` or `mcp__*`.
///
/// Its names are sanitised, and so are those that it is compared with. The
/// first `__` ends the server's name, so a server of which
/// [`Rule::can_name`] is false is reached by `mcp__*` alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule(Reach);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Reach {
    All,
    Server(String),
    Tool { server: String, tool: String },
    Prefix { server: String, prefix: String },
}

const MARK: &str = "mcp__";
const SEPARATOR: &str = "__";
const WRITE: &str = "write \"mcp__SERVER__TOOL\", \"mcp__SERVER__BEGINNING*\", \
                     \"mcp__SERVER\" for all of its tools, or \"mcp__*\" for all tools";

/// NAME of a server or a tool as rules and models see it: each character
/// outside `[A-Za-z0-9_-]` becomes `_`.
pub fn sanitise(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    name.chars().map(|c| if plain(c) { c } else { '_' }).collect::<String>().into()
}

impl Rule {
    /// All tools of SERVER.
    pub fn of_server(server: &str) -> Rule {
        Rule(Reach::Server(sanitise(server).into_owned()))
    }

    /// TOOL of SERVER alone.
    pub fn of_tool(server: &str, tool: &str) -> Rule {
        let [server, tool] = [server, tool].map(|name| sanitise(name).into_owned());
        Rule(Reach::Tool { server, tool })
    }

    /// Whether it is about TOOL of SERVER.
    pub fn matches(&self, server: &str, tool: &str) -> bool {
        let (server, tool) = (sanitise(server), sanitise(tool));
        match &self.0 {
            Reach::All => true,
            Reach::Server(name) => *name == server,
            Reach::Tool { server: name, tool: only } => *name == server && *only == tool,
            Reach::Prefix { server: name, prefix } => *name == server && tool.starts_with(prefix),
        }
    }

    /// Whether it is about SERVER, or tools of it.
    pub fn reaches(&self, server: &str) -> bool {
        match &self.0 {
            Reach::All => true,
            Reach::Server(name)
            | Reach::Tool { server: name, .. }
            | Reach::Prefix { server: name, .. } => *name == sanitise(server),
        }
    }

    /// Whether it is about one tool and no other, as far as sanitised names
    /// can tell.
    pub const fn is_exact(&self) -> bool {
        matches!(self.0, Reach::Tool { .. })
    }

    /// Whether a rule can name SERVER: the text of a rule, and of a tool's
    /// name for a model, must not read as that of another server's tool.
    pub fn can_name(server: &str) -> bool {
        let name = sanitise(server);
        !name.is_empty() && !name.contains(SEPARATOR) && !name.ends_with('_')
    }
}

/// As it is written; all of a server in its short form.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reach::All => f.write_str("mcp__*"),
            Reach::Server(server) => write!(f, "{MARK}{server}"),
            Reach::Tool { server, tool } => write!(f, "{MARK}{server}{SEPARATOR}{tool}"),
            Reach::Prefix { server, prefix } => write!(f, "{MARK}{server}{SEPARATOR}{prefix}*"),
        }
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Rule, String> {
        let reach = text.strip_prefix(MARK).and_then(read);
        reach.map(Rule).ok_or_else(|| format!("{text:?} is no rule for tools: {WRITE}"))
    }
}

/// What REST reaches, the text behind `mcp__`.
fn read(rest: &str) -> Option<Reach> {
    if rest == "*" {
        return Some(Reach::All);
    }
    let (server, tool) = rest.split_once(SEPARATOR).unwrap_or((rest, "*"));
    let name = |name: &str| (!name.contains('*')).then(|| sanitise(name).into_owned());
    let server = name(server).filter(|server| Rule::can_name(server))?;
    match tool.strip_suffix('*') {
        Some("") => Some(Reach::Server(server)),
        Some(prefix) => Some(Reach::Prefix { server, prefix: name(prefix)? }),
        None => {
            let tool = name(tool).filter(|tool| !tool.is_empty())?;
            Some(Reach::Tool { server, tool })
        }
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(text: String) -> Result<Rule, String> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> String {
        rule.to_string()
    }
}
