//! The turns that are remembered.

use super::trace::{Print, Trace};
use super::turn::Turn;
use llm_switch_types::Message;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Turns that are remembered at most, and what their thoughts may take
/// together, in bytes: more than anybody's chats of a day.
pub(super) const MOST_TURNS: usize = 1_000;
pub(super) const MOST_BYTES: usize = 32 << 20;

/// The turns that are remembered.
#[derive(Default)]
pub(super) struct Kept {
    /// By number, so the oldest comes first.
    turns: BTreeMap<u64, Arc<Turn>>,
    /// The numbers of the turns that are about something and may begin with
    /// some trace: a request holds hundreds of turns, and each is looked for.
    places: HashMap<(Print, Trace), BTreeSet<u64>>,
    last: u64,
    bytes: usize,
}

/// A turn that was found among messages.
pub(super) struct Found {
    /// Where it begins, and how many of the messages it is.
    pub(super) at: usize,
    pub(super) length: usize,
    pub(super) turn: Arc<Turn>,
}

impl Kept {
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// What they take together, in bytes.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Remember TURN; the number that it has from now on.
    pub(super) fn add(&mut self, turn: Turn) -> u64 {
        self.last += 1;
        self.put(self.last, turn);
        self.last
    }

    /// Turn NUMBER stands in its chat as TEXTS.
    pub(super) fn stands(&mut self, number: u64, texts: &[String]) {
        if let Some(turn) = self.forget(number) {
            self.put(number, turn.standing(texts));
        }
    }

    /// Remember TURN as NUMBER; the oldest go where there are too many.
    fn put(&mut self, number: u64, turn: Turn) {
        self.bytes += turn.bytes();
        for place in turn.places() {
            self.places.entry(place).or_default().insert(number);
        }
        self.turns.insert(number, Arc::new(turn));
        while self.turns.len() > MOST_TURNS || self.bytes > MOST_BYTES {
            let Some((&oldest, _)) = self.turns.first_key_value() else { break };
            self.forget(oldest);
        }
    }

    fn forget(&mut self, number: u64) -> Option<Arc<Turn>> {
        let turn = self.turns.remove(&number)?;
        self.bytes -= turn.bytes();
        for place in turn.places() {
            let numbers = self.places.get_mut(&place);
            if numbers.is_some_and(|numbers| numbers.remove(&number) && numbers.is_empty()) {
                self.places.remove(&place);
            }
        }
        Some(turn)
    }

    /// The turns that are known among MESSAGES, in their order. Of each of
    /// these TRACES are its traces, and of ABOUTS what it is about.
    ///
    /// One turn is found once. Where several look the same, the newest is the
    /// last of the messages: so it was when they were said, and an answer that
    /// was asked for anew stands in the place of the older.
    pub(super) fn find(
        &self,
        messages: &[Message],
        traces: &[Vec<Trace>],
        abouts: &[Print],
    ) -> Vec<Found> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < messages.len() {
            let fitting = self.fitting(&messages[at..], &traces[at..], abouts[at]);
            let next = at + fitting.as_ref().map_or(1, |(length, _)| *length);
            found.extend(fitting.map(|(length, turn)| Found { at, length, turn }));
            at = next;
        }
        self.deal(found)
    }

    /// The longest turn about ABOUT that MESSAGES, which bear TRACES, begin
    /// with, or one that looks the same; and how many of them it is.
    fn fitting(
        &self,
        messages: &[Message],
        traces: &[Vec<Trace>],
        about: Print,
    ) -> Option<(usize, Arc<Turn>)> {
        let turns = self.at(about, traces.first()?.first()?).map(|(_, turn)| turn);
        let fitting = turns.filter_map(|turn| Some((turn.length(messages, traces)?, turn.clone())));
        fitting.max_by_key(|(length, _)| *length)
    }

    /// FOUND with a turn each that no other of them has; without those for
    /// which there is none.
    fn deal(&self, mut found: Vec<Found>) -> Vec<Found> {
        let mut dealt = HashSet::new();
        found.reverse();
        found.retain_mut(|found| {
            let Some((about, first)) = found.turn.places().next() else { return false };
            let mut alike = self.at(about, &first).filter(|(_, turn)| turn.is_like(&found.turn));
            let next = alike.find(|(number, _)| dealt.insert(*number));
            next.map(|(_, turn)| found.turn = turn.clone()).is_some()
        });
        found.reverse();
        found
    }

    /// The turns about ABOUT that may begin with FIRST, and their numbers, the
    /// newest first.
    fn at(&self, about: Print, first: &Trace) -> impl Iterator<Item = (u64, &Arc<Turn>)> {
        let numbers = self.places.get(&(about, first.clone())).into_iter().flatten().rev();
        numbers.filter_map(|number| Some((*number, self.turns.get(number)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::about::abouts;
    use super::*;
    use llm_switch_types::Role;

    #[test]
    fn only_what_may_begin_so_is_looked_at() {
        let (mut kept, asked) = (Kept::default(), [Message::text(Role::User, "Hi")]);
        for at in 0..MOST_TURNS {
            kept.add(Turn::new(&asked, &format!("a{at}"), &[], String::new()));
        }
        let (about, first) = (abouts(&asked)[1], Trace::text("a7").unwrap());
        let found: Vec<u64> = kept.at(about, &first).map(|(number, _)| number).collect();
        assert_eq!(found, [8]);
        assert_eq!(kept.at(Print::default(), &first).count(), 0);
    }

    #[test]
    fn nothing_is_left_of_what_is_forgotten() {
        let mut kept = Kept::default();
        let number = kept.add(Turn::new(&[], "a", &[], String::new()));
        kept.stands(number, &["b".to_owned()]);
        assert_eq!((kept.turns.len(), kept.places.len()), (1, 1));
        kept.forget(number);
        assert_eq!((kept.turns.len(), kept.places.len(), kept.bytes), (0, 0, 0));
    }
}
