//! An answer while it arrives.

use super::recording::Recording;
use crate::money::Permit;
use llm_switch_net::Client;
use llm_switch_providers::{Answered, Attempt, attempt};
use llm_switch_types::{Error, ErrorKind, Event, Result};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// How often what was received is noted: what a crash may leave uncounted.
const NOTING: Duration = Duration::from_millis(500);

/// Make CALL and HEAR what comes, within what PERMIT allows. RECORDING knows
/// at all times what was received. WITHIN is how long nothing may be heard.
///
/// # Errors
/// Those of the call; [`ErrorKind::Network`] when nothing was heard for too
/// long; and [`ErrorKind::Refused`] when there is no money for the rest of the
/// answer, or another model answers than may; what was heard stands.
pub(super) async fn flow(
    client: &Client,
    call: Attempt<'_>,
    permit: &mut Permit,
    recording: &mut Recording,
    within: Option<Duration>,
    mut hear: impl FnMut(Event),
) -> Result<Answered> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut call = pin!(attempt(client, call, move |event| drop(tell.send(event))));
    let mut noting = interval(NOTING);
    noting.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut silence = pin!(sleep(within.unwrap_or_default()));
    let mut is_silent = within.is_some();
    let end = loop {
        tokio::select! {
            biased;
            Some(event) = told.recv() => {
                is_silent &= !is_word(&event);
                recording.note(&event);
                recording.check_served()?;
                hear(event);
                permit.cover(recording.output()).await?;
            }
            end = &mut call => break end,
            () = &mut silence, if is_silent => {
                recording.given_up = true;
                break Err(silent(within));
            }
            _ = noting.tick() => recording.write_down(),
        }
    };
    while let Ok(event) = told.try_recv() {
        recording.note(&event);
        recording.check_served()?;
        hear(event);
    }
    end
}

/// Whether EVENT is a part of an answer. Services open a stream, and say who
/// answers, long before there is one.
const fn is_word(event: &Event) -> bool {
    matches!(event, Event::Text(_) | Event::Reasoning(_) | Event::ToolCall(_))
}

fn silent(within: Option<Duration>) -> Error {
    let seconds = within.unwrap_or_default().as_secs();
    Error::new(ErrorKind::Network, format!("no word of an answer came within {seconds} s"))
        .advise("Allow more with first-token-within at the route, or ask another")
}
