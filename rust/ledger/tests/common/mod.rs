//! What the tests of the ledger share. Each of them uses a part of it.
#![allow(dead_code)]

use llm_switch_ledger::{AttemptEnd, AttemptKey, Ledger, NewAttempt, NewRequest, Outcome};
use llm_switch_ledger::{Options, RequestKey};
use llm_switch_types::{Basis, Cost, Error, Money, Payer, Purpose, Usage};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// A folder of the test's own, and a ledger's path in it.
pub fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    (folder, path)
}

/// A ledger at PATH that may lose nothing.
pub fn open(path: &Path) -> Ledger {
    Ledger::open(path, 0, |loss| panic!("{loss}")).unwrap()
}

/// Patience that suits a test.
pub fn impatient() -> Options {
    Options {
        patience: Duration::from_millis(50),
        retry: Duration::from_millis(20),
        ..Options::default()
    }
}

/// Losses as they are told.
#[derive(Clone, Default)]
pub struct Losses(Arc<Mutex<Vec<Error>>>);

impl Losses {
    pub fn hear(&self) -> impl Fn(Error) + Send + Sync + 'static {
        let heard = Arc::clone(&self.0);
        move |loss| heard.lock().push(loss)
    }

    pub fn told(&self) -> Vec<String> {
        self.0.lock().iter().map(|loss| loss.what.clone()).collect()
    }
}

pub fn request(started_ms: i64) -> NewRequest {
    NewRequest {
        started_ms,
        purpose: Purpose::Chat,
        client: "emacs".into(),
        project: Some("llm-switch".into()),
        route: Some("coding-best".into()),
        requested: "coding-best".into(),
    }
}

pub fn attempt(started_ms: i64, payer: Payer) -> NewAttempt {
    NewAttempt {
        provider: "openai".into(),
        account: "openai-work".into(),
        sent_model: "gpt-5".into(),
        payer,
        started_ms,
        sent_bytes: 40,
    }
}

pub fn end(ended_ms: i64, cost: Cost) -> AttemptEnd {
    AttemptEnd {
        ended_ms,
        first_token_ms: Some(3),
        served_model: Some("gpt-5-2025-08-07".into()),
        http_status: Some(200),
        outcome: Outcome::Done,
        usage: Usage { input: 10, output: 5, ..Usage::default() },
        cost,
        computed: None,
    }
}

pub fn computed(pico: i64) -> Cost {
    Cost {
        amount: Some(Money::from_pico(pico)),
        basis: Basis::Computed,
        price: Some("openai/gpt-5@2025-08-07".into()),
    }
}

/// Begins a request with one attempt.
pub fn begin(ledger: &Ledger, ms: i64, payer: Payer) -> (RequestKey, AttemptKey) {
    let asked = ledger.begin_request(request(ms));
    (asked, ledger.begin_attempt(asked, attempt(ms, payer)))
}

/// Records a whole request with one attempt.
pub fn record(ledger: &Ledger, ms: i64, cost: Cost) -> RequestKey {
    let (asked, tried) = begin(ledger, ms, Payer::Metered);
    ledger.end_attempt(tried, end(ms + 7, cost));
    ledger.end_request(asked, ms + 8, Outcome::Done);
    asked
}

/// The one number that SQL yields at PATH. Only after `flush`.
pub fn number(path: &Path, sql: &str) -> i64 {
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// What a test that runs itself again as another process finds in there.
const ROLE: &str = "LLM_SWITCH_LEDGER_TEST_PATH";

/// In the other process: what the first one handed to it.
pub fn handed_path() -> Option<PathBuf> {
    std::env::var_os(ROLE).map(PathBuf::from)
}

/// Runs the test NAME of this file again as another process, with PATH.
pub fn other_process(name: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(ROLE, path);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// Ends CHILD with SIGKILL.
pub fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Random numbers, the same in each run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}
