//! Reports agree with a count of the rows by hand.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod by_hand;
#[path = "../common/mod.rs"]
mod common;

use by_hand::*;
use common::*;
use llm_switch_ledger::{
    AttemptRow, Column, Entry, Filter, Group, Measure, Order, Outcome, RequestOrder, RequestQuery,
    RequestRow, Served, Sums, Used,
};
use llm_switch_types::Money;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn groups_are_exact_for_any_edges_columns_and_filter() {
    for seed in 0..3 {
        let (_folder, path) = place();
        let ledger = random_ledger(&path, seed);
        let parts = parts(&rows(&ledger, &path));
        let mut dice = Dice(seed + 50);
        let mut seen = 0;
        for _ in 0..150 {
            let (span, columns) = (random_span(&mut dice), random_columns(&mut dice));
            let filter = random_filter(&mut dice, &parts);
            let expected = counted(&parts, &span, &columns, &filter);
            let found = by_name(ledger.groups(span.clone(), &columns, &filter).unwrap());
            assert_eq!(found, expected, "{span:?} by {columns:?} where {filter:?}, seed {seed}");
            seen += expected.len();
        }
        assert!(seen > 200, "{seen}");
    }
}

#[test]
fn a_name_that_is_nowhere_and_an_empty_choice_let_nothing_pass() {
    let (_folder, path) = place();
    let ledger = random_ledger(&path, 1);
    let all = 0..i64::MAX;
    for filter in [
        Filter::default().with(Column::Model, Some("o'hara; --")),
        Filter(BTreeMap::from([(Column::Payer, Vec::new())])),
    ] {
        assert_eq!(ledger.groups(all.clone(), &[], &filter).unwrap(), []);
    }
}

#[test]
fn a_series_has_the_groups_between_each_two_edges() {
    let (_folder, path) = place();
    let ledger = random_ledger(&path, 2);
    let parts = parts(&rows(&ledger, &path));
    // Days of a zone of half hours, one of which has 23 hours.
    let edges: Vec<i64> = [0, 24, 47, 71, 95].iter().map(|hours| hours * HOUR + HOUR / 2).collect();
    let columns = [Column::Route];
    let series = ledger.series(&edges, &columns, &Filter::default()).unwrap();
    assert_eq!(series.len(), 4);
    for (pair, groups) in edges.windows(2).zip(series) {
        let expected = counted(&parts, &(pair[0]..pair[1]), &columns, &Filter::default());
        assert_eq!(by_name(groups), expected);
    }
}

/// Whether ROW or one of its attempts has all that QUERY wants.
fn is_wanted(query: &RequestQuery, row: &RequestRow) -> bool {
    let pair =
        |it: &AttemptRow| (it.sent_model.clone(), it.served_model.clone().unwrap_or_default());
    let attempt_passes = |attempt: Option<&AttemptRow>| {
        let served = query
            .served
            .as_ref()
            .is_none_or(|pairs| attempt.is_some_and(|it| pairs.contains(&pair(it))));
        served && passes(&query.filter, &names_of(row, attempt))
    };
    let any = match row.attempts.as_slice() {
        [] => attempt_passes(None),
        attempts => attempts.iter().any(|it| attempt_passes(Some(it))),
    };
    query.span.contains(&row.started_ms) && any
}

fn measured(order: RequestOrder, row: &RequestRow) -> Option<i64> {
    let sum = |count: &dyn Fn(&AttemptRow) -> u64| {
        (!row.attempts.is_empty())
            .then(|| row.attempts.iter().map(count).sum::<u64>().cast_signed())
    };
    match order {
        RequestOrder::Started => Some(row.started_ms),
        RequestOrder::Duration => row
            .ended_ms
            .filter(|_| row.outcome != Some(Outcome::Crashed))
            .map(|ended| ended - row.started_ms),
        RequestOrder::Cost => {
            let known = row.attempts.iter().filter_map(|it| it.cost.as_ref()?.amount);
            known.map(Money::pico).reduce(|sum, cost| sum + cost)
        }
        RequestOrder::Input => sum(&|it| it.usage.total_input()),
        RequestOrder::Output => sum(&|it| it.usage.output),
    }
}

#[test]
fn requests_are_those_that_are_wanted_in_the_order_that_is_wanted() {
    let orders = [
        RequestOrder::Started,
        RequestOrder::Duration,
        RequestOrder::Cost,
        RequestOrder::Input,
        RequestOrder::Output,
    ];
    for seed in 3..5 {
        let (_folder, path) = place();
        let ledger = random_ledger(&path, seed);
        let rows = rows(&ledger, &path);
        let parts = parts(&rows);
        let mut dice = Dice(seed);
        let mut seen = 0;
        for round in 0..120 {
            let pairs = || (0..4).map(|it| (format!("model-{it}"), "other".to_owned())).collect();
            let query = RequestQuery {
                span: random_span(&mut dice),
                filter: random_filter(&mut dice, &parts),
                served: (dice.below(4) == 0).then(pairs),
                order: orders[round % 5],
                descending: dice.below(2) == 0,
                offset: 0,
                limit: 1_000,
            };
            let found = ledger.requests(&query).unwrap();
            let wanted: BTreeSet<_> =
                rows.iter().filter(|row| is_wanted(&query, row)).map(|row| row.key).collect();
            let keys: Vec<_> = found.iter().map(|row| row.key).collect();
            assert_eq!(keys.iter().copied().collect::<BTreeSet<_>>(), wanted, "{query:?}");
            assert_eq!(keys.len(), wanted.len());
            let place = |row: &RequestRow| {
                let number = measured(query.order, row);
                (number.is_none(), number.map(|it| if query.descending { -it } else { it }))
            };
            assert!(found.is_sorted_by_key(place), "{query:?}");
            let page = RequestQuery { offset: 3, limit: 5, ..query.clone() };
            let page: Vec<_> = ledger.requests(&page).unwrap().iter().map(|it| it.key).collect();
            assert_eq!(page, keys.iter().copied().skip(3).take(5).collect::<Vec<_>>());
            seen += wanted.len();
        }
        assert!(seen > 500, "{seen}");
    }
}

#[test]
fn every_settled_attempt_is_an_entry_and_they_add_up_to_the_groups() {
    let (_folder, path) = place();
    let ledger = random_ledger(&path, 6);
    let parts = parts(&rows(&ledger, &path));
    let mut dice = Dice(6);
    for _ in 0..40 {
        let (span, filter) = (random_span(&mut dice), random_filter(&mut dice, &parts));
        let mut entries = Vec::new();
        ledger
            .entries(span.clone(), &filter, |it| {
                entries.push(it);
                true
            })
            .unwrap();
        let sum: Sums = entries.iter().map(|it| of_attempt(&it.attempt)).sum();
        let groups = ledger.groups(span, &[], &filter).unwrap();
        let expected = groups.first().map_or(Sums::default(), |it| it.sums);
        assert_eq!(sum, Sums { requests: 0, ..expected });
        assert!(entries.is_sorted_by_key(|it| it.attempt.started_ms));
    }
    let mut taken = 0;
    ledger
        .entries(0..i64::MAX, &Filter::default(), |_| {
            taken += 1;
            taken < 3
        })
        .unwrap();
    assert_eq!(taken, 3, "it stops when it is told to");
}

#[test]
fn what_each_attempt_used_is_what_its_entry_says() {
    let (_folder, path) = place();
    let ledger = random_ledger(&path, 8);
    let parts = parts(&rows(&ledger, &path));
    let mut dice = Dice(8);
    for _ in 0..40 {
        let (span, filter) = (random_span(&mut dice), random_filter(&mut dice, &parts));
        let (mut uses, mut entries) = (Vec::new(), Vec::new());
        let keep = |it: &Used| {
            uses.push(it.clone());
            true
        };
        ledger.uses(span.clone(), &filter, keep).unwrap();
        ledger
            .entries(span, &filter, |it| {
                entries.push(it);
                true
            })
            .unwrap();
        assert_eq!(uses.len(), entries.len());
        for (used, Entry { request, attempt, .. }) in uses.iter().zip(entries) {
            assert_eq!((used.request, used.started_ms), (request, attempt.started_ms));
            assert_eq!(
                [&*used.provider, &*used.account, &*used.model],
                [&*attempt.provider, &*attempt.account, &*attempt.sent_model]
            );
            assert_eq!((used.payer, used.usage), (attempt.payer, attempt.usage));
            assert_eq!(used.is_done, attempt.outcome == Some(Outcome::Done));
            assert_eq!(used.cost, attempt.cost.unwrap().amount);
        }
    }
    let mut taken = 0;
    let two = |_: &Used| {
        taken += 1;
        taken < 2
    };
    ledger.uses(0..i64::MAX, &Filter::default(), two).unwrap();
    assert_eq!(taken, 2, "it stops when it is told to");
}

#[test]
fn other_names_are_counted_and_the_dearest_attempt_is_found() {
    let (_folder, path) = place();
    let ledger = random_ledger(&path, 7);
    let rows = rows(&ledger, &path);
    let span = 20 * HOUR..70 * HOUR + 7;
    let attempts = || {
        rows.iter()
            .flat_map(|row| row.attempts.iter().map(move |it| (row, it)))
            .filter(|(_, it)| span.contains(&it.started_ms))
    };
    let mut pairs = BTreeMap::<_, u64>::new();
    for (_, attempt) in attempts() {
        let Some(served) = attempt.served_model.clone() else { continue };
        if served != attempt.sent_model {
            *pairs.entry((attempt.sent_model.clone(), served)).or_default() += 1;
        }
    }
    let told =
        pairs.into_iter().map(|((sent, served), attempts)| Served { sent, served, attempts });
    assert_eq!(ledger.served(span.clone()).unwrap(), told.collect::<Vec<_>>());
    let cost = |it: &AttemptRow| it.cost.as_ref().and_then(|cost| cost.amount);
    let dearest = attempts().max_by_key(|(_, it)| cost(it)).unwrap().0;
    assert_eq!(ledger.dearest(span).unwrap().unwrap().key, dearest.key);
    assert_eq!(ledger.dearest(0..1).unwrap(), None);
}

#[test]
fn groups_are_sorted_by_any_measure_and_then_by_name() {
    let group = |name: &str, input, cache_read, cost| Group {
        names: vec![Some(name.to_owned())],
        sums: Sums { input, cache_read, cost: Money::from_pico(cost), ..Sums::default() },
    };
    let sorted = |by, descending| {
        let mut groups = [group("b", 9, 1, 5), group("a", 1, 9, 5), group("c", 3, 0, 1)];
        groups.sort_by(|a, b| Order { by, descending }.compare(a, b));
        groups.map(|it| it.names[0].clone().unwrap()).concat()
    };
    assert_eq!(sorted(Measure::Cost, true), "abc");
    assert_eq!(sorted(Measure::Cost, false), "cab");
    assert_eq!(sorted(Measure::Cached, true), "abc");
    assert_eq!(sorted(Measure::Input, false), "cab");
    assert_eq!(sorted(Measure::Name, true), "cba");
}

#[test]
fn long_reports_do_not_hold_up_short_ones_or_the_end() {
    let (_folder, path) = place();
    let ledger = random_ledger(&path, 8);
    std::thread::scope(|scope| {
        let ask = || ledger.groups(0..i64::MAX, &Column::ALL, &Filter::default()).unwrap().len();
        let all: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        let lengths: BTreeSet<_> = all.into_iter().map(|it| it.join().unwrap()).collect();
        assert_eq!(lengths.len(), 1);
    });
    // Within an entry the ledger can be asked something else.
    let mut nested = 0;
    let take = |_| {
        nested = ledger.totals(0, i64::MAX).unwrap().requests;
        false
    };
    ledger.entries(0..i64::MAX, &Filter::default(), take).unwrap();
    assert!(nested > 0);
    ledger.close().unwrap();
}
