//! Requests and attempts as rows, written at once.

use crate::services::{ACCOUNTS, AccountRow, BUSY, PURPOSES, ROUTES};
use crate::{DAY, DAYS, Failed, HOUR};
use llm_switch_types::Purpose;
use rusqlite::{Transaction, params};
use std::collections::HashMap;

/// Adds so many REQUESTS, up to END.
pub fn fill(transaction: &Transaction, requests: u64, end: i64) -> Result<(), Failed> {
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
            "INSERT INTO attempt (id, request, number, provider, account, sent, served, payer,
                                  started, first_token, ended, http_status, outcome,
                                  input, cache_read, cache_write_5m, output, reasoning,
                                  cost_pico, basis, price, sent_bytes, held_pico, held_tokens)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                     ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
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
            ((input + cached) * 4) as i64,
            (*payer == "metered").then_some((dollars * 2e6) as i64),
            (input + cached + 2 * output) as i64,
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
