//! Which requests a table is on, as it is written.

use crate::suggestion::instead;
use llm_switch_types::Scope;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::{fmt, path::Path};

/// `"global"`, or `{ provider = "openai" }` with one of the kinds.
#[derive(Debug)]
pub(crate) struct On(pub(crate) Scope);

type Named = fn(String) -> Scope;

const KINDS: [(&str, Named); 6] = [
    ("provider", Scope::Provider),
    ("account", Scope::Account),
    ("model", Scope::Model),
    ("route", Scope::Route),
    ("project", Scope::Project),
    ("client", Scope::Client),
];

const WRITE: &str = "write \"global\", or one of provider, account, model, route, project and \
                     client with a name, such as { provider = \"openai\" }";

fn scope(kind: &str, name: String) -> Result<On, String> {
    let Some((_, named)) = KINDS.iter().find(|(known, _)| *known == kind) else {
        let words = KINDS.iter().map(|(known, _)| *known);
        return Err(format!("there is no scope {kind:?}: {}", instead(kind, words, WRITE)));
    };
    if name.trim().is_empty() {
        return Err(format!("{kind} has no name: {WRITE}"));
    }
    Ok(On(named(if kind == "project" { folder(&name)? } else { name })))
}

/// The folder of a project as its requests name it: the whole path, with no
/// slash at the end. Any other spelling would limit nothing, in silence.
fn folder(name: &str) -> Result<String, String> {
    let under_home = name.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let folder = match (under_home, std::env::home_dir()) {
        (Some(rest), Some(home)) => format!("{}{rest}", home.display()),
        _ => name.to_owned(),
    };
    if !Path::new(&folder).is_absolute() {
        return Err(format!("{name:?} is not the folder of a project: write its whole path"));
    }
    let trimmed = folder.trim_end_matches('/');
    Ok(if trimmed.is_empty() { folder } else { trimmed.to_owned() })
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = On;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"global\", or { provider = \"openai\" } and its likes")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<On, E> {
        if word == "global" {
            return Ok(On(Scope::Global));
        }
        if KINDS.iter().any(|(kind, _)| *kind == word) {
            return Err(E::custom(format!(
                "{word:?} says not which: write {{ {word} = \"NAME\" }}"
            )));
        }
        Err(E::custom(format!("{word:?} is no scope: {}", instead(word, ["global"], WRITE))))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<On, A::Error> {
        let Some((kind, name)) = map.next_entry::<String, String>()? else {
            return Err(A::Error::custom(format!("on is empty: {WRITE}")));
        };
        if let Some(other) = map.next_key::<String>()? {
            let what = format!("on names one thing, not {kind} and {other}");
            return Err(A::Error::custom(format!("{what}: write a table for each")));
        }
        scope(&kind, name).map_err(A::Error::custom)
    }
}

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<On, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}
