//! A ledger of an older version becomes one of the newest, and is kept as it
//! was beside it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{
    Ledger, RanTool, RequestKey, ToolFilter, ToolOutcome, Vote, VoteFilter, VotedAnswer,
};
use llm_switch_types::{ErrorKind, Purpose};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What the first version made of an empty file, and recorded: one request.
const FIRST: &str = concat!(
    include_str!("../src/migrations/0001-requests.sql"),
    "PRAGMA application_id = 0x6C6C7377; PRAGMA user_version = 1; PRAGMA journal_mode = wal;
     INSERT INTO provider VALUES (1, 'openai');
     INSERT INTO account VALUES (1, 'openai-work');
     INSERT INTO model VALUES (1, 'openai-work/gpt-5'), (2, 'gpt-5');
     INSERT INTO purpose VALUES (1, 'chat');
     INSERT INTO client VALUES (1, 'emacs');
     INSERT INTO request VALUES (4096, 0, 1000, 2000, 1, 1, NULL, NULL, 1, 'done');
     INSERT INTO attempt VALUES (8192, 4096, 1, 1, 1, 2, 2, 'metered', 1000, 300, 1900, 200, 'done',
                                 10, 1, 0, 0, 5, 0, 0, 77, 'reported', NULL);
     INSERT INTO spend_hour SELECT started / 3600000, provider, account, model, route, project,
            purpose, client, payer, basis, sum(requests), sum(unknown_requests), sum(attempts),
            sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output),
            sum(reasoning), sum(fees_pico), sum(cost_pico)
       FROM spend GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;"
);

/// What leads from there to the fifth version, and what that recorded.
const FIFTH: &str = concat!(
    include_str!("../src/migrations/0002-account-state.sql"),
    include_str!("../src/migrations/0003-holds.sql"),
    include_str!("../src/migrations/0004-reports.sql"),
    include_str!("../src/migrations/0005-health.sql"),
    "PRAGMA user_version = 5;
     INSERT INTO project VALUES (1, 'engine');
     INSERT INTO request VALUES (12288, 0, 3000, 4000, 1, 1, 1, NULL, 1, 'done');
     INSERT INTO health VALUES (1, 0, 'cooling', NULL, NULL, 3000, 9000, 1, NULL, 0, 3000);"
);

fn first_version() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = place();
    Connection::open(&path).unwrap().execute_batch(FIRST).unwrap();
    (folder, path)
}

fn fifth_version() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = first_version();
    Connection::open(&path).unwrap().execute_batch(FIFTH).unwrap();
    (folder, path)
}

/// What leads from there to the sixth version, and what that recorded.
const SIXTH: &str = concat!(
    include_str!("../src/migrations/0006-tool-calls.sql"),
    "PRAGMA user_version = 6;
     INSERT INTO server VALUES (1, 'git');
     INSERT INTO tool VALUES (1, 'log');
     INSERT INTO tool_call VALUES (1, 0, 3500, 12288, 1, 1, 1, NULL, 30, 10, 200, 'ok');"
);

fn sixth_version() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = fifth_version();
    Connection::open(&path).unwrap().execute_batch(SIXTH).unwrap();
    (folder, path)
}

fn backup(path: &Path) -> PathBuf {
    path.with_file_name("ledger.db.v1.bak")
}

#[test]
fn what_was_recorded_before_is_still_told() {
    let (_folder, path) = first_version();
    let ledger = open(&path);
    let key = serde_json::from_value(4096.into()).unwrap();
    let row = serde_json::to_value(ledger.request(key).unwrap().unwrap()).unwrap();
    assert_eq!(row["requested"], "openai-work/gpt-5");
    let attempt = &row["attempts"][0];
    assert_eq!((&attempt["cost"]["amount"], &attempt["usage"]["output"]), (&77.into(), &5.into()));
    assert!(attempt["sent-bytes"].is_null() && attempt["computed"].is_null(), "{attempt}");
    let totals = ledger.totals(0, 3_600_000 * 24 - 1).unwrap();
    assert_eq!((totals.requests, totals.cost.pico()), (1, 77));
    record(&ledger, 5_000, computed(3));
    ledger.flush().unwrap();
    assert_eq!(ledger.totals(0, 3_600_000 * 24 - 1).unwrap().cost.pico(), 80);
}

#[test]
fn it_is_kept_as_it_was_for_the_user_alone() {
    let (_folder, path) = first_version();
    // What a migration that was cut short left.
    fs::write(path.with_file_name("ledger.db.v1.bak.new"), "half").unwrap();
    drop(open(&path));
    let backup = backup(&path);
    assert_eq!(number(&backup, "PRAGMA user_version"), 1);
    assert_eq!(number(&backup, "PRAGMA application_id"), 0x6C6C_7377);
    assert_eq!(number(&backup, "SELECT sum(cost_pico) FROM attempt"), 77);
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!path.with_file_name("ledger.db.v1.bak.new").exists());
}

#[test]
fn a_ledger_of_the_fifth_version_takes_calls_of_tools_beside_what_it_had() {
    let (_folder, path) = fifth_version();
    let ledger = open(&path);
    let asked: RequestKey = serde_json::from_value(12288.into()).unwrap();
    ledger.record_tool_call(RanTool {
        started_ms: 3_500,
        request: Some(asked),
        server: "git".into(),
        tool: "log".into(),
        project: Some("engine".into()),
        mode: Some("local".into()),
        ms: 30,
        argument_bytes: 10,
        result_bytes: 200,
        outcome: ToolOutcome::Ok,
    });
    ledger.flush().unwrap();
    let here = ToolFilter { project: Some("engine".into()), ..ToolFilter::default() };
    assert_eq!(ledger.tool_report(&here).unwrap()[0].calls, 1);
    assert_eq!(number(&path, "SELECT project FROM tool_call"), 1, "the name that it had already");
    assert_eq!(ledger.request(asked).unwrap().unwrap().project.as_deref(), Some("engine"));
    assert_eq!(ledger.health(0).unwrap().len(), 1);
    assert_eq!(ledger.totals(0, 3_600_000 * 24 - 1).unwrap().cost.pico(), 77);
    assert_eq!(number(&path.with_file_name("ledger.db.v5.bak"), "PRAGMA user_version"), 5);
}

#[test]
fn a_ledger_of_the_sixth_version_takes_votes_beside_what_it_had() {
    let (_folder, path) = sixth_version();
    let ledger = open(&path);
    let answer = |request: i64, asked: &str| VotedAnswer {
        request: serde_json::from_value(request.into()).unwrap(),
        asked: asked.into(),
        account: "openai-work".into(),
        model: "gpt-5".into(),
    };
    let answers = vec![answer(4096, "openai-work/gpt-5"), answer(12288, "coding-best")];
    ledger.vote(Vote {
        voted_ms: 5_000,
        purpose: Purpose::Chat,
        project: Some("engine".into()),
        won: Some(answers[1].request),
        answers,
    });
    ledger.flush().unwrap();
    assert_eq!(ledger.votes(&VoteFilter::default()).unwrap()[0].name, "coding-best");
    let names = "SELECT count(*) FROM vote WHERE project = 1 AND account = 1 AND model = 2";
    assert_eq!(number(&path, names), 2, "the names that it had already");
    assert_eq!(ledger.tool_report(&ToolFilter::default()).unwrap()[0].calls, 1);
    assert_eq!(ledger.totals(0, 3_600_000 * 24 - 1).unwrap().cost.pico(), 77);
    assert_eq!(number(&path.with_file_name("ledger.db.v6.bak"), "PRAGMA user_version"), 6);
}

#[test]
fn a_new_ledger_and_one_of_this_version_need_no_copy() {
    let (folder, path) = place();
    drop(open(&path));
    drop(open(&path));
    let names = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name());
    assert!(!names.into_iter().any(|name| name.to_string_lossy().contains("bak")));
}

#[test]
fn where_no_copy_can_be_made_nothing_is_changed() {
    let (_folder, path) = first_version();
    fs::create_dir_all(backup(&path).join("in the way")).unwrap();
    let error = Ledger::open_with(impatient(), &path, 0, |_| {}).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Store);
    assert!(error.to_string().contains("v1.bak"), "{error}");
    assert_eq!(number(&path, "PRAGMA user_version"), 1);
}
