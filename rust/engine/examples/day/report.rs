//! The table.

use crate::clock::span;
use crate::spare::Spare;
use crate::tally::{Requests, Tally};
use crate::world::{UPSTREAMS, Upstream};
use std::collections::BTreeMap;

/// Faults that are printed.
const MOST_FAULTS: usize = 20;

const HEAD: &str =
    "upstream      payer    fault         asked answered failed trials  falls  back  out for";

/// Prints what became of each account by TALLIES.
pub fn accounts(tallies: &BTreeMap<String, Tally>) {
    println!("{HEAD}");
    for upstream in &UPSTREAMS {
        for (place, account) in upstream.accounts().iter().enumerate() {
            let tally = tallies.get(account).cloned().unwrap_or_default();
            println!("{}", line(upstream, place, account, &tally));
        }
    }
}

fn line(upstream: &Upstream, place: usize, account: &str, tally: &Tally) -> String {
    let is_hit = place == 0 || upstream.troubles.is_empty();
    let fault = if is_hit { upstream.fault } else { "" };
    let out = if tally.out_ms > 0 { span(tally.out_ms) } else { String::new() };
    format!(
        "{:<13} {:<8} {:<13} {:>5} {:>8} {:>6} {:>6} {:>6} {:>5} {:>8}",
        account,
        upstream.payer.name(),
        fault,
        tally.asked,
        tally.answered,
        tally.failed,
        tally.trials,
        tally.falls,
        tally.returns,
        out
    )
}

/// Prints what became of REQUESTS.
pub fn requests(requests: &Requests) {
    let Requests { asked, answered, continued, refused, early } = requests;
    let sum: usize = refused.values().sum();
    let why: Vec<String> = refused.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    println!(
        "{asked} requests: {answered} answered, {continued} broken off and gone on with, {sum} \
         that nobody could answer ({})",
        why.join(", ")
    );
    println!(
        "  {early} of those came when somebody was well again whose time was not due, so that \
         nobody knew it"
    );
}

/// Prints how fast SPARE was there.
pub fn spare(spare: &Spare) {
    let Spare { first_ms, later_ms, later, asked } = spare;
    println!(
        "a dead deployment with a fallback: the first answer {first_ms} ms after the error, {}",
        if spare.is_prompt() { "within 100 ms" } else { "NOT within 100 ms" }
    );
    println!(
        "  {later} later ones went straight to the fallback, the slowest took {later_ms} ms; the \
         dead one was asked {asked} times in all"
    );
}

/// Prints FAULTS.
pub fn faults(faults: &[String]) {
    faults.iter().take(MOST_FAULTS).for_each(|fault| println!("FAULT: {fault}"));
    if let Some(more @ 1..) = faults.len().checked_sub(MOST_FAULTS) {
        println!("and {more} more");
    }
}
