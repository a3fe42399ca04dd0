//! The proof that who can answer is asked, and nobody else: `make day`.
//!
//!     day [--seed NUMBER]
//!
//! A day against 25 simulated upstreams in free and paid modes, several keys
//! for some. Whatever a service can do to its users one of them does: it is
//! slow, overloaded, cut off or torn, it has rate limits and daily quotas, its
//! key dies, its account is empty, its context is too small, its model is
//! another. Each request is asked of a route that leads to several of them.
//!
//! The simulators say who was asked when and what became of it. From that, and
//! from the manual's word on who is left alone how long, follows who had to be
//! asked next: whoever stands first and is not out. That is compared with who
//! was asked, request for request, and at the end with the health table and
//! the ledger. Nothing that the engine says of itself is believed, but for the
//! order in which it heard of what happened at the same time.
//!
//! `world` says who is there and what befalls whom, `config` writes it for the
//! engine, `services` are the simulators and `record` is what they say; `clock`
//! lets the day pass; `life` is an Emacs that asks, and `day` has it ask what
//! `asking` says; `book` is the manual's word, `replay`, `retries` and `burst`
//! compare, and `health` and `rows` are the table and the ledger; `spare`
//! measures a fallback; `tally` and `report` are what is printed.
#![allow(clippy::print_stdout, clippy::print_stderr)] // This is what it is for.

mod asking;
mod book;
mod burst;
mod clock;
mod config;
mod day;
mod health;
mod life;
mod record;
mod replay;
mod report;
mod retries;
mod rows;
mod services;
mod spare;
mod tally;
mod world;

use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match seed(&arguments).and_then(run) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("day: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Plays the day of SEED and prints what became of it; whether all held.
fn run(seed: u64) -> Result<bool> {
    println!("seed {seed}");
    let day = day::Day::play(seed)?;
    let spare = spare::Spare::measure()?;
    report::accounts(&day.tallies());
    report::requests(&day.requests);
    report::spare(&spare);
    let faults = [day.faults, spare.faults()].concat();
    report::faults(&faults);
    println!("{}", if faults.is_empty() { "All of it holds." } else { "NOT all of it holds." });
    Ok(faults.is_empty())
}

/// The seed in ARGUMENTS. Without one it is new each time, and printed so that
/// a day can be repeated.
fn seed(arguments: &[String]) -> Result<u64> {
    match arguments {
        [] => Ok(fastrand::u64(..1_000_000)),
        [name, number] if name == "--seed" => {
            Ok(number.parse().map_err(|_| format!("{number:?} is no seed"))?)
        }
        _ => Err("usage: day [--seed NUMBER]".into()),
    }
}
