//! A disk without room. Alone in its file: the limit that plays the full disk
//! holds for the whole process.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{Ledger, NewRequest, Outcome};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

#[test]
fn records_wait_until_the_disk_has_room() {
    let (_folder, path) = place();
    let losses = Losses::default();
    let ledger = Ledger::open_with(impatient(), &path, 0, losses.hear()).unwrap();
    record(&ledger, 1, computed(1));
    ledger.flush().unwrap();

    let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, 64 << 10, hard).unwrap();
    // New names too, which go with the transactions that fail.
    for ms in 0..500 {
        let project = Some(format!("project-{ms}"));
        let asked = ledger.begin_request(NewRequest { project, ..request(ms) });
        ledger.end_request(asked, ms, Outcome::Done);
    }
    let error = ledger.flush().unwrap_err();
    setrlimit(Resource::RLIMIT_FSIZE, soft, hard).unwrap();

    ledger.flush().unwrap();
    assert_eq!(losses.told(), [error.what]);
    assert_eq!(ledger.totals(0, i64::MAX).unwrap().requests, 501);
}
