//! How soon a fallback answers: one dead deployment, and one in its place.

use crate::Result;
use crate::clock::real_ms;
use crate::life::{Ask, Life};
use llm_switch_engine::Body;
use llm_switch_simulator::{Received, Simulator};
use tokio::runtime::Runtime;

/// How soon the fallback must have answered after the error, in milliseconds.
const PROMPT_MS: i64 = 100;

/// How often it is asked after the first time.
const LATER: usize = 20;

/// What was measured. Times are milliseconds.
pub struct Spare {
    /// From the error to the end of the answer, the first time.
    pub first_ms: i64,
    /// The longest that a later request took in all.
    pub later_ms: i64,
    /// How many later requests there were.
    pub later: usize,
    /// How often the dead deployment was asked.
    pub asked: usize,
}

impl Spare {
    /// Measures it.
    pub fn measure() -> Result<Spare> {
        let folder = tempfile::tempdir()?;
        let runtime = Runtime::new()?;
        let dead = runtime.block_on(Simulator::builder().start())?;
        let spare = runtime.block_on(Simulator::builder().start())?;
        let provider = |name: &str, it: &Simulator| {
            format!("[provider.{name}]\nbase-url = '{}'\n", it.base_url())
        };
        let route = "[route.to-spare]\nuse = ['dead/status:503', 'spare/hello']\n";
        let config = [&provider("dead", &dead), &provider("spare", &spare), route].concat();
        std::fs::write(folder.path().join("config.toml"), config)?;
        let life = Life::begin(folder.path())?;
        let first = answered(&life)?;
        let is_over = |it: &Received| it.ended_ms.is_some();
        let over = dead.received_when(|log| log.requests.iter().any(is_over));
        let failed = runtime.block_on(over).requests[0].ended_ms.unwrap_or_default();
        let mut later_ms = 0;
        for _ in 0..LATER {
            let begun = real_ms();
            later_ms = later_ms.max(answered(&life)? - begun);
        }
        life.end();
        let asked = dead.received().requests.len();
        Ok(Spare { first_ms: first - failed, later_ms, later: LATER, asked })
    }

    /// Whether the fallback was there in time.
    pub fn is_prompt(&self) -> bool {
        self.first_ms <= PROMPT_MS
    }

    /// What is wrong.
    pub fn faults(&self) -> Vec<String> {
        let late = format!("the fallback answered {} ms after the error", self.first_ms);
        let again = format!("a dead deployment was asked {} times", self.asked);
        let faults = [(!self.is_prompt(), late), (self.asked != 1, again)];
        faults.into_iter().filter(|(is_wrong, _)| *is_wrong).map(|(_, fault)| fault).collect()
    }
}

/// When LIFE had an answer, in Unix milliseconds.
fn answered(life: &Life) -> Result<i64> {
    let (account, words) = ("spare".to_owned(), 5);
    let ends = life.ask(vec![Ask { account, mode: "auto", words, so_far: None }])?;
    match ends.first().map(|it| &it.body) {
        Some(Body::Done(_)) => Ok(real_ms()),
        other => Err(format!("the fallback did not answer: {other:?}").into()),
    }
}
