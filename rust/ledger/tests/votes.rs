//! Votes are summed by who was asked and what for, and the last one counts.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{Ledger, RequestKey, Vote, VoteFilter, VotedAnswer, VotedFor, Votes};
use llm_switch_types::Purpose;

fn key(number: i64) -> RequestKey {
    serde_json::from_value(number.into()).unwrap()
}

/// The answer to request NUMBER, which ASKED names and sim/m answered.
fn answer(number: i64, asked: &str) -> VotedAnswer {
    let (account, model) = ("sim".into(), "m".into());
    VotedAnswer { request: key(number), asked: asked.into(), account, model }
}

fn vote(answers: &[VotedAnswer], won: Option<i64>) -> Vote {
    let (project, answers) = (Some("/home/ada/engine".into()), answers.to_vec());
    Vote { voted_ms: 5, purpose: Purpose::Chat, project, answers, won: won.map(key) }
}

fn votes(name: &str, purpose: &str, [won, compared, undecided]: [u64; 3]) -> Votes {
    Votes { name: name.into(), purpose: purpose.into(), won, compared, undecided }
}

fn told(ledger: &Ledger, filter: VoteFilter) -> Vec<Votes> {
    ledger.flush().unwrap();
    ledger.votes(&filter).unwrap()
}

#[test]
fn votes_are_summed_by_who_was_asked_and_for_what() {
    let (_folder, path) = place();
    let [ledger, other] = [open(&path), open(&path)];
    ledger.vote(vote(&[answer(1, "best"), answer(2, "cheap")], Some(1)));
    ledger.vote(vote(&[answer(3, "best"), answer(4, "cheap")], Some(4)));
    ledger.vote(vote(&[answer(5, "best"), answer(6, "cheap"), answer(7, "sim/m")], Some(5)));
    ledger.vote(vote(&[answer(8, "best"), answer(9, "cheap")], None));
    let rewrite = Vote {
        purpose: Purpose::Rewrite,
        ..vote(&[answer(10, "best"), answer(11, "cheap")], Some(11))
    };
    other.vote(rewrite);
    other.flush().unwrap();
    let expected = [
        votes("best", "chat", [2, 4, 1]),
        votes("cheap", "chat", [1, 4, 1]),
        votes("sim/m", "chat", [0, 1, 0]),
        votes("cheap", "rewrite", [1, 1, 0]),
        votes("best", "rewrite", [0, 1, 0]),
    ];
    assert_eq!(told(&ledger, VoteFilter::default()), expected);
}

#[test]
fn a_changed_vote_counts_once() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let answers = [answer(1, "best"), answer(2, "cheap")];
    for won in [Some(1), None, Some(2)] {
        ledger.vote(vote(&answers, won));
    }
    let expected = [votes("cheap", "chat", [1, 1, 0]), votes("best", "chat", [0, 1, 0])];
    assert_eq!(told(&ledger, VoteFilter::default()), expected);
    assert_eq!(number(&path, "SELECT count(*) FROM vote"), 2);
}

#[test]
fn a_vote_in_which_a_late_answer_takes_part_replaces_the_one_without_it() {
    let (_folder, path) = place();
    let ledger = open(&path);
    ledger.vote(vote(&[answer(2, "best"), answer(3, "cheap")], Some(2)));
    ledger.vote(vote(&[answer(1, "late"), answer(2, "best"), answer(3, "cheap")], Some(1)));
    assert_eq!(told(&ledger, VoteFilter::default())[0], votes("late", "chat", [1, 1, 0]));
    assert_eq!(number(&path, "SELECT count(*) FROM vote"), 3);
    // And one from which it was taken out again.
    ledger.vote(vote(&[answer(2, "best"), answer(3, "cheap")], Some(3)));
    assert_eq!(told(&ledger, VoteFilter::default())[0], votes("cheap", "chat", [1, 1, 0]));
    assert_eq!(number(&path, "SELECT count(*) FROM vote"), 2);
}

#[test]
fn a_report_is_of_what_is_asked_for() {
    let (_folder, path) = place();
    let ledger = open(&path);
    ledger.vote(vote(&[answer(1, "best"), answer(2, "cheap")], Some(1)));
    let late = Vote {
        voted_ms: 50,
        project: None,
        ..vote(&[answer(3, "best"), answer(4, "cheap")], Some(3))
    };
    ledger.vote(late);
    let best = |filter| told(&ledger, filter)[0].clone();
    let project = Some("/home/ada/engine".to_owned());
    assert_eq!(
        best(VoteFilter { project, ..VoteFilter::default() }),
        votes("best", "chat", [1, 1, 0])
    );
    let since_ms = Some(6);
    assert_eq!(
        best(VoteFilter { since_ms, ..VoteFilter::default() }),
        votes("best", "chat", [1, 1, 0])
    );
    assert_eq!(best(VoteFilter::default()), votes("best", "chat", [2, 2, 0]));
    let by = VotedFor::Deployment;
    assert_eq!(
        told(&ledger, VoteFilter { by, ..VoteFilter::default() }),
        [votes("sim/m", "chat", [2, 4, 0])]
    );
}

#[test]
fn a_vote_holds_no_word_of_what_was_said() {
    let (_folder, path) = place();
    drop(open(&path));
    let text = "SELECT count(*) FROM pragma_table_info('vote') WHERE type <> 'INTEGER'";
    assert_eq!(number(&path, text), 0);
}
