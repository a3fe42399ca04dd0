//! Every class of error has its Lisp condition, declared in one block.

use llm_switch_types::ErrorKind;
use std::collections::BTreeSet;

#[test]
fn each_class_of_error_is_declared_once_under_the_parent() {
    let source = include_str!("../src/conditions.rs");
    let (_, block) = source.split_once("define_errors! {").unwrap();
    let (block, _) = block.split_once("\n}").unwrap();
    let declared: Vec<&str> =
        block.lines().filter(|line| line.ends_with("(llm_switch_error)")).collect();
    let names: BTreeSet<String> = declared
        .iter()
        .map(|line| line.trim().split(' ').next().unwrap().replace('_', "-"))
        .collect();
    let expected = ErrorKind::ALL.map(|kind| format!("llm-switch-{}", kind.name()));
    assert_eq!(names, expected.into_iter().collect());
    assert_eq!(declared.len(), ErrorKind::ALL.len());
}
