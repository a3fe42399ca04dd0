//! What a server may be called.

use super::McpServer;
use crate::lines::Fault;
use llm_switch_types::tool_rule::{Rule, sanitise};
use std::collections::BTreeMap;

/// Longer names are no names but a trick.
const LONGEST: usize = 100;

/// Whether config.toml may call a server NAME.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!("the name {name:?} may hold only A-Z, a-z, 0-9, _, . and -"));
    }
    check_foreign(name).map_err(|why| format!("{name:?} is no name for a server: {why}"))
}

/// Whether the file of another program may call a server NAME: whatever a
/// screen shows as it is, and a rule can tell from other servers.
pub(super) fn check_foreign(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_alphanumeric() || c.is_ascii_punctuation() || c == ' ';
    let long = name.chars().nth(LONGEST).is_some();
    if long || name.trim().is_empty() || !name.chars().all(plain) {
        let what = format!("at most {LONGEST} letters, digits, spaces and ASCII signs");
        return Err(format!("rename it, to {what}"));
    }
    if !Rule::can_name(name) {
        let what = "so that it has no \"__\" and no \"_\" at its end";
        return Err(format!("rename it, for a rule sees it as {:?}, {what}", sanitise(name)));
    }
    Ok(())
}

/// NAME for people, whatever it holds.
pub(super) fn shown(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", &name[..end]),
        None => format!("{name:?}"),
    }
}

/// Whether no two of SERVERS look the same to rules.
pub(crate) fn kept_apart(servers: &BTreeMap<String, McpServer>) -> Result<(), Fault> {
    let mut seen = BTreeMap::new();
    for name in servers.keys() {
        if let Some(other) = seen.insert(sanitise(name), name) {
            let what = format!("the names {other:?} and {name:?} look the same to a rule");
            return Err(Fault::new(
                format!("mcp.{name}"),
                format!("{what}: give one of them another"),
            ));
        }
    }
    Ok(())
}
