//! What is tried, and what must hold.
//!
//! A token costs a micro-dollar, in and out, and all prompts are alike. A hold
//! is larger than a cost: nobody has counted the prompt yet, and a byte may be
//! a token.

use crate::job::{Job, PROMPT};
use crate::race::Outcome;
use crate::report::dollars;
use fastrand::Rng;
use std::time::Duration;

/// Pico-dollars in a micro-dollar.
const MICRO: i64 = 1_000_000;
/// How many ask at once.
const REQUESTS: usize = 200;
/// How many of them a cap is worth.
const AFFORDABLE: i64 = 37;
/// The output limit that users state.
const STATED: u64 = 200;
/// What an answer has where nobody states a limit.
const UNSTATED: u64 = 300;
/// Tokens of thought beyond the limit.
const HIDDEN: u64 = 400;
/// Tokens a second of the slow answers.
const RATE: i64 = 100;

/// One case.
pub struct Case {
    pub number: u32,
    pub name: &'static str,
    /// The budget's limit, in pico-dollars.
    pub cap: i64,
    /// The smallest hold that makes sense, in pico-dollars.
    pub least: i64,
    /// Jobs that are asked at once, one list after the other.
    pub waves: Vec<Vec<Job>>,
    /// After which time each process is killed, if at all.
    pub deaths: Vec<Option<Duration>>,
    /// What must hold beside what holds for all.
    pub verdict: fn(&Case, &mut Outcome),
    /// What else is worth a line.
    pub remark: fn(&Outcome) -> Option<String>,
}

/// All cases; what is random in them follows from SEED.
pub fn all(seed: u64) -> Vec<Case> {
    let mut rng = Rng::with_seed(seed);
    vec![stated(), mixed(&mut rng), unstated(), fallback(), overshoot()]
}

/// What a request of OUTPUT tokens costs.
fn cost(output: u64) -> i64 {
    (PROMPT + output) as i64 * MICRO
}

/// What is held for it: 4 bytes of prompt for each token, 16 tokens around the
/// message, 64 around all.
fn hold(output: u64) -> i64 {
    (4 * PROMPT + 16 + 64 + output) as i64 * MICRO
}

/// A cap that lets exactly [`AFFORDABLE`] requests of OUTPUT tokens through:
/// the last one must find its hold, when the others are settled.
fn cap(output: u64) -> i64 {
    (AFFORDABLE - 1) * cost(output) + hold(output)
}

impl Case {
    fn new(number: u32, name: &'static str, cap: i64, least: i64, jobs: Vec<Job>) -> Case {
        let (verdict, remark) = (|_: &Case, _: &mut Outcome| (), |_: &Outcome| None);
        Case { number, name, cap, least, waves: vec![jobs], deaths: Vec::new(), verdict, remark }
    }

    /// How many jobs it has.
    pub fn asked(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }

    /// The configuration, with the simulator at URL. The window is a month, so
    /// that a race does not meet its end at midnight.
    pub fn config(&self, url: &str) -> String {
        format!(
            "[provider.sim]\nbase-url = '{url}'\ndialect = 'openai-chat'\npayer = 'metered'\n\
             [provider.free]\nbase-url = '{url}'\ndialect = 'openai-chat'\npayer = 'free'\n\
             [price.'sim/*']\nper-million = '1'\n\
             [route.both]\nuse = ['free/status:500', 'sim/{ANSWER}']\n\
             max-output-tokens = {STATED}\n\
             [[budget]]\nname = 'race'\non = 'global'\nwindow = 'month'\nlimit = '{}'\n",
            dollars(self.cap).trim_start_matches('$')
        )
    }
}

/// An answer that goes on until the limit, in a tenth of a second.
const ANSWER: &str = "metered:tokens:1000@2000";

fn stated() -> Case {
    let jobs = vec![Job::script(ANSWER, Some(STATED)); REQUESTS];
    let case = Case::new(1, "a stated limit", cap(STATED), hold(STATED), jobs);
    Case { verdict: exactly_the_affordable, ..case }
}

fn fallback() -> Case {
    let job = Job { model: "sw/both".into(), limit: None, cancel_after: None };
    let case =
        Case::new(4, "free fails, paid answers", cap(STATED), hold(STATED), vec![job; REQUESTS]);
    Case { verdict: exactly_the_affordable, ..case }
}

fn exactly_the_affordable(_: &Case, outcome: &mut Outcome) {
    let (rows, served) = (outcome.seen.rows, outcome.served);
    let due = AFFORDABLE * cost(STATED);
    outcome.check(rows.attempts == AFFORDABLE, || format!("not {AFFORDABLE} were admitted"));
    outcome.check(rows.spent == due, || format!("that costs {}", dollars(due)));
    outcome.check(rows.overshoot == 0, || "more was billed than held".into());
    let billed = served.tokens as i64 * MICRO;
    outcome.check(billed == due, || format!("the simulator bills {}", dollars(billed)));
    let refused = REQUESTS - AFFORDABLE as usize;
    outcome.check(outcome.refusals.len() == refused, || format!("not {refused} were refused"));
}

fn unstated() -> Case {
    let script = format!("metered:tokens:{UNSTATED}@1000");
    let jobs = vec![Job::script(&script, None); REQUESTS];
    let least = hold(64);
    let case = Case::new(3, "no limit at all", AFFORDABLE * cost(UNSTATED), least, jobs);
    Case { verdict: nothing_is_left_lying, ..case }
}

fn nothing_is_left_lying(case: &Case, outcome: &mut Outcome) {
    let rows = outcome.seen.rows;
    let left = case.cap - rows.spent;
    let all_ran = outcome.refusals.is_empty();
    outcome.check(all_ran || left < cost(UNSTATED), || {
        format!("{} is left, and somebody was refused", dollars(left))
    });
    outcome.check(rows.spent <= case.cap, || "the cap was passed".into());
}

fn mixed(rng: &mut Rng) -> Case {
    let jobs = (0..REQUESTS).map(|_| any_job(rng)).collect();
    let mut deaths = vec![None; crate::crew::PROCESSES];
    // While the first answers come, which take two seconds: later a process may
    // have none of its own just then.
    for death in deaths.iter_mut().take(2) {
        *death = Some(Duration::from_millis(rng.u64(300..1_800)));
    }
    rng.shuffle(&mut deaths);
    let case = Case::new(2, "cut, failed, killed", cap(STATED), hold(STATED), jobs);
    Case { deaths, verdict: as_the_simulator_says, remark: difference, ..case }
}

/// A job that may go wrong.
fn any_job(rng: &mut Rng) -> Job {
    let slow = format!("metered:tokens:1000@{RATE}");
    let script = match rng.u32(..12) {
        0..=3 => slow,
        4 => format!("metered:tokens:60@{RATE}"),
        5 => "drip:10:cut:40".into(),
        6 => "drip:10:truncate:40".into(),
        7 => "drip:10:reset:40".into(),
        8 => "midstream".into(),
        9 => "status:500".into(),
        _ => {
            let cancel_after = Some(rng.u64(..1_500));
            return Job { cancel_after, ..Job::script(&slow, Some(STATED)) };
        }
    };
    Job::script(&script, Some(STATED))
}

/// What estimates may differ by, in tokens, below and above what was served.
/// An estimate is a token for every four bytes that arrived, and those of the
/// prompt. A token or two may be under way when somebody leaves; of who was
/// killed what came last is not noted; and the prompt of who leaves early may
/// not have arrived.
fn tolerance(outcome: &Outcome) -> (i64, i64) {
    let rows = outcome.seen.rows;
    (rows.crashed * RATE + rows.cut * 20, rows.cut * (PROMPT as i64 + 5))
}

/// What the rows say beyond what was served, in tokens.
fn beyond(outcome: &Outcome) -> i64 {
    outcome.seen.rows.spent / MICRO - outcome.served.tokens as i64
}

fn as_the_simulator_says(case: &Case, outcome: &mut Outcome) {
    let (below, above) = tolerance(outcome);
    let beyond = beyond(outcome);
    outcome.check((-below..=above).contains(&beyond), || {
        format!("the rows differ by {beyond} tokens from what was served")
    });
    outcome.check(outcome.seen.rows.crashed > 0, || "nobody died at the wrong time".into());
    let spent = outcome.seen.rows.spent;
    outcome.check(spent <= case.cap, || "the cap was passed".into());
}

fn difference(outcome: &Outcome) -> Option<String> {
    let (below, above) = tolerance(outcome);
    let rows = outcome.seen.rows;
    Some(format!(
        "{} of {} answers did not come to their end ({} of killed processes). Their cost is an \
         estimate:\n  a token for four bytes, of the prompt and of what arrived. All in all the \
         rows say {:+} tokens\n  beside the {} that the simulator has served; that rule allows \
         -{below} to +{above}.",
        rows.cut,
        rows.attempts,
        rows.crashed,
        beyond(outcome),
        outcome.served.tokens
    ))
}

fn overshoot() -> Case {
    let script = format!("hidden:{HIDDEN}:{ANSWER}");
    let wave = vec![Job::script(&script, Some(STATED)); 5];
    let case = Case::new(5, "hidden reasoning", 5 * hold(STATED), hold(STATED), wave.clone());
    Case { waves: vec![wave.clone(), wave], verdict: overshoot_counts, ..case }
}

/// What a service bills beyond its hold is in the rows, and whoever comes
/// after is refused for it.
fn overshoot_counts(case: &Case, outcome: &mut Outcome) {
    let rows = outcome.seen.rows;
    let beyond = rows.attempts * (cost(STATED + HIDDEN) - hold(STATED));
    outcome.check(rows.attempts > 0 && rows.overshoot == beyond, || {
        format!("{} was billed beyond the holds", dollars(beyond))
    });
    let spent = rows.attempts * cost(STATED + HIDDEN);
    outcome.check(rows.spent == spent, || format!("{} was billed", dollars(spent)));
    let told = outcome.refusals.iter().filter(|it| it.spent == spent).count();
    outcome.check(told >= case.waves[1].len(), || "who came after was not refused for it".into());
}
