//! The processes that ask.

use crate::Result;
use crate::child::Owned;
use crate::job::{End, Job};
use crate::worker::ROLE;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// How many processes race.
pub const PROCESSES: usize = 4;

const HEAD_START: Duration = Duration::from_millis(50);

/// Processes with an engine each, on one configuration and one ledger.
pub struct Crew(Vec<Owned>);

impl Crew {
    /// Starts COUNT processes that work in FOLDER, and waits until each of
    /// them could ask.
    pub fn start(count: usize, folder: &Path) -> Result<Crew> {
        let program = std::env::current_exe()?;
        let folder = folder.to_str().ok_or("the folder's name is not text")?;
        let start = |_| Owned::start(&program, &[ROLE, folder]);
        let mut workers = (0..count).map(start).collect::<Result<Vec<_>>>()?;
        for worker in &mut workers {
            if worker.line()?.trim() != "null" {
                return Err("a process did not start".into());
            }
        }
        Ok(Crew(workers))
    }

    /// Has JOBS asked at once, dealt out evenly, and hears how they ended.
    /// Each process whose entry in DEATHS is a time is killed then, and what
    /// it was asked has no end. Who will be killed asks a moment earlier: the
    /// first to ask may have all that the cap is worth, and who has nothing
    /// leaves nothing behind.
    pub fn ask(&mut self, jobs: &[Job], deaths: &[Option<Duration>]) -> Result<Vec<End>> {
        let dies = |at: usize| deaths.get(at).is_some_and(Option::is_some);
        for early in [true, false] {
            for at in (0..self.0.len()).filter(|at| dies(*at) == early) {
                self.deal(at, jobs)?;
            }
            thread::sleep(HEAD_START);
        }
        thread::scope(|scope| {
            let deaths = deaths.iter().copied().chain(std::iter::repeat(None));
            let hears: Vec<_> = self
                .0
                .iter_mut()
                .zip(deaths)
                .map(|(worker, death)| scope.spawn(move || hear(worker, death)))
                .collect();
            let heard = hears.into_iter().map(|it| it.join().map_err(|_| "a thread has failed"));
            heard.map(|ends| Ok(ends??)).collect::<Result<Vec<_>>>().map(|ends| ends.concat())
        })
    }

    /// Gives the process AT its share of JOBS.
    fn deal(&mut self, at: usize, jobs: &[Job]) -> Result<()> {
        let share: Vec<&Job> = jobs.iter().skip(at).step_by(self.0.len()).collect();
        let input = self.0[at].input.as_mut().ok_or("it has no input")?;
        Ok(writeln!(input, "{}", serde_json::to_string(&share)?)?)
    }

    /// Ends them all, the killed ones excepted.
    pub fn end(self) -> Result<()> {
        self.0.into_iter().try_for_each(|worker| worker.end().map(drop))
    }
}

type Heard = std::result::Result<Vec<End>, String>;

fn hear(worker: &mut Owned, death: Option<Duration>) -> Heard {
    match death {
        Some(death) => {
            thread::sleep(death);
            worker.kill().map_err(|error| error.to_string())?;
            ends(worker).or(Ok(Vec::new()))
        }
        None => ends(worker),
    }
}

/// What WORKER says until all is over.
fn ends(worker: &mut Owned) -> Heard {
    let mut ends = Vec::new();
    loop {
        let line = worker.line().map_err(|error| error.to_string())?;
        match serde_json::from_str::<Option<End>>(&line) {
            Ok(Some(end)) => ends.push(end),
            Ok(None) => return Ok(ends),
            Err(_) if line.is_empty() => return Ok(ends),
            Err(error) => return Err(format!("a process said {line:?}: {error}")),
        }
    }
}
