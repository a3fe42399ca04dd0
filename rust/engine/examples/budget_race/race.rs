//! One case, from the first process to the verdict.

use crate::Result;
use crate::cases::Case;
use crate::crew::{Crew, PROCESSES};
use crate::job::End;
use crate::refusal::Refusal;
use crate::report;
use crate::service::{Served, Service};
use crate::watch::{Seen, Watch};
use std::collections::BTreeMap;
use std::path::Path;

/// Faults that are printed of one case.
const MOST_FAULTS: usize = 5;

/// What a case came to.
pub struct Outcome {
    pub seen: Seen,
    pub served: Served,
    /// How all jobs ended that did end.
    pub ends: Vec<End>,
    /// Those among them that a budget refused.
    pub refusals: Vec<Refusal>,
    /// What should not have been.
    pub faults: Vec<String>,
}

/// Runs CASE and prints what it came to; whether it held.
pub fn run(case: &Case) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let service = Service::start()?;
    std::fs::write(folder.path().join("config.toml"), case.config(&service.url))?;
    let watch = Watch::start(folder.path())?;
    let ends = ask(case, folder.path())?;
    let served = service.served()?;
    let seen = watch.end()?;
    service.end()?;
    let mut outcome = Outcome { seen, served, ends, refusals: Vec::new(), faults: Vec::new() };
    outcome.judge(case);
    println!("{}", report::line(case, &outcome));
    outcome.notes(case).iter().for_each(|note| println!("  {note}"));
    outcome.faults.iter().take(MOST_FAULTS).for_each(|fault| println!("  FAULT: {fault}"));
    if let Some(more @ 1..) = outcome.faults.len().checked_sub(MOST_FAULTS) {
        println!("  and {more} more");
    }
    Ok(outcome.faults.is_empty())
}

/// Has all waves of CASE asked, and what the dead have left open settled: that
/// is done by whoever opens the ledger next.
fn ask(case: &Case, folder: &Path) -> Result<Vec<End>> {
    let mut crew = Crew::start(PROCESSES, folder)?;
    let mut ends = Vec::new();
    for wave in &case.waves {
        ends.extend(crew.ask(wave, &case.deaths)?);
    }
    crew.end()?;
    Crew::start(1, folder)?.end()?;
    Ok(ends)
}

impl Outcome {
    /// What holds for every case, and then what holds for this one.
    fn judge(&mut self, case: &Case) {
        let Seen { most, rows, .. } = self.seen;
        let refused = |end: &End| Refusal::read(end).map(|it| (it, end.clone()));
        let refused: Vec<_> = self.ends.iter().filter_map(refused).collect();
        for (refusal, end) in &refused {
            if let Some(fault) = refusal.fault(end, case.least) {
                self.faults.push(format!("{fault}: {} (after {} ms)", end.what, end.waited));
            }
        }
        self.refusals = refused.into_iter().map(|(refusal, _)| refusal).collect();
        let passed = |amount: i64| amount > case.cap + rows.overshoot;
        self.check(!passed(most), || format!("{} was spent and held", report::dollars(most)));
        self.check(rows.open == 0, || format!("{} attempts are not settled", rows.open));
        let killed = case.deaths.iter().any(Option::is_some);
        self.check(killed || self.ends.len() == case.asked(), || "a job has no end".into());
        (case.verdict)(case, self);
    }

    /// Notes the fault WHAT unless IS_RIGHT.
    pub fn check(&mut self, is_right: bool, what: impl FnOnce() -> String) {
        if !is_right {
            self.faults.push(what());
        }
    }

    /// How many jobs ended in each way, where that is not plain; and what the
    /// case has to say.
    fn notes(&self, case: &Case) -> Vec<String> {
        let mut ways: BTreeMap<&str, usize> = BTreeMap::new();
        for end in &self.ends {
            let is_stopped = end.kind == "refused" && Refusal::read(end).is_none();
            *ways.entry(if is_stopped { "stopped" } else { &end.kind }).or_default() += 1;
        }
        let ways: Vec<_> = ways.iter().map(|(way, count)| format!("{count} {way}")).collect();
        let mut notes = vec![ways.join(", ")];
        notes.extend((case.remark)(self));
        notes
    }
}
