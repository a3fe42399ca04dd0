//! What a user writes about modes, and what it means.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_types::{DataRule, Locality, Mode, Origin, Payer, WhenNone};

fn mode(name: &str, text: &str) -> Mode {
    Config::parse(text).unwrap().modes.remove(name).unwrap()
}

#[test]
fn without_a_word_the_five_modes_are_there_and_ask() {
    let config = Config::parse("").unwrap();
    let names: Vec<_> = config.modes.keys().map(String::as_str).collect();
    assert_eq!(names, ["auto", "cloud", "free", "local", "proxy"]);
    let built_in = |mode: &Mode| mode.origin == Origin::Default && mode.when_none == WhenNone::Ask;
    assert!(config.modes.values().all(built_in));
}

#[test]
fn a_built_in_mode_is_changed_in_what_is_said_and_keeps_the_rest() {
    let text = "[mode.local]\nroute = 'near'\n[route.near]\nuse = ['ollama/x']\n";
    let local = mode("local", text);
    assert_eq!(
        (local.allow.as_slice(), local.route.as_deref()),
        ([Locality::Local].as_slice(), Some("near"))
    );
    assert_eq!(local.origin, Origin::File);
    let free = mode("free", "[mode.free]\nallow = ['cloud']\n");
    assert_eq!((free.allow, free.payers), (vec![Locality::Cloud], vec![Payer::Free]));
}

#[test]
fn the_users_own_network_can_count_as_near() {
    let local = mode("local", "[mode.local]\nallow = ['local', 'lan']\n");
    assert_eq!(local.allow, [Locality::Local, Locality::Lan]);
}

#[test]
fn a_mode_of_the_users_own_says_all_that_one_can_say() {
    let text = "[mode.work]\nallow = ['cloud']\npayers = ['plan']\ndata = 'no-keeping'\n\
                when-none = 'mode:local'\n";
    let work = mode("work", text);
    assert_eq!((work.payers, work.data), (vec![Payer::Plan], DataRule::NoKeeping));
    assert_eq!(work.when_none, WhenNone::Mode("local".into()));
    let open = mode("open", "[mode.open]\nallow = ['cloud']\nwhen-none = 'fail'\n");
    assert_eq!((open.payers.len(), open.data, open.when_none), (3, DataRule::Any, WhenNone::Fail));
}

#[test]
fn the_default_mode_must_be_there() {
    let named = Config::parse("default-mode = 'free'\n").unwrap().default_mode;
    assert_eq!(named.as_deref(), Some("free"));
    let told = Config::parse("time-zone = 'UTC'\ndefault-mode = 'fre'\n").unwrap_err().what;
    assert_eq!(told, "line 2: there is no mode \"fre\": did you mean \"free\"?");
}
