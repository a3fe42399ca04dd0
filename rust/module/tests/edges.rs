//! The crates depend on each other as the architecture says, and no other way.

use cargo_metadata::{Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};

/// Each crate and the crates of this workspace that it may see.
const EDGES: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("config", &["types"]),
    ("catalog", &["types"]),
    ("ledger", &["types"]),
    ("net", &["types"]),
    ("providers", &["types", "net"]),
    ("mcp", &["types", "net"]),
    ("engine", &["types", "config", "catalog", "net", "providers", "ledger", "mcp"]),
    ("module", &["types", "engine"]),
    ("simulator", &["types", "catalog"]),
];

/// Crates from outside that only one of ours may name.
const OWNERS: &[(&str, &str)] =
    &[("emacs", "module"), ("reqwest", "net"), ("rusqlite", "ledger"), ("rmcp", "mcp")];

/// The simulator is for tests: the crates below may use it in theirs.
const SIMULATED: &[&str] = &["providers", "engine"];

#[allow(clippy::unwrap_used, reason = "a helper fails as its test would")]
fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().exec().unwrap()
}

fn short(name: &str) -> Option<&str> {
    name.strip_prefix("llm-switch-")
}

fn dependencies(package: &Package) -> impl Iterator<Item = &str> {
    package.dependencies.iter().map(|dependency| dependency.name.as_str())
}

#[test]
fn crates_see_only_what_lies_below_them() {
    let allowed: BTreeMap<_, BTreeSet<_>> =
        EDGES.iter().map(|(name, below)| (*name, below.iter().copied().collect())).collect();
    let metadata = metadata();
    for package in &metadata.packages {
        let name = short(&package.name).unwrap();
        let below =
            allowed.get(name).unwrap_or_else(|| panic!("{name} is not in the architecture"));
        for seen in dependencies(package).filter_map(short) {
            let simulated = seen == "simulator" && SIMULATED.contains(&name);
            assert!(below.contains(seen) || simulated, "{name} may not see {seen}");
        }
    }
    assert_eq!(metadata.packages.len(), EDGES.len());
}

#[test]
fn the_simulator_is_a_dev_dependency_only() {
    for package in &metadata().packages {
        for dependency in package.dependencies.iter().filter(|it| it.name == "llm-switch-simulator")
        {
            assert_eq!(
                dependency.kind,
                cargo_metadata::DependencyKind::Development,
                "{}",
                package.name
            );
        }
    }
}

#[test]
fn each_foreign_crate_of_weight_has_one_owner() {
    for package in &metadata().packages {
        for (foreign, owner) in OWNERS {
            let names_it = dependencies(package).any(|name| name == *foreign);
            let is_owner = short(&package.name) == Some(owner);
            assert_eq!(names_it, is_owner, "{} and {foreign}", package.name);
        }
    }
}
