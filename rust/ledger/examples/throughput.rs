//! How fast the ledger records: requests per second by processes that share
//! one file, and how long one record takes to be in the file.
//!
//!     cargo run --release -p llm-switch-ledger --example throughput [PROCESSES]
#![allow(clippy::print_stdout)] // This is what it is for.

use llm_switch_ledger::{AttemptEnd, Ledger, NewAttempt, NewRequest, Outcome};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const REQUESTS: i64 = 20_000;
const ROUNDS: usize = 1_000;
/// Requests that are under way at once.
const WINDOW: i64 = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [path, payer] => measure(path.as_ref(), payer),
        [processes] => run(processes.parse()?),
        _ => run(1),
    }
}

/// Measures in PROCESSES processes at once, free requests and metered ones.
fn run(processes: usize) -> Result<(), Box<dyn Error>> {
    for payer in ["free", "metered"] {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("ledger.db");
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(&path).arg(payer);
        let children = (0..processes).map(|_| command.spawn()).collect::<Result<Vec<_>, _>>()?;
        for mut child in children {
            child.wait()?;
        }
        let bytes = std::fs::metadata(&path)?.len();
        let requests = processes as u64 * (REQUESTS as u64 + ROUNDS as u64);
        println!("{payer}: {} bytes of file per request", bytes / requests);
    }
    Ok(())
}

fn measure(path: &Path, payer: &str) -> Result<(), Box<dyn Error>> {
    let payer = if payer == "free" { Payer::Free } else { Payer::Metered };
    let ledger = Ledger::open(path, 0, |loss| println!("{loss}"))?;
    let begun = Instant::now();
    for ms in 0..REQUESTS {
        record(&ledger, ms * 1_000, payer);
        if ms % WINDOW == 0 {
            ledger.flush()?;
        }
    }
    ledger.flush()?;
    let rate = REQUESTS as f64 / begun.elapsed().as_secs_f64();
    let mut waits =
        (0..ROUNDS).map(|ms| wait(&ledger, ms as i64, payer)).collect::<Result<Vec<_>, _>>()?;
    waits.sort_unstable();
    let [median, late] = [waits[ROUNDS / 2], waits[ROUNDS * 99 / 100]];
    println!("{payer:?}: {rate:.0} requests/s; one alone: {median:.0?}, 99 of 100 in {late:.0?}");
    ledger.close()?;
    Ok(())
}

/// How long a request takes until it is in the file.
fn wait(ledger: &Ledger, ms: i64, payer: Payer) -> Result<Duration, llm_switch_types::Error> {
    let begun = Instant::now();
    record(ledger, ms, payer);
    ledger.flush()?;
    Ok(begun.elapsed())
}

/// Four records: a request, an attempt, and their ends.
fn record(ledger: &Ledger, ms: i64, payer: Payer) {
    let request = ledger.begin_request(NewRequest {
        started_ms: ms,
        purpose: Purpose::Chat,
        client: "emacs".into(),
        project: Some(format!("project-{}", ms % 7)),
        route: Some("coding-best".into()),
        requested: "coding-best".into(),
    });
    let attempt = ledger.begin_attempt(
        request,
        NewAttempt {
            provider: "openai".into(),
            account: "openai-work".into(),
            sent_model: "gpt-5".into(),
            payer,
            started_ms: ms,
            sent_bytes: 49_380,
        },
    );
    let metered = || Cost {
        amount: Some(Money::from_pico(161_221_875_000)),
        basis: Basis::Computed,
        price: Some("openai/gpt-5@2025-08-07".into()),
    };
    let end = AttemptEnd {
        ended_ms: ms + 2_000,
        first_token_ms: Some(300),
        served_model: Some("gpt-5-2025-08-07".into()),
        http_status: Some(200),
        outcome: Outcome::Done,
        usage: Usage { input: 12_345, cache_read: 678, output: 901, ..Usage::default() },
        cost: if payer == Payer::Free { Cost::FREE } else { metered() },
        computed: None,
    };
    ledger.end_attempt(attempt, end);
    ledger.end_request(request, ms + 2_001, Outcome::Done);
}
