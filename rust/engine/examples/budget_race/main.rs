//! The proof that budgets hold: `make budget-race`.
//!
//!     budget_race [CASE]... [--seed NUMBER]
//!
//! Four processes with an engine each ask 200 things at once, on one ledger
//! and under one budget; a simulator in a process of its own counts what it
//! serves, and a sampler in another one reads the ledger from outside while
//! they race. Nothing here asserts a time but that nobody is refused early.
//!
//! `cases` says what is tried and what must hold; `race` runs one case;
//! `crew` are the processes that ask, `worker` is one of them from the inside;
//! `service` and `watch` are the simulator and the sampler; `refusal` reads
//! what the refused were told; `report` is the table.
#![allow(clippy::print_stdout, clippy::print_stderr)] // This is what it is for.

mod cases;
mod child;
mod crew;
mod job;
mod race;
mod refusal;
mod report;
mod service;
mod watch;
mod worker;

use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let end = match arguments.as_slice() {
        [role, folder] if role == worker::ROLE => worker::run(folder.as_ref()).map(|()| true),
        _ => race_all(&arguments),
    };
    match end {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("budget_race: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the cases that ARGUMENTS name, or all; whether all of them held.
fn race_all(arguments: &[String]) -> Result<bool> {
    let (wanted, seed) = read(arguments)?;
    println!("seed {seed}");
    println!("{}", report::HEAD);
    let mut held = true;
    let is_wanted = |number| wanted.is_empty() || wanted.contains(&number);
    for case in cases::all(seed).iter().filter(|case| is_wanted(case.number)) {
        held &= race::run(case)?;
    }
    println!("{}", if held { "Every cap has held." } else { "NOT every cap has held." });
    Ok(held)
}

/// The numbers of cases and the seed in ARGUMENTS. Without one the seed is
/// new each time, and printed so that a run can be repeated.
fn read(arguments: &[String]) -> Result<(Vec<u32>, u64)> {
    let (mut cases, mut seed) = (Vec::new(), fastrand::u64(..1_000_000));
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--seed" => seed = arguments.next().ok_or("--seed needs a number")?.parse()?,
            case => cases.push(case.parse().map_err(|_| format!("there is no case {case:?}"))?),
        }
    }
    Ok((cases, seed))
}
