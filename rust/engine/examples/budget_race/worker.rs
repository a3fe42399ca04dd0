//! One of the processes that ask, from the inside.

use crate::Result;
use crate::job::{End, Job};
use llm_switch_engine::{Body, Doorbell, Engine, Options};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, Write, stdin, stdout};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// The first argument of such a process.
pub const ROLE: &str = "--worker";

/// How long it sleeps when nothing happens and nothing is to be done.
const NAP: Duration = Duration::from_millis(100);

struct Bell(mpsc::Sender<()>);

impl Doorbell for Bell {
    fn ring(&self) {
        let _ = self.0.send(());
    }
}

/// What is under way.
struct Worker {
    engine: Engine,
    rings: mpsc::Receiver<()>,
    begun: Instant,
    /// When each job is to be cancelled, if at all.
    open: HashMap<i64, Option<Duration>>,
}

/// Reads jobs from standard input, a JSON list in a line, and asks all of them
/// at once; says how each has ended, in a line of JSON, and `null` when all
/// have and that is in the file. Ends with its input.
pub fn run(folder: &Path) -> Result<()> {
    let (ring, rings) = mpsc::channel();
    let options = Options {
        config_file: folder.join("config.toml"),
        ledger_file: folder.join("ledger.db"),
        state_folder: None,
        cache_folder: None,
        pace_ms: 33,
    };
    let engine = Engine::start(options, Arc::new(Bell(ring)))?;
    let mut worker = Worker { engine, rings, begun: Instant::now(), open: HashMap::new() };
    worker.settle()?;
    say("null")?;
    for line in stdin().lock().lines() {
        worker.ask(serde_json::from_str(&line?)?);
        worker.attend()?;
        worker.settle()?;
        say("null")?;
    }
    worker.engine.shutdown();
    Ok(())
}

impl Worker {
    /// Has the ledger opened, and all that was recorded written to it.
    fn settle(&mut self) -> Result<()> {
        let params = serde_json::json!({"v": llm_switch_engine::BOUNDARY, "from": 0, "to": 1});
        self.engine.call("ledger.totals".into(), params.to_string());
        loop {
            let _ = self.rings.recv_timeout(NAP);
            for event in self.engine.drain() {
                match event.body {
                    Body::Value(_) => return Ok(()),
                    Body::Error(error) => return Err(error.to_string().into()),
                    Body::Notice(notice) => eprintln!("{notice}"),
                    _ => {}
                }
            }
        }
    }

    fn ask(&mut self, jobs: Vec<Job>) {
        self.begun = Instant::now();
        for job in jobs {
            let id = self.engine.submit(job.request().to_string());
            self.open.insert(id, job.cancel_after.map(Duration::from_millis));
        }
    }

    /// Waits until all that was asked is over.
    fn attend(&mut self) -> Result<()> {
        while !self.open.is_empty() {
            let _ = self.rings.recv_timeout(self.next_cancel());
            self.cancel_due();
            for event in self.engine.drain() {
                if let Some(end) = end(&event.body, self.begun.elapsed()) {
                    self.open.remove(&event.id);
                    say(&serde_json::to_string(&end)?)?;
                }
            }
        }
        Ok(())
    }

    fn next_cancel(&self) -> Duration {
        let due = self.open.values().flatten().min();
        due.map_or(NAP, |due| due.saturating_sub(self.begun.elapsed()).min(NAP))
    }

    fn cancel_due(&mut self) {
        let elapsed = self.begun.elapsed();
        for (id, due) in &mut self.open {
            if due.take_if(|due| *due <= elapsed).is_some() {
                self.engine.cancel(*id);
            }
        }
    }
}

/// What BODY says of an end.
fn end(body: &Body, waited: Duration) -> Option<End> {
    let waited = waited.as_millis() as u64;
    match body {
        Body::Done(_) => {
            Some(End { kind: "done".into(), what: String::new(), resets_at: None, waited })
        }
        Body::Error(error) => Some(End {
            kind: text(error, "kind"),
            what: text(error, "what"),
            resets_at: error["resets-at"].as_i64(),
            waited,
        }),
        _ => None,
    }
}

fn text(error: &Value, name: &str) -> String {
    error[name].as_str().unwrap_or_default().to_owned()
}

fn say(line: &str) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
