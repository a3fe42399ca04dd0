//! How long a request waits to be admitted: four processes on one ledger, which
//! has a million requests already and three budgets that count each new one.
//!
//!     cargo run --release -p llm-switch-ledger --example admission [FILE [REQUESTS]]
//!
//! FILE is filled with REQUESTS (a million) when it is not there; without one,
//! a ledger is made for the occasion. Steadily a thousand a second ask, and are
//! settled; the same with as many calls of tools, 10,000 in all, recorded
//! between them; then, again and again, 200 at once. Beside it stands how long
//! this disk takes to write 4 KiB for good, which every admission must wait for.
#![allow(clippy::print_stdout, clippy::print_stderr)] // This is what it is for.

mod sums;

use llm_switch_ledger::{
    AttemptEnd, AttemptKey, Cap, Demand, Hold, Ledger, NewAttempt, NewRequest, Outcome, RanTool,
    RequestKey, ToolOutcome, Verdict,
};
use llm_switch_types::{Basis, Cost, Limit, Money, Payer, Purpose, Scope, Usage};
use rusqlite::{Connection, Transaction};
use std::collections::VecDeque;
use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

type Failed = Box<dyn Error>;

const PROCESSES: u64 = 4;
const DAY: i64 = 86_400_000;
/// The days over which the requests of the past lie.
const DAYS: i64 = 400;

/// What each process does in the steady part: a request every four
/// milliseconds, for ten seconds, each settled forty milliseconds later.
const STEADY: u64 = 2_500;
const INTERVAL: Duration = Duration::from_millis(4);
const OPEN: usize = 10;

/// What each does in a burst, and how often there is one.
const BURST: u64 = 50;
const BURSTS: u64 = 40;
const PAUSE: Duration = Duration::from_millis(300);

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["--steady", file, begin, turn] => {
            steady(&Asking::open(file)?.warm_up()?, begin.parse()?, turn.parse()?)
        }
        ["--tools", file, begin, turn] => {
            let asking = Asking { calls_tools: true, ..Asking::open(file)? };
            steady(&asking.warm_up()?, begin.parse()?, turn.parse()?)
        }
        ["--burst", file, begin, _] => bursts(&Asking::open(file)?.warm_up()?, begin.parse()?),
        [file, requests] => measure(file.as_ref(), requests.parse()?),
        [file] => measure(file.as_ref(), 1_000_000),
        _ => measure(&tempfile::tempdir()?.path().join("ledger.db"), 1_000_000),
    }
}

fn measure(file: &Path, requests: i64) -> Result<(), Failed> {
    if !file.exists() {
        fill(file, requests)?;
    }
    println!("{:<28} {:>9} {:>9} {:>9}", "microseconds", "p50", "p99", "worst");
    report("4 KiB for good, alone", disk(file)?);
    for (name, role) in [
        ("1,000 a second, 4 processes", "--steady"),
        ("... and 1,000 calls of tools", "--tools"),
        ("200 at once, 4 processes", "--burst"),
    ] {
        report(name, race(file, role)?);
    }
    report("4 KiB for good, alone", disk(file)?);
    println!("load {}", std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    Ok(())
}

/// Prints the percentiles of WAITS, in microseconds.
fn report(name: &str, mut waits: Vec<u64>) {
    waits.sort_unstable();
    let at = |part: usize| waits.get(waits.len() * part / 1_000).copied().unwrap_or_default();
    let worst = waits.last().copied().unwrap_or_default();
    println!("{name:<28} {:>9} {:>9} {worst:>9}", at(500), at(990));
}

/// How long it takes to write to the disk of FILE for good.
fn disk(file: &Path) -> Result<Vec<u64>, Failed> {
    let path = file.with_extension("probe");
    let mut probe = File::create(&path)?;
    let mut waits = Vec::new();
    for _ in 0..300 {
        let begun = Instant::now();
        probe.write_all(&[0; 4096])?;
        probe.sync_data()?;
        waits.push(begun.elapsed().as_micros() as u64);
    }
    std::fs::remove_file(path)?;
    Ok(waits)
}

/// Has ROLE played by all processes at once: what they have waited for.
fn race(file: &Path, role: &str) -> Result<Vec<u64>, Failed> {
    let begin = now_ms() + 1_000;
    let start = |turn: u64| {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(role).arg(file).arg(begin.to_string()).arg(turn.to_string());
        command.stdout(Stdio::piped()).spawn()
    };
    let children = (0..PROCESSES).map(start).collect::<Result<Vec<_>, _>>()?;
    let mut waits = Vec::new();
    for child in children {
        let said = String::from_utf8(child.wait_with_output()?.stdout)?;
        for wait in said.split_whitespace() {
            waits.push(wait.parse()?);
        }
    }
    Ok(waits)
}

/// Microseconds until it was admitted, or why it was not.
type Waited = Result<u64, String>;

/// A process that asks.
struct Asking {
    ledger: Ledger,
    /// Whether the call of a tool is recorded before each question.
    calls_tools: bool,
}

impl Asking {
    fn open(file: &str) -> Result<Asking, Failed> {
        let ledger = Ledger::open(file.as_ref(), now_ms(), |loss| eprintln!("{loss}"))?;
        Ok(Asking { ledger, calls_tools: false })
    }

    /// Asks once for itself: the first time, statements are prepared.
    fn warm_up(self) -> Result<Asking, Failed> {
        let (tell, heard) = mpsc::channel();
        let asked = self.ask(&tell);
        heard.recv()??;
        self.settle(asked);
        Ok(self)
    }

    /// Asks once; TELL hears how long that took.
    fn ask(&self, tell: &mpsc::Sender<Waited>) -> (RequestKey, AttemptKey) {
        let now = now_ms();
        let request = self.ledger.begin_request(request(now));
        if self.calls_tools {
            self.ledger.record_tool_call(ran(request, now));
        }
        let (tell, begun) = (tell.clone(), Instant::now());
        let attempt = self.ledger.admit(request, attempt(now), demand(now), move |verdict| {
            let waited = begun.elapsed().as_micros() as u64;
            let _ = tell.send(match verdict {
                Ok(Verdict::Granted { .. }) => Ok(waited),
                other => Err(format!("after {waited} us: {other:?}")),
            });
        });
        (request, attempt)
    }

    fn settle(&self, (request, attempt): (RequestKey, AttemptKey)) {
        let now = now_ms();
        self.ledger.end_attempt(attempt, end(now));
        self.ledger.end_request(request, now, Outcome::Done);
    }
}

/// Waits until BEGIN, in Unix milliseconds.
fn until(begin: i64) {
    sleep(Duration::from_millis((begin - now_ms()).max(0).unsigned_abs()));
}

/// Prints what was HEARD.
fn say(heard: impl Iterator<Item = Waited>) -> Result<(), Failed> {
    for wait in heard {
        println!("{}", wait?);
    }
    Ok(())
}

fn steady(asking: &Asking, begin: i64, turn: u64) -> Result<(), Failed> {
    let (tell, heard) = mpsc::channel();
    until(begin);
    let begun = Instant::now() + INTERVAL / PROCESSES as u32 * turn as u32;
    let mut open = VecDeque::new();
    for count in 0..STEADY {
        sleep((begun + INTERVAL * count as u32).saturating_duration_since(Instant::now()));
        open.push_back(asking.ask(&tell));
        if open.len() > OPEN {
            open.pop_front().into_iter().for_each(|it| asking.settle(it));
        }
    }
    open.into_iter().for_each(|it| asking.settle(it));
    say(heard.iter().take(STEADY as usize))
}

fn bursts(asking: &Asking, begin: i64) -> Result<(), Failed> {
    let (tell, heard) = mpsc::channel();
    for count in 0..BURSTS {
        until(begin + PAUSE.as_millis() as i64 * count as i64);
        let asked: Vec<_> = (0..BURST).map(|_| asking.ask(&tell)).collect();
        // Who hears waits for nothing else; and an answer takes a while.
        sleep(PAUSE / 2);
        asked.into_iter().for_each(|it| asking.settle(it));
    }
    say(heard.iter().take((BURSTS * BURST) as usize))
}

/// Makes a ledger at FILE with the past of REQUESTS: one is recorded, and the
/// others are like it. Recording them all would be most of what one waits for.
fn fill(file: &Path, requests: i64) -> Result<(), Failed> {
    let begun = Instant::now();
    let asking = Asking::open(file.to_str().ok_or("the file's name is not text")?)?;
    let first = now_ms() - DAYS * DAY;
    let request = asking.ledger.begin_request(request(first));
    let attempt = asking.ledger.begin_attempt(request, attempt(first));
    asking.ledger.end_attempt(attempt, end(first));
    asking.ledger.end_request(request, first, Outcome::Done);
    asking.ledger.close()?;
    let mut connection = Connection::open(file)?;
    let transaction = connection.transaction()?;
    for table in ["request", "attempt"] {
        repeat(&transaction, table, requests, DAYS * DAY / requests)?;
    }
    sums::add_up(&transaction)?;
    transaction.commit()?;
    println!("{requests} requests made in {:.0?}", begun.elapsed());
    Ok(())
}

/// Adds as many rows to TABLE as are like its only one, STEP milliseconds apart.
fn repeat(transaction: &Transaction, table: &str, rows: i64, step: i64) -> rusqlite::Result<()> {
    let mut columns = transaction.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let names = columns.query_map([table], |row| row.get::<_, String>(0))?;
    let value = |name: &str| match name {
        "id" | "request" => "n".to_owned(),
        "started" | "ended" => format!("{name} + n * {step}"),
        name => name.to_owned(),
    };
    let values: Vec<String> = names.map(|it| it.map(|it| value(&it))).collect::<Result<_, _>>()?;
    let sql = format!(
        "INSERT INTO {table}
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {rows})
         SELECT {} FROM number, (SELECT * FROM {table})",
        values.join(", ")
    );
    transaction.execute(&sql, []).map(drop)
}

fn request(at: i64) -> NewRequest {
    NewRequest {
        started_ms: at,
        purpose: Purpose::Chat,
        client: "emacs".into(),
        project: Some("llm-switch".into()),
        route: Some("coding-best".into()),
        requested: "coding-best".into(),
    }
}

fn attempt(at: i64) -> NewAttempt {
    NewAttempt {
        provider: "openai".into(),
        account: "openai-work".into(),
        sent_model: "gpt-5".into(),
        payer: Payer::Metered,
        started_ms: at,
        sent_bytes: 49_380,
    }
}

fn ran(request: RequestKey, at: i64) -> RanTool {
    RanTool {
        started_ms: at,
        request: Some(request),
        server: "git".into(),
        tool: format!("git_{}", at % 17),
        project: Some("llm-switch".into()),
        mode: Some("auto".into()),
        ms: 30,
        argument_bytes: 120,
        result_bytes: 14_000,
        outcome: ToolOutcome::Ok,
    }
}

/// What the new ones ask for: all that a day, an account's month and the last
/// thirty days have spent counts.
fn demand(now: i64) -> Demand {
    let cap = |name: &str, on, days: i64| {
        let from = now - now.rem_euclid(DAY) - (days - 1) * DAY;
        let limit = Limit::Dollars(Money::from_pico(1 << 60));
        Cap { budget: name.into(), on, window: from..from + days * DAY, limit }
    };
    let account = || Scope::Account("openai-work".into());
    let caps = vec![
        cap("all, day", Scope::Global, 1),
        cap("openai-work, week", account(), 7),
        cap("openai-work, month", account(), 30),
    ];
    let hold = Hold { cost: Money::from_pico(50_000_000_000), tokens: 20_000 };
    Demand { hold, caps, now_ms: now, sent: (Usage::default(), Some(Money::ZERO)) }
}

fn end(at: i64) -> AttemptEnd {
    AttemptEnd {
        ended_ms: at + 2_000,
        first_token_ms: Some(300),
        served_model: None,
        http_status: Some(200),
        outcome: Outcome::Done,
        usage: Usage { input: 12_345, cache_read: 678, output: 901, ..Usage::default() },
        cost: Cost {
            amount: Some(Money::from_pico(26_000_000_000)),
            basis: Basis::Computed,
            price: Some("openai/gpt-5@2025-08-07".into()),
        },
        computed: None,
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as i64
}
