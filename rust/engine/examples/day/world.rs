//! Who is there: 25 upstreams, what each of them suffers from, and when.

use llm_switch_types::{Dialect, Payer};

/// A service that is asked.
pub struct Upstream {
    /// The provider's name in the configuration.
    pub name: &'static str,
    /// Those that stand in for each other.
    pub group: &'static str,
    /// Who pays.
    pub payer: Payer,
    /// How many accounts are there, with a key each.
    pub keys: usize,
    /// The script that its model plays.
    pub plays: &'static str,
    /// What it suffers from, for a person.
    pub fault: &'static str,
    /// What befalls its first key, and when.
    pub troubles: &'static [Trouble],
}

/// A time at which a key gets another script than its model plays.
pub struct Trouble {
    /// From when until when, in minutes of the day.
    pub minutes: std::ops::Range<i64>,
    /// What it gets.
    pub script: &'static str,
}

/// The group whose answers must be of the model that was asked.
pub const STRICT: &str = "strict";

/// The group in which at some time nobody can answer.
pub const FORLORN: &str = "forlorn";

/// The group of one, in whose place nobody answers: who asks it too often has
/// to wait.
pub const LONE: &str = "lone";

const fn of(
    name: &'static str,
    group: &'static str,
    payer: Payer,
    keys: usize,
    plays: &'static str,
    fault: &'static str,
    troubles: &'static [Trouble],
) -> Upstream {
    Upstream { name, group, payer, keys, plays, fault, troubles }
}

const fn at(from: i64, until: i64, script: &'static str) -> Trouble {
    Trouble { minutes: from..until, script }
}

use Payer::{Free, Metered};

/// All of them. A group's last one is always well, but in [`FORLORN`]
/// and [`LONE`].
#[rustfmt::skip]
pub const UPSTREAMS: [Upstream; 25] = [
    of("daily-1", "draft", Free, 2, "most:4:86400:tokens:9", "4 a day", &[]),
    of("limited-1", "draft", Free, 2, "most:1:2:tokens:9", "1 in 2 s", &[]),
    of("slow-1", "draft", Free, 1, "slow:60:tokens:9", "slow", &[]),
    of("steady-1", "draft", Metered, 1, "tokens:9", "", &[]),
    of("limited-2", LONE, Metered, 1, "most:2:1:tokens:9", "2 a second", &[]),
    of("dead-1", "review", Metered, 2, "tokens:12", "dead key", &[at(130, 545, "slow:60:status:401")]),
    of("funds-1", "review", Metered, 1, "tokens:12", "no funds", &[at(250, 780, "slow:60:error:quota")]),
    of("busy-1", "review", Metered, 1, "tokens:12", "overload", &[at(370, 475, "slow:60:status:503"), at(900, 935, "status:529")]),
    of("failing-1", "review", Free, 1, "tokens:12", "fails", &[at(610, 720, "slow:60:status:500"), at(1090, 1125, "status:502:html")]),
    of("steady-2", "review", Metered, 1, "tokens:12", "", &[]),
    of("cut-1", "refactor", Metered, 1, "tokens:7", "cut", &[at(310, 420, "cut:3")]),
    of("reset-1", "refactor", Free, 1, "tokens:7", "reset", &[at(490, 545, "reset:4")]),
    of("torn-1", "refactor", Metered, 1, "tokens:7", "torn", &[at(670, 790, "truncate:3")]),
    of("midway-1", "refactor", Metered, 1, "tokens:7", "fails midway", &[at(850, 960, "midstream:openai")]),
    of("steady-3", "refactor", Free, 1, "tokens:7", "", &[]),
    of("other-1", "explain", Metered, 1, "served:another-model", "other model", &[]),
    of("small-1", "explain", Free, 1, "room:40:tokens:8", "40 tokens", &[]),
    of("small-2", "explain", Metered, 1, "room:400:tokens:8", "400 tokens", &[]),
    of("daily-2", "explain", Free, 3, "most:3:86400:tokens:8", "3 a day", &[]),
    of("steady-4", "explain", Free, 1, "tokens:8", "", &[]),
    of("dead-2", FORLORN, Free, 1, "tokens:6", "dead key", &[at(70, 1180, "status:401")]),
    of("funds-2", FORLORN, Metered, 1, "tokens:6", "no funds", &[at(130, 1250, "status:402")]),
    of("daily-3", FORLORN, Free, 1, "most:6:86400:tokens:6", "6 a day", &[]),
    of("other-2", STRICT, Metered, 1, "served:another-model", "other model", &[]),
    of("steady-5", STRICT, Metered, 1, "tokens:5", "", &[]),
];

/// The model that every one of them has.
pub const MODEL: &str = "model";

impl Upstream {
    /// Its accounts, in the order of their keys.
    pub fn accounts(&self) -> Vec<String> {
        let letters = ('a'..='z').take(self.keys);
        letters.map(|letter| format!("{}-{letter}", self.name)).collect()
    }

    /// Pico-dollars for a token, in and out: each has its own price, so that
    /// nobody's bill can be taken for another's.
    pub fn price(&self) -> i64 {
        let place = UPSTREAMS.iter().position(|it| it.name == self.name);
        match self.payer {
            Payer::Free => 0,
            _ => 1_000_000 * (1 + place.unwrap_or_default() as i64),
        }
    }

    /// What it speaks: what services say differs most between these three.
    pub fn dialect(&self) -> Dialect {
        match self.group {
            "review" => Dialect::Anthropic,
            "explain" => Dialect::Gemini,
            _ => Dialect::OpenaiChat,
        }
    }

    /// What its first key gets at MINUTE instead of what it asks for.
    pub fn trouble(&self, minute: i64) -> Option<&'static str> {
        self.troubles.iter().find(|it| it.minutes.contains(&minute)).map(|it| it.script)
    }
}

/// The upstream of ACCOUNT.
pub fn upstream(account: &str) -> Option<&'static Upstream> {
    UPSTREAMS.iter().find(|it| it.accounts().iter().any(|name| name == account))
}

/// All accounts, in the order of the table.
pub fn accounts() -> Vec<String> {
    UPSTREAMS.iter().flat_map(Upstream::accounts).collect()
}

/// Whom the route to ACCOUNT leads to: it, and then the others of its group
/// in turn.
pub fn route(account: &str) -> Vec<String> {
    let group = upstream(account).map(|it| it.group);
    let members = UPSTREAMS.iter().filter(|it| Some(it.group) == group);
    let mut all: Vec<String> = members.flat_map(Upstream::accounts).collect();
    let first = all.iter().position(|it| it == account).unwrap_or_default();
    all.rotate_left(first);
    all
}
