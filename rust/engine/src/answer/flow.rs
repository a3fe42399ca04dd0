//! An answer while it arrives.

use super::recording::Recording;
use crate::money::Permit;
use llm_switch_net::Client;
use llm_switch_providers::{Answered, Attempt, attempt};
use llm_switch_types::{Event, Result};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// How often what was received is noted: what a crash may leave uncounted.
const NOTING: Duration = Duration::from_millis(500);

/// Make CALL and HEAR what comes, within what PERMIT allows. RECORDING knows
/// at all times what was received.
///
/// # Errors
/// Those of the call, and [`llm_switch_types::ErrorKind::Refused`] when there
/// is no money for the rest of the answer, or another model answers than may; what was
/// heard stands.
pub(super) async fn flow(
    client: &Client,
    call: Attempt<'_>,
    permit: &mut Permit,
    recording: &mut Recording,
    mut hear: impl FnMut(Event),
) -> Result<Answered> {
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut call = pin!(attempt(client, call, move |event| drop(tell.send(event))));
    let mut noting = interval(NOTING);
    noting.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let end = loop {
        tokio::select! {
            biased;
            Some(event) = told.recv() => {
                recording.note(&event);
                recording.check_served()?;
                hear(event);
                permit.cover(recording.output()).await?;
            }
            end = &mut call => break end,
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
