//! One request, from what Lisp submitted to its terminal event.
//!
//! `turns` asks those that `choice` names, one after the other; `attempt` asks
//! one of them, in other words where it has to (`correction`); `classify` has a
//! small model look at a request first, where the user wants that; `flow` is the
//! answer while it arrives, `spoken` what was heard of it; `entry` and
//! `recording` are the request and the attempt in the ledger.

mod attempt;
mod classify;
mod correction;
mod entry;
mod flow;
mod outcome;
mod preview;
mod recording;
mod spoken;
mod turns;

pub(crate) use preview::preview;

use crate::choice::{Wanted, wanted};
use crate::core::Core;
use crate::event::Body;
use crate::intake::{self, Ask};
use crate::ledger::now_ms;
use crate::terminal::Terminal;
use classify::classified;
use entry::Entry;
use llm_switch_ledger::{NewRequest, Outcome};
use llm_switch_types::{Error, Money};
use serde_json::{Value, json};
use std::sync::Arc;
use turns::Turns;

/// Answer what TEXT asks; TERMINAL gets the end, whatever it is.
pub(crate) async fn answer(core: Arc<Core>, terminal: Terminal, text: String) {
    let read = intake::read(&text);
    drop(text);
    let end = match read {
        Ok(asked) => {
            let asked = Ask { unfinished: terminal.unfinished.clone(), ..asked };
            ask(&core, terminal.id(), asked).await
        }
        Err(error) => Err((error, Value::Null)),
    };
    match end {
        Ok(known) => terminal.finish(Body::Done(known)),
        Err((error, known)) => terminal.fail(error, known),
    }
}

/// What is known of an answer when it has ended; see [`recording`].
pub(crate) type Known = Value;

/// Ask what ASK says, for the job of ID.
pub(crate) async fn ask(
    core: &Arc<Core>,
    id: i64,
    mut ask: Ask,
) -> std::result::Result<Known, (Error, Known)> {
    let nothing_known = |error| (error, Value::Null);
    let setup = core.setup().await.map_err(nothing_known)?;
    core.memory.restore_in(&mut ask.request);
    ask.classified = classified(core, id, &setup, &ask).await;
    let wanted = wanted(core, id, &setup, &ask).await.map_err(nothing_known)?;
    let entry = Entry::begin(core.ledger.get().await, new_request(&ask, &wanted));
    let mut turns = Turns::new(core, id, setup, ask, wanted, entry);
    let end = turns.run().await;
    let outcome = end.as_ref().map_or_else(|(it, _)| Outcome::Failed(it.kind), |_| Outcome::Done);
    let spent = turns.entry.spent();
    turns.entry.end(outcome);
    end.map_err(|(error, known)| (error, with_cost(known, spent)))
}

/// KNOWN, with what all attempts have cost where it is not about one of them:
/// who is refused at last may have been billed before.
fn with_cost(known: Known, spent: Money) -> Known {
    match known {
        Value::Null if spent > Money::ZERO => json!({"request-cost": spent}),
        known => known,
    }
}

fn new_request(ask: &Ask, wanted: &Wanted) -> NewRequest {
    NewRequest {
        started_ms: now_ms(),
        purpose: ask.purpose,
        client: ask.client.clone(),
        project: ask.project.clone(),
        route: wanted.route.clone(),
        requested: ask.asked.to_string(),
    }
}
