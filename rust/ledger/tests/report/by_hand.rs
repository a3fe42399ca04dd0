//! A ledger of chance, and what is in it counted by hand.

use crate::common::*;
use llm_switch_ledger::{
    AttemptEnd, AttemptRow, Column, Filter, Group, Ledger, NewAttempt, NewRequest, Outcome,
    RequestKey, RequestRow, Sums,
};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

pub const HOUR: i64 = 3_600_000;
pub const DAYS: i64 = 4;

pub fn random_cost(dice: &mut Dice) -> (Payer, Cost) {
    let amount = Money::from_pico(dice.below(1_000_000_000).cast_signed());
    match Basis::ALL[dice.below(6) as usize] {
        Basis::Unknown => (Payer::Metered, Cost::UNKNOWN),
        Basis::Free => (Payer::Free, Cost::FREE),
        Basis::Plan => (Payer::Plan, Cost::PLAN),
        basis => (Payer::Metered, Cost { amount: Some(amount), basis, price: None }),
    }
}

pub fn try_once(ledger: &Ledger, dice: &mut Dice, asked: RequestKey, started_ms: i64) {
    let (payer, cost) = random_cost(dice);
    let sent = format!("model-{}", dice.below(4));
    let tried = ledger.begin_attempt(
        asked,
        NewAttempt {
            provider: format!("provider-{}", dice.below(2)),
            account: format!("account-{}", dice.below(3)),
            sent_model: sent.clone(),
            payer,
            started_ms,
            sent_bytes: 1_000,
        },
    );
    let usage = Usage {
        input: dice.below(9_000),
        cache_read: dice.below(9_000),
        cache_write_5m: dice.below(9_000),
        cache_write_1h: dice.below(9_000),
        output: dice.below(9_000),
        reasoning: dice.below(90),
        fees: Money::from_pico(dice.below(1_000).cast_signed()),
        ..Usage::default()
    };
    let served = [None, Some(sent), Some("other".to_owned())][dice.below(3) as usize].clone();
    if dice.below(10) > 0 {
        let more = AttemptEnd { usage, served_model: served, ..end(started_ms + 5, cost) };
        ledger.end_attempt(tried, more);
    }
}

pub fn ask(ledger: &Ledger, dice: &mut Dice) {
    let started_ms = dice.below((DAYS * 24 * HOUR).cast_unsigned()).cast_signed();
    let [project, route, client] = [3, 3, 2].map(|many| dice.below(many));
    let asked = ledger.begin_request(NewRequest {
        started_ms,
        purpose: [Purpose::Chat, Purpose::Org][dice.below(2) as usize],
        client: format!("client-{client}"),
        project: (project > 0).then(|| format!("project-{project}")),
        route: (route > 0).then(|| format!("route-{route}")),
        requested: format!("model-{}", dice.below(4)),
    });
    for later in 0..dice.below(4).cast_signed() {
        try_once(ledger, dice, asked, started_ms + later * HOUR / 3);
    }
    let outcomes = [Outcome::Done, Outcome::Crashed];
    if dice.below(10) > 0 {
        let took = dice.below(90_000).cast_signed();
        ledger.end_request(asked, started_ms + took, outcomes[usize::from(dice.below(8) == 0)]);
    }
}

pub fn random_ledger(path: &Path, seed: u64) -> Ledger {
    let ledger = open(path);
    let mut dice = Dice(seed);
    (0..250).for_each(|_| ask(&ledger, &mut dice));
    ledger.flush().unwrap();
    ledger
}

/// All requests, one by one.
pub fn rows(ledger: &Ledger, path: &Path) -> Vec<RequestRow> {
    let connection = Connection::open(path).unwrap();
    let mut keys = connection.prepare("SELECT id FROM request").unwrap();
    let keys = keys.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    let read = |key: i64| serde_json::from_value(key.into()).unwrap();
    keys.map(|key| ledger.request(read(key.unwrap())).unwrap().unwrap()).collect()
}

pub type Names = BTreeMap<Column, Option<String>>;

pub fn names_of(row: &RequestRow, attempt: Option<&AttemptRow>) -> Names {
    let of = |read: &dyn Fn(&AttemptRow) -> String| attempt.map(read);
    BTreeMap::from([
        (Column::Provider, of(&|it| it.provider.clone())),
        (Column::Account, of(&|it| it.account.clone())),
        (Column::Model, of(&|it| it.sent_model.clone()).or(Some(row.requested.clone()))),
        (Column::Route, row.route.clone()),
        (Column::Project, row.project.clone()),
        (Column::Purpose, Some(row.purpose.name().to_owned())),
        (Column::Client, Some(row.client.clone())),
        (Column::Payer, of(&|it| it.payer.name().to_owned())),
        (
            Column::Basis,
            attempt.and_then(|it| it.cost.as_ref().map(|cost| cost.basis.name().to_owned())),
        ),
    ])
}

pub fn of_attempt(attempt: &AttemptRow) -> Sums {
    let cost = attempt.cost.clone().unwrap();
    let amount = cost.amount.unwrap_or(Money::ZERO);
    let is = |basis| u64::from(cost.basis == basis);
    Sums {
        requests: 0,
        attempts: 1,
        unknown: is(Basis::Unknown),
        free: is(Basis::Free),
        plan: is(Basis::Plan),
        input: attempt.usage.input,
        cache_read: attempt.usage.cache_read,
        cache_write_5m: attempt.usage.cache_write_5m,
        cache_write_1h: attempt.usage.cache_write_1h,
        output: attempt.usage.output,
        reasoning: attempt.usage.reasoning,
        fees: attempt.usage.fees,
        cost: amount,
        estimated: if cost.basis == Basis::Estimated { amount } else { Money::ZERO },
    }
}

/// What each settled request and attempt adds, with its time and names.
pub fn parts(rows: &[RequestRow]) -> Vec<(i64, Names, Sums)> {
    let mut parts = Vec::new();
    for row in rows {
        if row.outcome.is_some() {
            let one = Sums { requests: 1, ..Sums::default() };
            parts.push((row.started_ms, names_of(row, row.attempts.last()), one));
        }
        let settled = row.attempts.iter().filter(|it| it.outcome.is_some());
        parts.extend(settled.map(|it| (it.started_ms, names_of(row, Some(it)), of_attempt(it))));
    }
    parts
}

pub fn passes(filter: &Filter, names: &Names) -> bool {
    filter.0.iter().all(|(column, any)| any.contains(&names[column]))
}

/// The groups, counted by hand.
pub fn counted(
    parts: &[(i64, Names, Sums)],
    span: &Range<i64>,
    columns: &[Column],
    filter: &Filter,
) -> BTreeMap<Vec<Option<String>>, Sums> {
    let mut groups = BTreeMap::<_, Sums>::new();
    let wanted = parts.iter().filter(|(at, names, _)| span.contains(at) && passes(filter, names));
    for (_, names, sums) in wanted {
        let key = columns.iter().map(|column| names[column].clone()).collect();
        let sum = groups.entry(key).or_default();
        *sum = sum.plus(*sums);
    }
    groups
}

pub fn by_name(groups: Vec<Group>) -> BTreeMap<Vec<Option<String>>, Sums> {
    let count = groups.len();
    let map: BTreeMap<_, _> = groups.into_iter().map(|it| (it.names, it.sums)).collect();
    assert_eq!(map.len(), count, "no name twice");
    map
}

pub fn random_columns(dice: &mut Dice) -> Vec<Column> {
    Column::ALL.into_iter().filter(|_| dice.below(5) == 0).collect()
}

/// A filter that lets something pass, most of the time.
pub fn random_filter(dice: &mut Dice, parts: &[(i64, Names, Sums)]) -> Filter {
    let mut filter = Filter::default();
    for _ in 0..dice.below(3) {
        let column = Column::ALL[dice.below(9) as usize];
        let any = (0..1 + dice.below(2))
            .map(|_| parts[dice.below(parts.len() as u64) as usize].1[&column].clone());
        filter.0.insert(column, any.collect());
    }
    filter
}

pub fn random_span(dice: &mut Dice) -> Range<i64> {
    let mut edge = || dice.below(((DAYS + 1) * 24 * HOUR).cast_unsigned()).cast_signed();
    edge()..edge()
}
