//! Events on their way to the user interface.

use crate::bell::{Bell, Doorbell};
use crate::event::{Body, Envelope};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// What one drain delivers at most, so that Emacs stays free to redisplay.
const MAX_EVENTS: usize = 256;
const MAX_TEXT: usize = 64 << 10;
/// With less room than this a cut might make no progress.
const MAX_CHAR: usize = 4;
/// How far back to look for text to join. Far more than streams at once.
const JOIN_WINDOW: usize = 256;

/// Events on their way to the user interface.
///
/// Text that waits is joined per id, not only with the newest event, because
/// several streams interleave. So while Emacs is busy a million deltas take
/// the room of their text and nothing else.
pub(crate) struct Queue {
    events: Mutex<VecDeque<Envelope>>,
    bell: Bell,
}

impl Queue {
    pub(crate) fn new(doorbell: Arc<dyn Doorbell>, pace: Duration) -> Self {
        Queue { events: Mutex::default(), bell: Bell::new(doorbell, pace) }
    }

    pub(crate) fn push(&self, id: i64, body: Body) {
        let can_wait = body.can_wait();
        {
            let mut events = self.events.lock();
            let newest = events.iter_mut().rev().take(JOIN_WINDOW).find(|event| event.id == id);
            if !newest.is_some_and(|event| event.body.joins(&body, MAX_TEXT)) {
                events.push_back(Envelope { id, body });
            }
        }
        self.bell.announce(can_wait);
    }

    /// A bounded number of events, oldest first.
    pub(crate) fn take(&self) -> Vec<Envelope> {
        let mut events = self.events.lock();
        let mut taken = Vec::new();
        let mut room = MAX_TEXT;
        while taken.len() < MAX_EVENTS && room >= MAX_CHAR {
            let Some(mut event) = events.pop_front() else { break };
            if let Some(rest) = split_text(&mut event, &mut room) {
                events.push_front(rest);
            }
            taken.push(event);
        }
        self.bell.drained(!events.is_empty());
        taken
    }

    /// Everything, when nothing more will come.
    pub(crate) fn take_all(&self) -> Vec<Envelope> {
        self.events.lock().drain(..).collect()
    }

    /// Put back what could not be delivered. Nobody is rung for it: whoever
    /// failed to deliver is asked again at the next event.
    pub(crate) fn give_back(&self, events: Vec<Envelope>) {
        let mut waiting = self.events.lock();
        for event in events.into_iter().rev() {
            waiting.push_front(event);
        }
    }

    pub(crate) fn close(&self) {
        self.bell.close();
    }

    pub(crate) async fn ring_later(&self) {
        self.bell.ring_later().await;
    }
}

/// Cut the text of EVENT to ROOM bytes, which shrinks by what is used; the
/// rest comes back as an event of its own.
fn split_text(event: &mut Envelope, room: &mut usize) -> Option<Envelope> {
    let (Body::Text(text) | Body::Reasoning(text)) = &mut event.body else { return None };
    let cut = text.floor_char_boundary(*room);
    *room = room.saturating_sub(text.len());
    let rest = text.split_off(cut);
    let body = match &event.body {
        Body::Reasoning(_) => Body::Reasoning(rest),
        _ => Body::Text(rest),
    };
    (!matches!(&body, Body::Text(rest) | Body::Reasoning(rest) if rest.is_empty()))
        .then_some(Envelope { id: event.id, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    #[derive(Default)]
    struct Rings(AtomicUsize);

    impl Doorbell for Rings {
        fn ring(&self) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    fn queue() -> (Queue, Arc<Rings>) {
        let rings = Arc::new(Rings::default());
        (Queue::new(Arc::clone(&rings) as Arc<dyn Doorbell>, Duration::from_secs(3600)), rings)
    }

    fn text(text: &str) -> Body {
        Body::Text(text.into())
    }

    #[test]
    fn text_is_joined_per_id_while_streams_interleave() {
        let (queue, _) = queue();
        for word in ["a", "b", "c"] {
            queue.push(1, text(word));
            queue.push(2, text(word));
        }
        let events: Vec<_> = queue.take().into_iter().map(|it| (it.id, it.body)).collect();
        assert_eq!(events, [(1, text("abc")), (2, text("abc"))]);
    }

    #[test]
    fn order_within_an_id_is_kept() {
        let (queue, _) = queue();
        let bodies = [text("a"), Body::Reasoning("r".into()), text("b"), Body::Done(Value::Null)];
        bodies.iter().for_each(|body| queue.push(1, body.clone()));
        let taken: Vec<_> = queue.take().into_iter().map(|it| it.body).collect();
        assert_eq!(taken, bodies);
    }

    #[test]
    fn the_first_text_rings_at_once_and_the_next_waits() {
        let (queue, rings) = queue();
        queue.push(1, text("a"));
        queue.push(1, text("b"));
        assert_eq!(rings.0.load(SeqCst), 1, "one ring until somebody drains");
        queue.take();
        queue.push(1, text("c"));
        assert_eq!(rings.0.load(SeqCst), 1, "the pace holds it back");
        queue.push(1, Body::Done(Value::Null));
        assert_eq!(rings.0.load(SeqCst), 2, "an end does not wait");
    }

    #[test]
    fn a_closed_queue_rings_no_more() {
        let (queue, rings) = queue();
        queue.close();
        queue.push(1, Body::Done(Value::Null));
        assert_eq!((rings.0.load(SeqCst), queue.take_all().len()), (0, 1));
    }

    #[test]
    fn a_long_text_is_delivered_in_bounded_pieces() {
        let (queue, _) = queue();
        let whole = "é".repeat(MAX_TEXT);
        queue.push(1, text(&whole));
        queue.push(1, Body::Done(Value::Null));
        let mut got = String::new();
        for round in 0.. {
            let events = queue.take();
            for event in &events {
                match &event.body {
                    Body::Text(piece) => got.push_str(piece),
                    _ => return assert_eq!((got == whole, round), (true, 2)),
                }
            }
            assert!(got.len() <= (round + 1) * MAX_TEXT);
        }
    }

    #[test]
    fn what_was_given_back_comes_first_again() {
        let (queue, _) = queue();
        queue.push(1, text("a"));
        queue.push(2, text("b"));
        let taken = queue.take();
        queue.push(3, text("c"));
        queue.give_back(taken);
        let ids: Vec<_> = queue.take().into_iter().map(|it| it.id).collect();
        assert_eq!(ids, [1, 2, 3]);
    }

    #[tokio::test]
    async fn nobody_is_rung_for_what_has_gone_already() {
        let rings = Arc::new(Rings::default());
        let queue = Queue::new(Arc::clone(&rings) as Arc<dyn Doorbell>, Duration::from_millis(20));
        let work = async {
            queue.push(1, text("a"));
            queue.take();
            queue.push(1, text("b"));
            queue.push(1, Body::Done(Value::Null));
            queue.take();
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        tokio::select! { () = queue.ring_later() => {}, () = work => {} }
        assert_eq!(rings.0.load(SeqCst), 2, "one for each drain that found something");
    }

    #[tokio::test]
    async fn what_waits_is_rung_for_when_its_time_has_come() {
        let rings = Arc::new(Rings::default());
        let queue = Queue::new(Arc::clone(&rings) as Arc<dyn Doorbell>, Duration::from_millis(20));
        let work = async {
            queue.push(1, text("a"));
            queue.take();
            queue.push(1, text("b"));
            while rings.0.load(SeqCst) < 2 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! { () = queue.ring_later() => {}, () = work => {} }
        assert_eq!(queue.take().len(), 1);
    }
}
