//! What stands in the environment of a server.

use crate::Values;
use std::collections::BTreeMap;

/// The variables that every server gets. Whatever else stands in Emacs's
/// environment (keys, tokens, agents' sockets) is none of its business.
const PASSED: &[&str] = &[
    "HOME",
    "PATH",
    "LANG",
    "USER",
    "LOGNAME",
    "SHELL",
    "TERM",
    "TMPDIR",
    "TZ",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// The beginnings of further names that every server gets.
const FAMILIES: &[&str] = &["XDG_", "LC_"];

/// The environment of a server: what OWN says, and of AROUND the variables
/// that every server gets.
pub(crate) fn of<'a>(
    around: &'a BTreeMap<String, String>,
    own: &'a Values,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    let passed = around.iter().filter(|(name, _)| is_passed(name));
    passed.filter(|(name, _)| !own.0.contains_key(*name)).chain(&own.0)
}

fn is_passed(name: &str) -> bool {
    PASSED.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_variables_and_its_own_reach_a_server() {
        let around =
            [("PATH", "/bin"), ("LC_ALL", "C"), ("OPENAI_API_KEY", "test_key"), ("TZ", "A")];
        let around = around.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let own = [("TZ", "UTC"), ("NOTES", "1")].into_iter().collect();
        let names: Vec<_> = of(&around, &own).map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(names, ["LC_ALL=C", "PATH=/bin", "NOTES=1", "TZ=UTC"]);
    }
}
