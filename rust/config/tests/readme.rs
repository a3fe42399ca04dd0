//! What the manual shows can be written.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

use llm_switch_config::Config;

#[test]
fn every_configuration_in_the_manual_is_accepted() {
    let manual = include_str!("../../../README.org");
    let blocks: Vec<&str> = manual
        .split("#+begin_src toml\n")
        .skip(1)
        .map(|rest| rest.split("#+end_src").next().unwrap())
        .collect();
    assert!(blocks.len() >= 4, "{} blocks", blocks.len());
    for block in blocks {
        Config::parse(block).unwrap_or_else(|error| panic!("{error}\n{block}"));
    }
}
