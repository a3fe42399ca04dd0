//! What a user is told for every mistake that this crate knows of, to be read
//! as a whole: `refusals.txt` holds the mistakes and the answers.
//!
//! After a change, `LLM_SWITCH_BLESS=1 cargo test -p llm-switch-config` writes
//! the new answers into it, and `git diff` shows them.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::{Config, Known};
use llm_switch_types::{ErrorKind, Payer};
use std::{fs, path::PathBuf};

const ANSWER: &str = "=> ";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/refusals.txt")
}

/// What a user is told who writes TEXT, with accounts at two services.
fn answer(text: &str) -> String {
    let known = |account, provider, payer| Known { account, provider, payer, named: true };
    let accounts = [
        known("openai-work", "openai", Payer::Metered),
        known("anthropic", "anthropic", Payer::Plan),
        known("ollama", "ollama", Payer::Free),
    ];
    let priced = |provider: &str, model: &str| (provider, model) == ("openai", "gpt-5");
    let refused = Config::parse(text).and_then(|config| {
        config.check(&["openai", "anthropic", "ollama", "deepseek"], &accounts)?;
        config.check_prices(&accounts, priced)
    });
    match refused {
        Ok(()) => "nothing".to_owned(),
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::Config);
            error.what
        }
    }
}

/// TEXT with the answers that there are now.
fn answered(text: &str) -> String {
    let (mut out, mut mistake) = (String::new(), String::new());
    for line in text.lines() {
        let line = if line.starts_with(ANSWER) {
            format!("{ANSWER}{}", answer(&std::mem::take(&mut mistake)))
        } else {
            if !(mistake.is_empty() && line.is_empty()) {
                mistake.extend([line, "\n"]);
            }
            line.to_owned()
        };
        out.extend([line.as_str(), "\n"]);
    }
    out
}

#[test]
fn every_mistake_is_told_with_line_and_with_what_to_write_instead() {
    let told = fs::read_to_string(file()).unwrap();
    let answered = answered(&told);
    if std::env::var_os("LLM_SWITCH_BLESS").is_some() {
        return fs::write(file(), &answered).unwrap();
    }
    assert_eq!(answered, told);
    let answers: Vec<_> = told.lines().filter(|line| line.starts_with(ANSWER)).collect();
    assert!(answers.len() > 170, "{}", answers.len());
    for answer in answers {
        assert!(answer.starts_with("=> line "), "{answer}");
    }
}
