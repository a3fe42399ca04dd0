//! Random histories of holds, beside a model that knows nothing of SQL.
//!
//! Several processes ask, extend, settle at the hold, below and above it,
//! fail, are cancelled and die. After each step the ledger must have given
//! the model's verdict, and spending plus holds must not pass the cap but by
//! what was billed above its hold.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{
    AttemptKey, Cap, Demand, Hold, Ledger, Options, Outcome, RequestKey, Verdict,
};
use llm_switch_types::{ErrorKind, Limit, Money, Payer, Scope, Usage};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

const RUNS: u64 = 1_000;
const STEPS: u64 = 24;
const PROCESSES: usize = 3;
const ACCOUNTS: [&str; 2] = ["work", "home"];

/// An open attempt, as the model knows it.
struct Open {
    process: usize,
    request: RequestKey,
    account: &'static str,
    held: i64,
    noted: i64,
    starving: bool,
}

struct World {
    path: PathBuf,
    ledgers: Vec<Option<Ledger>>,
    now: i64,
    limits: BTreeMap<&'static str, i64>,
    spent: BTreeMap<&'static str, i64>,
    open: BTreeMap<AttemptKey, Open>,
    overshoot: i64,
}

impl World {
    fn new(path: &Path, dice: &mut Dice) -> World {
        let limits =
            [("work", 1 + dice.below(60)), ("home", 1 + dice.below(60)), ("", 1 + dice.below(90))];
        World {
            path: path.to_owned(),
            ledgers: (0..PROCESSES).map(|_| Some(launch(path))).collect(),
            now: 1,
            limits: limits.map(|(name, limit)| (name, limit as i64)).into(),
            spent: BTreeMap::new(),
            open: BTreeMap::new(),
            overshoot: 0,
        }
    }

    fn ledger(&self, process: usize) -> &Ledger {
        self.ledgers[process].as_ref().unwrap()
    }

    fn caps(&self, account: &'static str) -> Vec<Cap> {
        let cap = |name: &str, on| Cap {
            budget: name.to_owned(),
            on,
            window: 0..i64::MAX,
            limit: Limit::Dollars(Money::from_pico(self.limits[name])),
        };
        vec![cap(account, Scope::Account(account.into())), cap("", Scope::Global)]
    }

    fn demand(&self, account: &'static str, pico: i64, noted: i64) -> Demand {
        Demand {
            hold: Hold { cost: Money::from_pico(pico), tokens: 0 },
            caps: self.caps(account),
            now_ms: self.now,
            sent: (Usage::default(), Some(Money::from_pico(noted))),
        }
    }

    /// What the model says to PICO more for ACCOUNT, but for what ASKER holds.
    fn allows(&self, account: &'static str, pico: i64, asker: Option<AttemptKey>) -> bool {
        [account, ""].iter().all(|scope| {
            let counts = |open: &Open| scope.is_empty() || open.account == *scope;
            let others: Vec<_> =
                self.open.iter().filter(|(key, it)| Some(**key) != asker && counts(it)).collect();
            let held: i64 = others.iter().map(|(_, it)| it.held).sum();
            let older = |key: &AttemptKey| asker.is_none_or(|asker| *key < asker);
            let starving = others.iter().any(|(key, it)| it.starving && older(key));
            self.spent_of(scope) + held + pico <= self.limits[scope] && (pico == 0 || !starving)
        })
    }

    fn spent_of(&self, scope: &str) -> i64 {
        let counts = |name: &str| scope.is_empty() || name == scope;
        self.spent.iter().filter(|(name, _)| counts(name)).map(|(_, pico)| pico).sum()
    }

    fn ask(&mut self, dice: &mut Dice) {
        let (process, account) = (dice.below(3) as usize, ACCOUNTS[dice.below(2) as usize]);
        let (pico, noted) = (dice.below(30) as i64, dice.below(3) as i64);
        let request = self.ledger(process).begin_request(request(self.now));
        let new = llm_switch_ledger::NewAttempt {
            account: account.into(),
            ..attempt(self.now, Payer::Metered)
        };
        let (tell, hear) = mpsc::channel();
        let demand = self.demand(account, pico, noted.min(pico));
        let key =
            self.ledger(process).admit(request, new, demand, move |it| tell.send(it).unwrap());
        let granted = matches!(hear.recv().unwrap().unwrap(), Verdict::Granted { .. });
        assert_eq!(granted, self.allows(account, pico, None), "{pico} for {account}");
        if granted {
            let noted = noted.min(pico);
            let open = Open { process, request, account, held: pico, noted, starving: false };
            self.open.insert(key, open);
        } else {
            self.ledger(process).end_request(
                request,
                self.now,
                Outcome::Failed(ErrorKind::Refused),
            );
        }
    }

    fn pick(&self, dice: &mut Dice) -> Option<AttemptKey> {
        let at = dice.below(self.open.len().max(1) as u64) as usize;
        self.open.keys().nth(at).copied()
    }

    fn extend(&mut self, dice: &mut Dice) {
        let Some(key) = self.pick(dice) else { return };
        let Open { process, account, held, .. } = self.open[&key];
        let pico = held + dice.below(20) as i64;
        let (tell, hear) = mpsc::channel();
        let demand = self.demand(account, pico, 0);
        self.ledger(process).extend(key, demand, move |it| tell.send(it).unwrap());
        let granted = matches!(hear.recv().unwrap().unwrap(), Verdict::Granted { .. });
        assert_eq!(granted, self.allows(account, pico, Some(key)), "{pico} for {account}");
        let open = self.open.get_mut(&key).unwrap();
        open.starving = !granted;
        open.held = if granted { pico } else { held };
    }

    fn note(&mut self, dice: &mut Dice) {
        let Some(key) = self.pick(dice) else { return };
        let open = self.open.get_mut(&key).unwrap();
        open.noted = open.noted.max(dice.below(open.held as u64 + 1) as i64);
        let (process, noted) = (open.process, Money::from_pico(open.noted));
        self.ledger(process).note(key, &Usage::default(), Some(noted));
        self.ledger(process).flush().unwrap();
    }

    fn settle(&mut self, dice: &mut Dice) {
        let Some(key) = self.pick(dice) else { return };
        let Open { process, request, account, held, .. } = self.open.remove(&key).unwrap();
        let cost = match dice.below(5) {
            0 => held,
            1 => 0,
            2 => held + dice.below(9) as i64,
            _ => dice.below(held as u64 + 1) as i64,
        };
        let ledger = self.ledger(process);
        ledger.end_attempt(key, end(self.now, computed(cost)));
        ledger.end_request(request, self.now, Outcome::Done);
        ledger.flush().unwrap();
        self.count(account, cost, held);
    }

    fn count(&mut self, account: &'static str, cost: i64, held: i64) {
        *self.spent.entry(account).or_default() += cost;
        self.overshoot += (cost - held).max(0);
    }

    /// A process dies, and another one takes its place, which finds what was
    /// left open.
    fn die(&mut self, dice: &mut Dice) {
        let process = dice.below(3) as usize;
        drop(self.ledgers[process].take());
        self.ledgers[process] = Some(launch(&self.path));
        let dead: Vec<_> =
            self.open.iter().filter(|(_, it)| it.process == process).map(|(key, _)| *key).collect();
        for key in dead {
            let Open { account, noted, held, .. } = self.open.remove(&key).unwrap();
            self.count(account, noted, held);
        }
    }

    fn check(&self) {
        for account in ACCOUNTS {
            let told = self.ledger(0).standings(&self.caps(account), self.now).unwrap();
            for (scope, told) in [account, ""].iter().zip(told) {
                assert_eq!(told.spent, self.spent_of(scope), "{scope:?}");
                let counts = |open: &&Open| scope.is_empty() || open.account == *scope;
                let held: i64 = self.open.values().filter(counts).map(|it| it.held).sum();
                assert_eq!(told.held, held, "{scope:?}");
                assert!(told.spent + told.held <= told.limit + self.overshoot, "{scope:?}");
            }
        }
    }
}

fn launch(path: &Path) -> Ledger {
    let patient = Options { patience: Duration::from_secs(30), ..Options::default() };
    Ledger::open_with(patient, path, 0, |loss| panic!("{loss}")).unwrap()
}

#[test]
fn no_history_passes_a_cap() {
    // The disk is not what is tried here.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.unwrap();
    for run in 0..RUNS {
        let mut dice = Dice(run);
        let path = folder.path().join(format!("{run}.db"));
        let mut world = World::new(&path, &mut dice);
        for _ in 0..STEPS {
            world.now += 1;
            match dice.below(12) {
                0..=4 => world.ask(&mut dice),
                5..=6 => world.extend(&mut dice),
                7 => world.note(&mut dice),
                8..=10 => world.settle(&mut dice),
                _ => world.die(&mut dice),
            }
            world.check();
        }
    }
}
