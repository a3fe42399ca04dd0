//! Makes a ledger of a million requests over 400 days, checks that its rollups
//! agree with its rows, and says how long reports over it take.
//!
//!     cargo run --release -p llm-switch-ledger --example million FILE [REQUESTS] [END]
//!
//! FILE is made, or only measured when it is there. END is when the ledger
//! ends, in Unix milliseconds; now, when it is left out.
#![allow(clippy::print_stdout)] // This is what it is for.

use llm_switch_ledger::{
    AttemptEnd, Column, Filter, Ledger, NewAttempt, NewRequest, Outcome, RequestOrder, RequestQuery,
};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use rusqlite::{Connection, Transaction, params};
use std::collections::HashMap;
use std::error::Error;
use std::ops::Range;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

type Failed = Box<dyn Error>;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const DAYS: i64 = 400;

/// Account, provider, payer, and the models with dollars per million tokens,
/// in and out; a negative price is not known.
type AccountRow = (&'static str, &'static str, &'static str, &'static [(&'static str, f64, f64)]);

const ACCOUNTS: [AccountRow; 12] = [
    (
        "openai-work",
        "openai",
        "metered",
        &[
            ("gpt-5", 1.25, 10.0),
            ("gpt-5-mini", 0.25, 2.0),
            ("gpt-5-nano", 0.05, 0.4),
            ("gpt-5.4", 2.5, 15.0),
            ("gpt-5.5", 5.0, 30.0),
        ],
    ),
    ("openai-home", "openai", "metered", &[("gpt-5-mini", 0.25, 2.0), ("gpt-5.4-mini", 0.75, 4.5)]),
    (
        "anthropic",
        "anthropic",
        "metered",
        &[
            ("claude-sonnet-5-5", 3.0, 15.0),
            ("claude-haiku-5-5", 1.0, 5.0),
            ("claude-opus-5-5", 5.0, 25.0),
            ("claude-sonnet-5", 3.0, 15.0),
        ],
    ),
    (
        "gemini-1",
        "gemini",
        "free",
        &[("gemini-3.5-flash", 0.0, 0.0), ("gemini-3.5-flash-lite", 0.0, 0.0)],
    ),
    (
        "gemini-work",
        "gemini",
        "metered",
        &[
            ("gemini-2.5-pro", 1.25, 10.0),
            ("gemini-3.1-pro-preview", 2.0, 12.0),
            ("gemini-2.5-flash", 0.3, 2.5),
        ],
    ),
    (
        "deepseek",
        "deepseek",
        "metered",
        &[("deepseek-flash", 0.27, 0.4), ("deepseek-v4-pro", 0.55, 2.2)],
    ),
    (
        "mistral",
        "mistral",
        "metered",
        &[
            ("devstral-2512", 0.4, 2.0),
            ("mistral-large-2512", 0.5, 1.5),
            ("mistral-small-2603", 0.1, 0.3),
            ("codestral-2508", 0.3, 0.9),
        ],
    ),
    (
        "kimi-code",
        "kimi-code",
        "plan",
        &[("k3", 0.0, 0.0), ("k3-256k", 0.0, 0.0), ("kimi-for-coding", 0.0, 0.0)],
    ),
    (
        "openrouter",
        "openrouter",
        "metered",
        &[
            ("qwen/qwen3-coder", 0.22, 0.95),
            ("z-ai/glm-5.2", 0.6, 2.2),
            ("nobody/unlisted-70b", -1.0, -1.0),
            ("x-ai/grok-4.5", 3.0, 15.0),
        ],
    ),
    (
        "groq",
        "groq",
        "free",
        &[("llama-3.3-70b-versatile", 0.0, 0.0), ("openai/gpt-oss-120b", 0.0, 0.0)],
    ),
    (
        "ollama",
        "ollama",
        "free",
        &[
            ("qwen3:8b", 0.0, 0.0),
            ("qwen3:32b", 0.0, 0.0),
            ("gemma3:12b", 0.0, 0.0),
            ("phi4:14b", 0.0, 0.0),
        ],
    ),
    (
        "llama-cpp",
        "llama-cpp",
        "free",
        &[
            ("kimi-k2", 0.0, 0.0),
            ("devstral-small", 0.0, 0.0),
            ("gpt-oss-20b", 0.0, 0.0),
            ("nomic-embed", 0.0, 0.0),
        ],
    ),
];

/// Routes, how often each is asked, and the accounts behind it.
const ROUTES: [(Option<&str>, u64, &[usize]); 8] = [
    (Some("coding-best"), 22, &[2, 0, 4]),
    (Some("coding-cheap"), 26, &[5, 6, 8]),
    (Some("coding-local"), 20, &[11, 10]),
    (Some("writing"), 8, &[2, 1, 7]),
    (Some("chat-free"), 10, &[3, 9]),
    (Some("review"), 5, &[0, 2]),
    (Some("translate"), 4, &[1, 4, 6]),
    (None, 5, &[0, 2, 7, 8, 10]),
];

const PURPOSES: [(Purpose, u64); 6] = [
    (Purpose::Chat, 45),
    (Purpose::ToolTurn, 35),
    (Purpose::Rewrite, 12),
    (Purpose::Org, 5),
    (Purpose::Compare, 2),
    (Purpose::Probe, 1),
];

/// How busy each hour of a day is, in UTC.
const BUSY: [u64; 24] =
    [1, 1, 0, 0, 0, 1, 4, 12, 25, 30, 32, 28, 18, 27, 33, 31, 26, 18, 12, 10, 9, 7, 4, 2];

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = Path::new(arguments.first().ok_or("name a file")?);
    let requests = arguments.get(1).map_or(Ok(1_000_000), |it| it.parse())?;
    let end = match arguments.get(2) {
        Some(end) => end.parse()?,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64,
    };
    if !path.exists() {
        make(path, requests, end)?;
    }
    measure(path)
}

fn make(path: &Path, requests: u64, end: i64) -> Result<(), Failed> {
    let begun = Instant::now();
    Ledger::open(path, 0, |loss| println!("{loss}"))?.close()?;
    let mut connection = Connection::open(path)?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")?;
    let transaction = connection.transaction()?;
    fill(&transaction, requests, end)?;
    roll_up(&transaction)?;
    transaction.commit()?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    drop(connection);
    record_some(path, end)?;
    check(path)?;
    let megabytes = std::fs::metadata(path)?.len() / 1_000_000;
    println!("{requests} requests, {megabytes} MB, made in {:.0?}", begun.elapsed());
    Ok(())
}

fn fill(transaction: &Transaction, requests: u64, end: i64) -> Result<(), Failed> {
    let mut dice = Dice(1);
    let mut names = Names::default();
    let mut times: Vec<i64> = (0..requests).map(|_| moment(&mut dice, end)).collect();
    times.sort_unstable();
    let mut last_key = 0;
    for started in times {
        insert(transaction, &mut dice, &mut names, started, &mut last_key)?;
    }
    Ok(())
}

/// Some time in the days before END: more at work than at night or on a
/// weekend, and more lately than long ago.
fn moment(dice: &mut Dice, end: i64) -> i64 {
    loop {
        let back = dice.below(DAYS as u64).min(dice.below(DAYS as u64 * 3 / 2)) as i64;
        let at = end - back * DAY - dice.below(DAY as u64) as i64;
        let weekday = (at / DAY + 4) % 7; // 0 is Sunday
        let weight = BUSY[(at % DAY / HOUR) as usize] * if weekday % 6 == 0 { 1 } else { 4 };
        if dice.below(33 * 4) < weight {
            return at;
        }
    }
}

/// One request; every eighth or so needs a second attempt, elsewhere.
fn insert(
    transaction: &Transaction,
    dice: &mut Dice,
    names: &mut Names,
    started: i64,
    last_key: &mut i64,
) -> Result<(), Failed> {
    let mut key = || {
        *last_key = (started << 9).max(*last_key + 1);
        *last_key << 12 | 7
    };
    let project = dice.below(400).min(dice.below(400)) / 19; // few of them often
    let route = ROUTES[pick(dice, ROUTES.map(|it| it.1), project)];
    let purpose = PURPOSES[pick(dice, PURPOSES.map(|it| it.1), 0)].0;
    let client = if purpose == Purpose::Org { "org" } else { "emacs" };
    let request = key();
    let attempts = if dice.below(12) == 0 { 2 } else { 1 };
    let mut ended = started;
    transaction
        .prepare_cached("INSERT INTO request VALUES (?1, 7, ?2, NULL, ?3, ?4, ?5, ?6, ?7, NULL)")?
        .execute(params![
            request,
            started,
            names.number(transaction, "purpose", purpose.name())?,
            names.number(transaction, "client", client)?,
            match project {
                0 => None,
                it => Some(names.number(
                    transaction,
                    "project",
                    &format!("/home/me/src/project-{it:02}")
                )?),
            },
            route.0.map(|it| names.number(transaction, "route", it)).transpose()?,
            names.number(transaction, "model", route.0.unwrap_or("anthropic/claude-sonnet-5-5"))?,
        ])?;
    for number in 1..=attempts {
        let is_last = number == attempts;
        let account =
            &ACCOUNTS[route.2[(number as usize - 1 + dice.below(2) as usize) % route.2.len()]];
        ended =
            attempt(transaction, dice, names, (key(), request, number), account, ended, is_last)?;
    }
    transaction
        .prepare_cached("UPDATE request SET ended = ?2, outcome = 'done' WHERE id = ?1")?
        .execute([request, ended])?;
    Ok(())
}

fn attempt(
    transaction: &Transaction,
    dice: &mut Dice,
    names: &mut Names,
    (key, request, number): (i64, i64, i64),
    (account, provider, payer, models): &AccountRow,
    started: i64,
    is_last: bool,
) -> Result<i64, Failed> {
    let (model, input_price, output_price) =
        models[(dice.below(models.len() as u64).min(dice.below(models.len() as u64))) as usize];
    let cached = if dice.below(3) > 0 { dice.below(12_000) } else { 0 };
    let (input, output) = (200 + dice.below(6_000), 20 + dice.below(1_500));
    let (input, cached, output) = if is_last { (input, cached, output) } else { (0, 0, 0) };
    let dollars =
        (input as f64 + cached as f64 / 10.0) * input_price + output as f64 * output_price;
    let is_known = input_price >= 0.0;
    let basis = match *payer {
        "metered" if !is_known => "unknown",
        "metered" if dice.below(30) == 0 => "estimated",
        "metered" if *provider == "openrouter" => "reported",
        "metered" => "computed",
        other => other,
    };
    let served = match *provider {
        "openai" if dice.below(2_000) == 0 => "gpt-5-nano-2025-08-07".to_owned(),
        "openai" => format!("{model}-2025-08-07"),
        _ => model.to_owned(),
    };
    let ended = started + 300 + (output * 14 + dice.below(4_000)) as i64;
    let first = if is_last { Some(200 + dice.below(1_800) as i64) } else { None };
    transaction
        .prepare_cached(
            "INSERT INTO attempt VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                                         ?14, ?15, ?16, 0, ?17, ?18, 0, ?19, ?20, ?21)",
        )?
        .execute(params![
            key,
            request,
            number,
            names.number(transaction, "provider", provider)?,
            names.number(transaction, "account", account)?,
            names.number(transaction, "model", model)?,
            is_last.then(|| names.number(transaction, "model", &served)).transpose()?,
            payer,
            started,
            first,
            ended,
            if is_last { 200 } else { 429 },
            if is_last { "done" } else { "rate-limited" },
            input as i64,
            cached as i64,
            if cached == 0 && is_last && *provider == "anthropic" { 2_000 } else { 0 },
            output as i64,
            (output / 3) as i64,
            is_known.then_some((dollars * 1e6) as i64),
            basis,
            (basis == "computed")
                .then(|| names.number(
                    transaction,
                    "price",
                    &format!("{provider}/{model}@2026-01-01")
                ))
                .transpose()?,
        ])?;
    Ok(ended)
}

/// The index of one of WEIGHTS, by chance; SHIFT makes other ones likely.
fn pick<const N: usize>(dice: &mut Dice, weights: [u64; N], shift: u64) -> usize {
    let mut left = dice.below(weights.iter().sum());
    let chosen = weights.iter().position(|weight| match left.checked_sub(*weight) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    // A project sticks to its ways, most of the time.
    let habit = if dice.below(3) > 0 { shift as usize } else { 0 };
    (chosen.unwrap_or(0) + habit) % N
}

/// The rollups, as the settling transactions would have written them.
fn roll_up(transaction: &Transaction) -> Result<(), Failed> {
    for (table, span) in [("spend_hour", HOUR), ("spend_day", DAY)] {
        transaction.execute_batch(&format!("INSERT INTO {table} {}", rolled_up(span)))?;
    }
    Ok(())
}

fn rolled_up(span: i64) -> String {
    let counters = ["requests", "unknown_requests", "attempts", "input", "cache_read"]
        .into_iter()
        .chain([
            "cache_write_5m",
            "cache_write_1h",
            "output",
            "reasoning",
            "fees_pico",
            "cost_pico",
        ])
        .map(|counter| format!("sum({counter})"))
        .collect::<Vec<_>>()
        .join(", ");
    let names = "provider, account, model, route, project, purpose, client, payer, basis";
    format!(
        "SELECT started / {span} AS bucket, {names}, {counters} FROM spend GROUP BY bucket, {names}"
    )
}

/// A few requests on the usual way, so that the check below would see where
/// the two ways differ.
fn record_some(path: &Path, end: i64) -> Result<(), Failed> {
    let ledger = Ledger::open(path, end, |loss| println!("{loss}"))?;
    for ms in (0..500).map(|number| end - number * 60_000) {
        let request = ledger.begin_request(NewRequest {
            started_ms: ms,
            purpose: Purpose::Chat,
            client: "emacs".into(),
            project: Some("/home/me/src/project-01".into()),
            route: Some("coding-best".into()),
            requested: "coding-best".into(),
        });
        let new = NewAttempt {
            provider: "openai".into(),
            account: "openai-work".into(),
            sent_model: "gpt-5".into(),
            payer: Payer::Metered,
            started_ms: ms,
        };
        let attempt = ledger.begin_attempt(request, new);
        let cost = Cost {
            amount: Some(Money::from_pico(4_400_000_000)),
            basis: Basis::Computed,
            price: Some("openai/gpt-5@2026-01-01".into()),
        };
        let end = AttemptEnd {
            ended_ms: ms + 5_000,
            first_token_ms: Some(900),
            served_model: Some("gpt-5-2025-08-07".into()),
            http_status: Some(200),
            outcome: Outcome::Done,
            usage: Usage { input: 194, cache_read: 1_920, output: 388, ..Usage::default() },
            cost,
        };
        ledger.end_attempt(attempt, end);
        ledger.end_request(request, ms + 5_001, Outcome::Done);
    }
    ledger.flush()?;
    ledger.close()?;
    Ok(())
}

/// The rollups are the rows, neither more nor less.
fn check(path: &Path) -> Result<(), Failed> {
    let connection = Connection::open(path)?;
    for (table, span) in [("spend_hour", HOUR), ("spend_day", DAY)] {
        for (one, other) in [
            (format!("SELECT * FROM {table}"), rolled_up(span)),
            (rolled_up(span), format!("SELECT * FROM {table}")),
        ] {
            let sql = format!("SELECT count(*) FROM ({one} EXCEPT {other})");
            let differing: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
            if differing > 0 {
                return Err(format!("{table}: {differing} rows differ").into());
            }
        }
        let rows: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        println!("{table}: {rows} rows, and they agree");
    }
    Ok(())
}

fn measure(path: &Path) -> Result<(), Failed> {
    let ledger = Ledger::open(path, 0, |loss| println!("{loss}"))?;
    let last: i64 =
        Connection::open(path)?
            .query_row("SELECT max(started) FROM request", [], |row| row.get(0))?;
    // A month in a zone of whole hours, whose days are not those of UTC.
    let month = last - 30 * DAY - last % DAY + 5 * HOUR..last;
    for column in Column::ALL {
        time(&format!("month by {}", column.name()), || {
            ledger.groups(month.clone(), &[column], &Filter::default())
        })?;
    }
    time("month by route, provider, model, payer, basis", || {
        let columns =
            [Column::Route, Column::Provider, Column::Model, Column::Payer, Column::Basis];
        ledger.groups(month.clone(), &columns, &Filter::default())
    })?;
    let metered = Filter::default().with(Column::Payer, Some("metered"));
    time("month by model, metered only", || {
        ledger.groups(month.clone(), &[Column::Model], &metered)
    })?;
    time("all 400 days by model", || ledger.groups(0..last, &[Column::Model], &Filter::default()))?;
    time("42 days, each", || ledger.series(&edges(&month, 42), &[], &Filter::default()))?;
    time("14 days by route, each", || {
        ledger.series(&edges(&month, 14), &[Column::Route], &Filter::default())
    })?;
    time("month, served under another name", || ledger.served(month.clone()))?;
    for order in [RequestOrder::Started, RequestOrder::Duration, RequestOrder::Cost] {
        let query = RequestQuery {
            span: month.clone(),
            order,
            descending: true,
            limit: 100,
            ..RequestQuery::default()
        };
        time(&format!("month, first 100 requests by {order:?}"), || ledger.requests(&query))?;
    }
    ledger.close()?;
    Ok(())
}

fn edges(month: &Range<i64>, days: i64) -> Vec<i64> {
    (0..=days).rev().map(|back| month.end / DAY * DAY + 5 * HOUR - back * DAY).collect()
}

/// The quickest of three.
fn time<T>(
    what: &str,
    run: impl Fn() -> Result<Vec<T>, llm_switch_types::Error>,
) -> Result<(), Failed> {
    let mut best = None;
    let mut rows = 0;
    for _ in 0..3 {
        let begun = Instant::now();
        rows = run()?.len();
        best = Some(begun.elapsed().min(best.unwrap_or(begun.elapsed())));
    }
    println!("{:>8.1?}  {what} ({rows})", best.unwrap_or_default());
    Ok(())
}

#[derive(Default)]
struct Names(HashMap<(&'static str, String), i64>);

impl Names {
    fn number(
        &mut self,
        transaction: &Transaction,
        table: &'static str,
        name: &str,
    ) -> Result<i64, rusqlite::Error> {
        if let Some(number) = self.0.get(&(table, name.to_owned())) {
            return Ok(*number);
        }
        let number = transaction
            .prepare(&format!("INSERT INTO {table} (name) VALUES (?1)"))?
            .insert([name])?;
        self.0.insert((table, name.to_owned()), number);
        Ok(number)
    }
}

/// Random numbers, the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}
