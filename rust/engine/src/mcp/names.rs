//! What models call tools.

use llm_switch_types::tool_rule::sanitise;
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// The longest name that all services take.
const LONGEST: usize = 64;

/// Hexadecimal digits that keep two names apart.
const MARK: usize = 6;

/// The names of TOOLS, each a server and its tool, in their order:
/// `mcp__server__tool`.
///
/// A name that is too long, or would be that of another, is cut and ends with
/// a mark of what it stands for. So a name never changes who it means because
/// another server came, unless both would have borne it: then both change.
pub(crate) fn names<'a>(tools: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<String> {
    let plain = |(server, tool): (&str, &str)| {
        format!("mcp__{}__{}", sanitise(server), sanitise(tool))
    };
    let (mut seen, mut shared) = (HashSet::new(), HashSet::new());
    for (server, tool) in tools.clone().collect::<HashSet<_>>() {
        let name = plain((server, tool));
        if !seen.insert(name.clone()) {
            shared.insert(name);
        }
    }
    let name = |(server, tool): (&str, &str)| {
        let name = plain((server, tool));
        match name.len() > LONGEST || shared.contains(&name) {
            true => marked(&name, server, tool),
            false => name,
        }
    };
    tools.map(name).collect()
}

/// NAME, cut where it is too long, with the mark of TOOL at SERVER.
fn marked(name: &str, server: &str, tool: &str) -> String {
    let hash = Sha256::digest(format!("{server}\0{tool}"));
    let mark: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = name.len().min(LONGEST - MARK - 1);
    // Sanitised, so each character is one byte.
    format!("{}_{}", &name[..kept], &mark[..MARK])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tools: &[(&str, &str)]) -> Vec<String> {
        names(tools.iter().copied())
    }

    #[test]
    fn a_name_holds_server_and_tool() {
        assert_eq!(of(&[("git", "git_status")]), ["mcp__git__git_status"]);
        assert_eq!(of(&[("my.notes", "größe")]), ["mcp__my_notes__gr__e"]);
    }

    #[test]
    fn names_that_would_be_equal_are_kept_apart_in_any_order() {
        let tools = [("a", "b__c"), ("a__b", "c"), ("a", "d")];
        let there = of(&tools);
        assert!(there[0] != there[1] && there[2] == "mcp__a__d", "{there:?}");
        let back = of(&[tools[2], tools[1], tools[0]]);
        assert_eq!([&back[2], &back[1]], [&there[0], &there[1]]);
    }

    #[test]
    fn no_name_is_longer_than_services_take() {
        let long = "x".repeat(80);
        let names = of(&[("s", &long), ("s", &format!("{long}y"))]);
        assert!(names.iter().all(|name| name.len() == LONGEST), "{names:?}");
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn one_tool_that_is_listed_twice_is_one_tool() {
        assert_eq!(of(&[("a", "b"), ("a", "b")]), ["mcp__a__b", "mcp__a__b"]);
    }
}
