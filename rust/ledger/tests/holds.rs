//! What budgets let through.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{
    Allowance, AttemptKey, Cap, Demand, Denial, Hold, Ledger, Outcome, RequestKey, Standing,
    Verdict,
};
use llm_switch_types::{Error, ErrorKind, Limit, Money, Payer, Result, Scope, Usage};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

const DAY: i64 = 86_400_000;

fn cap(on: Scope, limit: Limit) -> Cap {
    Cap { budget: "daily".into(), on, window: 0..DAY, limit }
}

fn dollars(pico: i64) -> Cap {
    cap(Scope::Global, Limit::Dollars(Money::from_pico(pico)))
}

fn demand(pico: i64, caps: &[Cap]) -> Demand {
    let hold = Hold { cost: Money::from_pico(pico), tokens: 100 };
    Demand { hold, caps: caps.to_vec(), now_ms: 5, sent: (Usage::default(), Some(Money::ZERO)) }
}

/// Asks for PICO under CAPS, for a request of its own.
fn ask(ledger: &Ledger, ms: i64, pico: i64, caps: &[Cap]) -> Asked {
    let request = ledger.begin_request(request(ms));
    let (tell, hear) = mpsc::channel();
    let attempt =
        ledger.admit(request, attempt(ms, Payer::Metered), demand(pico, caps), move |verdict| {
            tell.send(verdict).unwrap()
        });
    Asked { request, attempt, verdict: hear.recv().unwrap() }
}

struct Asked {
    request: RequestKey,
    attempt: AttemptKey,
    verdict: Result<Verdict>,
}

impl Asked {
    fn left(&self) -> i64 {
        match &self.verdict {
            Ok(Verdict::Granted { money: Some(money), .. }) => money.pico(),
            other => panic!("{other:?}"),
        }
    }

    fn denial(&self) -> &Denial {
        match &self.verdict {
            Ok(Verdict::Denied(denial)) => denial,
            other => panic!("{other:?}"),
        }
    }

    fn granted(&self) -> bool {
        matches!(self.verdict, Ok(Verdict::Granted { .. }))
    }

    fn settle(&self, ledger: &Ledger, pico: i64) {
        ledger.end_attempt(self.attempt, end(50, computed(pico)));
        ledger.end_request(self.request, 51, Outcome::Done);
    }
}

fn extend(ledger: &Ledger, asked: &Asked, pico: i64, caps: &[Cap]) -> Result<Verdict> {
    let (tell, hear) = mpsc::channel();
    ledger.extend(asked.attempt, demand(pico, caps), move |it| tell.send(it).unwrap());
    hear.recv().unwrap()
}

#[test]
fn a_hold_counts_until_it_is_settled_and_then_the_true_cost() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let caps = [dollars(100)];
    let first = ask(&ledger, 1, 60, &caps);
    assert_eq!(first.left(), 40);
    let refused = Denial { cap: 0, spent: 0, held: 60, asked: 50, limit: 100 };
    let second = ask(&ledger, 2, 50, &caps);
    assert_eq!(*second.denial(), refused);
    assert!(refused.may_pass_later());
    first.settle(&ledger, 30);
    assert_eq!(ask(&ledger, 3, 50, &caps).left(), 20);
    assert_eq!(
        *ask(&ledger, 4, 80, &caps).denial(),
        Denial { cap: 0, spent: 30, held: 50, asked: 80, limit: 100 }
    );
    let standing = Standing { spent: 30, held: 50, limit: 100 };
    assert_eq!(ledger.standings(&caps, 5).unwrap(), [standing]);
}

#[test]
fn what_is_denied_leaves_no_attempt() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let denied = ask(&ledger, 1, 60, &[dollars(59)]);
    assert!(!denied.denial().may_pass_later());
    let row = ledger.request(denied.request).unwrap().unwrap();
    assert_eq!((row.attempts.len(), row.outcome), (0, None));
}

#[test]
fn all_budgets_must_agree_and_the_tightest_tells_what_is_left() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let account = Scope::Account("openai-work".into());
    let caps = [dollars(1000), Cap { budget: "work".into(), on: account, ..dollars(100) }];
    assert_eq!(ask(&ledger, 1, 60, &caps).left(), 40);
    assert_eq!(ask(&ledger, 2, 60, &caps).denial().cap, 1);
    let elsewhere = Cap { on: Scope::Account("other".into()), ..caps[1].clone() };
    assert!(ask(&ledger, 3, 60, &[caps[0].clone(), elsewhere]).granted());
}

#[test]
fn every_scope_counts_its_own() {
    let scopes = [
        Scope::Global,
        Scope::Provider("openai".into()),
        Scope::Account("openai-work".into()),
        Scope::Model("gpt-5".into()),
        Scope::Route("coding-best".into()),
        Scope::Project("llm-switch".into()),
        Scope::Client("emacs".into()),
    ];
    let (_folder, path) = place();
    let ledger = open(&path);
    record(&ledger, 1, computed(10));
    ask(&ledger, 2, 5, &[]);
    let stranger = |on: &Scope| match on {
        Scope::Route(_) => Scope::Route("x".into()),
        _ => Scope::Model("x".into()),
    };
    for on in scopes {
        let caps = [
            cap(on.clone(), Limit::Dollars(Money::from_pico(99))),
            cap(stranger(&on), Limit::Requests(9)),
        ];
        let told = ledger.standings(&caps, 5).unwrap();
        assert_eq!(told[0], Standing { spent: 10, held: 5, limit: 99 }, "{on:?}");
        assert_eq!(told[1], Standing { spent: 0, held: 0, limit: 9 }, "{on:?}");
    }
}

#[test]
fn what_was_spent_before_the_budget_was_made_counts() {
    let (_folder, path) = place();
    let ledger = open(&path);
    for ms in [0, DAY - 1, DAY] {
        record(&ledger, ms, computed(10));
    }
    assert_eq!(ask(&ledger, 7, 1, &[dollars(100)]).left(), 79);
    record(&ledger, 8, computed(10));
    assert_eq!(ask(&ledger, 9, 1, &[dollars(100)]).left(), 68);
}

#[test]
fn tokens_and_requests_have_limits_too() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let caps = [cap(Scope::Global, Limit::Tokens(250)), cap(Scope::Global, Limit::Requests(3))];
    let first = ask(&ledger, 1, 0, &caps);
    assert_eq!(first.verdict, Ok(Verdict::Granted { money: None, tokens: Some(150) }));
    assert!(ask(&ledger, 2, 0, &caps).granted());
    assert_eq!(ask(&ledger, 3, 0, &caps).denial().cap, 0);
    first.settle(&ledger, 0); // 15 tokens
    assert!(ask(&ledger, 4, 0, &caps).granted());
    let denial = Denial { cap: 1, spent: 1, held: 2, asked: 1, limit: 3 };
    assert_eq!(*ask(&ledger, 5, 0, &caps[1..]).denial(), Denial { cap: 0, ..denial });
}

#[test]
fn attempts_of_one_request_are_one_request() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let caps = [cap(Scope::Global, Limit::Requests(1))];
    let first = ask(&ledger, 1, 0, &caps);
    ledger.end_attempt(first.attempt, end(2, computed(0)));
    let (tell, hear) = mpsc::channel();
    let again = attempt(3, Payer::Metered);
    ledger.admit(first.request, again, demand(0, &caps), move |it| tell.send(it).unwrap());
    assert!(matches!(hear.recv().unwrap(), Ok(Verdict::Granted { .. })));
    assert!(!ask(&ledger, 4, 0, &caps).granted());
}

#[test]
fn a_hold_can_grow_and_who_was_first_grows_first() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let caps = [dollars(100)];
    let [older, younger, youngest] = [1, 2, 3].map(|ms| ask(&ledger, ms, 30, &caps));
    assert!(!matches!(extend(&ledger, &older, 60, &caps), Ok(Verdict::Granted { .. })));
    // It would fit, but the older one waits for it.
    assert!(matches!(extend(&ledger, &younger, 35, &caps), Ok(Verdict::Denied(_))));
    assert!(!ask(&ledger, 4, 5, &caps).granted());
    youngest.settle(&ledger, 1);
    assert!(matches!(extend(&ledger, &older, 60, &caps), Ok(Verdict::Granted { .. })));
    assert!(matches!(extend(&ledger, &younger, 35, &caps), Ok(Verdict::Granted { .. })));
    assert_eq!(ask(&ledger, 5, 4, &caps).left(), 0);
}

#[test]
fn nothing_is_granted_to_what_is_over() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let asked = ask(&ledger, 1, 1, &[]);
    asked.settle(&ledger, 1);
    assert_eq!(extend(&ledger, &asked, 2, &[]).unwrap_err().kind, ErrorKind::Store);
    let (tell, hear) = mpsc::channel::<Result<Verdict>>();
    let late = attempt(9, Payer::Metered);
    ledger.admit(asked.request, late, demand(1, &[]), move |it| tell.send(it).unwrap());
    assert_eq!(hear.recv().unwrap().unwrap_err().kind, ErrorKind::Store);
}

#[test]
fn the_owner_may_allow_more_for_some_time() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let caps = [dollars(100)];
    ledger.allow(Allowance { budget: "daily".into(), extra: 50, made_ms: 1, until_ms: 10 });
    ledger.allow(Allowance { budget: "daily".into(), extra: 99, made_ms: 1, until_ms: 5 });
    assert_eq!(ask(&ledger, 2, 140, &caps).left(), 10);
    assert_eq!(ledger.standings(&caps, 10).unwrap()[0].limit, 100);
}

#[test]
fn an_alert_is_news_once_for_each_window_and_threshold() {
    let (_folder, path) = place();
    let ledgers = [open(&path), open(&path)];
    let mut news = Vec::new();
    for (start, threshold) in [(0, 5000), (0, 8000), (DAY, 5000)] {
        for ledger in &ledgers {
            let (tell, hear) = mpsc::channel();
            ledger.alert("daily", start, threshold, 1, move |it| tell.send(it).unwrap());
            news.push(hear.recv().unwrap().unwrap());
        }
    }
    assert_eq!(news, [true, false, true, false, true, false]);
}

#[test]
fn overshoot_counts_at_the_next_admission() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let asked = ask(&ledger, 1, 10, &[dollars(100)]);
    asked.settle(&ledger, 120);
    assert_eq!(ask(&ledger, 2, 1, &[dollars(100)]).denial().spent, 120);
    let overshoot = "SELECT sum(max(0, cost_pico - held_pico)) FROM attempt";
    assert_eq!(number(&path, overshoot), 110);
}

#[test]
fn a_ledger_that_cannot_be_written_grants_nothing_and_says_so_at_once() {
    let (_folder, path) = place();
    let losses = Losses::default();
    let ledger = Ledger::open_with(impatient(), &path, 0, losses.hear()).unwrap();
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let asked: Vec<_> = (1..5).map(|ms| ask(&ledger, ms, 10, &[dollars(100)])).collect();
    for asked in &asked {
        let Err(Error { kind, .. }) = &asked.verdict else { panic!("{:?}", asked.verdict) };
        assert_eq!(*kind, ErrorKind::Store);
    }
    drop(holder);
    ledger.flush().unwrap();
    // What was refused is not written down later all the same.
    assert_eq!(ledger.standings(&[dollars(100)], 9).unwrap()[0].held, 0);
    assert_eq!(ask(&ledger, 9, 10, &[dollars(100)]).left(), 90);
}

#[test]
fn two_processes_share_one_budget() {
    let (_folder, path) = place();
    let ledgers = [open(&path), open(&path)];
    let caps = [dollars(37)];
    let granted = std::thread::scope(|scope| {
        let racers = ledgers.each_ref().map(|ledger| {
            scope.spawn(|| (0..100).filter(|ms| ask(ledger, *ms, 1, &caps).granted()).count())
        });
        racers.into_iter().map(|racer| racer.join().unwrap()).sum::<usize>()
    });
    assert_eq!(granted, 37);
}

/// Holds everything, says so, and waits to be killed.
fn hold_everything(path: &Path) {
    let ledger = open(path);
    assert!(ask(&ledger, 1, 100, &[dollars(100)]).granted());
    std::io::stdout().write_all(b"\nheld\n").unwrap();
    loop {
        std::thread::park();
    }
}

#[test]
fn what_a_dead_process_held_is_free_although_nobody_opens_the_ledger_anew() {
    if let Some(path) = handed_path() {
        return hold_everything(&path);
    }
    let (_folder, path) = place();
    let ledger = open(&path);
    let name = "what_a_dead_process_held_is_free_although_nobody_opens_the_ledger_anew";
    let mut child = other_process(name, &path).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    said.map(|line| line.unwrap()).find(|line| line == "held").unwrap();
    let caps = [dollars(100)];
    assert!(ask(&ledger, 2, 100, &caps).denial().may_pass_later());
    kill(child);
    let tries = (3..1_000).take_while(|ms| {
        std::thread::sleep(Duration::from_millis(20));
        !ask(&ledger, *ms, 100, &caps).granted()
    });
    assert!(tries.count() < 990, "it is held for ever");
}
