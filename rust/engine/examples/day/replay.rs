//! What must have become of a request that was asked alone.
//!
//! Who stands first in its route and is not out must have been asked, then the
//! next one if that failed, and so on until one answered; and nobody else.

use crate::book::{Book, Standing};
use crate::life::{Ask, End};
use crate::record::{Fate, Record};
use crate::retries::Retries;
use crate::world::{route, upstream};
use llm_switch_engine::Body;
use llm_switch_types::Payer;

/// How a request must end.
#[derive(Debug)]
enum Due<'a> {
    /// With the answer of this one.
    Answer(&'a Record),
    /// With half an answer, which may be gone on with.
    Half,
    /// With an error, for nobody could answer.
    Nobody,
}

/// Whom ASK may lead to, in its order.
pub fn candidates(ask: &Ask) -> Vec<String> {
    let pays = |account: &String| upstream(account).is_some_and(|it| it.payer != Payer::Free);
    let is_free = ask.mode == "free";
    route(&ask.account).into_iter().filter(|it| !(is_free && pays(it))).collect()
}

/// What is wrong with RECORDS, which are of who was asked for END, which was
/// asked at BEGAN; takes note of them in BOOK.
pub fn faults(book: &mut Book, began: i64, records: &[Record], end: &End) -> Vec<String> {
    let (mut faults, mut left, mut now) = (Vec::new(), records.iter(), began);
    let mut due = Due::Nobody;
    for account in candidates(&end.ask) {
        if book.standing(&account, now) == Standing::Out {
            continue;
        }
        let Some(record) = left.next() else {
            faults.push(format!("{account} could be asked, and was not"));
            break;
        };
        if record.account != account {
            faults.push(out_of_turn(book, record, &account, now));
        }
        book.note(record);
        now = record.ended;
        match record.fate {
            Fate::Answered => due = Due::Answer(record),
            Fate::Broken => due = Due::Half,
            Fate::Unwanted | Fate::Refused(_) => continue,
        }
        break;
    }
    let mut retries = Retries::of(began, matches!(due, Due::Nobody));
    for record in left {
        faults.extend(retries.objection(book, record));
        book.note(record);
        if record.fate == Fate::Answered {
            due = Due::Answer(record);
        }
    }
    let still_due = matches!(due, Due::Nobody).then(|| retries.missing(book, &end.ask)).flatten();
    faults.extend(still_due);
    faults.extend(wrong_end(&due, end));
    faults
}

fn out_of_turn(book: &Book, record: &Record, account: &str, now: i64) -> String {
    let is_out = book.standing(&record.account, now) == Standing::Out;
    let why = if is_out { " although it is known to be out" } else { "" };
    format!("{} was asked{why} when it was {account}'s turn", record.account)
}

/// What is wrong with END, which should be DUE.
fn wrong_end(due: &Due<'_>, end: &End) -> Option<String> {
    match (due, &end.body) {
        (Due::Answer(record), Body::Done(known)) => {
            let named = known["account"] == record.account.as_str();
            let marked = known["substituted"] == record.is_other;
            let text = !end.text.is_empty();
            (!named || !marked || !text).then(|| format!("its answer is told as {known}"))
        }
        (Due::Half, Body::Error(error)) if error["can-continue"] == true => None,
        (Due::Nobody, Body::Error(_)) => None,
        (due, body) => Some(format!("it had to end as {due:?}, and ended as {body:?}")),
    }
}
