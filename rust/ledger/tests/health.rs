//! Who is out is known to every process.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{Health, HealthState};
use llm_switch_types::ErrorKind;

fn cooling(model: Option<&str>, changed: i64) -> Health {
    Health {
        account: "work".into(),
        model: model.map(str::to_owned),
        state: HealthState::Cooling,
        kind: Some(ErrorKind::RateLimited),
        reason: Some("too many requests".into()),
        since: changed,
        until: Some(changed + 5_000),
        strikes: 1,
        trial: None,
        disabled: false,
        changed,
    }
}

#[test]
fn what_one_process_found_another_knows_in_all_its_parts() {
    let (_folder, path) = place();
    let [one, other] = [open(&path), open(&path)];
    let all = [cooling(None, 10), Health { trial: Some(3), ..cooling(Some("big"), 20) }];
    all.iter().for_each(|it| one.see_health(it.clone()));
    one.flush().unwrap();
    assert_eq!(other.health(0).unwrap(), all);
    assert_eq!(other.health(11).unwrap(), all[1..], "only what is new");
}

#[test]
fn what_was_found_later_wins_whoever_writes_first() {
    let (_folder, path) = place();
    let [one, other] = [open(&path), open(&path)];
    let later = Health { state: HealthState::Healthy, kind: None, ..cooling(None, 20) };
    one.see_health(later.clone());
    one.flush().unwrap();
    other.see_health(cooling(None, 10));
    other.flush().unwrap();
    assert_eq!(one.health(0).unwrap(), [later]);
}

#[test]
fn of_several_processes_one_tries_who_is_out() {
    let (_folder, path) = place();
    let ledgers = [open(&path), open(&path)];
    let ill = cooling(Some("big"), 10);
    ledgers[0].see_health(ill.clone());
    let claim = |at: usize, now: i64| {
        let trial = Health { trial: Some(now), changed: now, ..ill.clone() };
        let (tell, hear) = std::sync::mpsc::channel();
        ledgers[at].claim_trials(vec![trial], now - 100, move |it| tell.send(it).unwrap());
        hear.recv().unwrap().unwrap()
    };
    assert!(claim(0, 1_000));
    assert!(!claim(1, 1_050), "the other one tries");
    assert!(claim(1, 1_101), "whose process may be gone by now");
}

#[test]
fn half_a_claim_is_none() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let trial = |model, trial| Health { trial, ..cooling(model, 10) };
    ledger.see_health(trial(None, None));
    ledger.see_health(trial(Some("big"), Some(1_000)));
    let (tell, hear) = std::sync::mpsc::channel();
    let wanted = vec![trial(None, Some(1_050)), trial(Some("big"), Some(1_050))];
    ledger.claim_trials(wanted, 950, move |it| tell.send(it).unwrap());
    assert!(!hear.recv().unwrap().unwrap());
    assert!(ledger.health(0).unwrap().iter().all(|it| it.trial != Some(1_050)));
}
