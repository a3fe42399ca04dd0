//! Who comes too often.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many requests in any such time, for each key and model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Most {
    pub(crate) count: usize,
    pub(crate) within: Duration,
}

/// Counts who was let through. Time is the process's own, and what
/// [`Turnstile::pass`] adds to it: nobody sits out a day.
#[derive(Default)]
pub(crate) struct Turnstile(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    /// Time that passed at a word.
    passed: Duration,
    /// When those came who were let through, since the first look at a clock.
    let_through: HashMap<(Option<usize>, String), VecDeque<Duration>>,
    begun: Option<Instant>,
}

impl Turnstile {
    /// Lets one more through who has the key of this number and asks for
    /// `model`.
    ///
    /// # Errors
    /// The whole seconds after which there is room, when there is none.
    pub(crate) fn enter(&self, key: Option<usize>, model: &str, most: Most) -> Result<(), u32> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = counts.now();
        let came = counts.let_through.entry((key, model.to_owned())).or_default();
        while came.front().is_some_and(|at| now.saturating_sub(*at) >= most.within) {
            came.pop_front();
        }
        if came.len() < most.count {
            came.push_back(now);
            return Ok(());
        }
        let free = came.front().map_or(now, |at| *at + most.within);
        let wait = free.saturating_sub(now).as_millis().div_ceil(1000);
        Err(u32::try_from(wait).unwrap_or(u32::MAX))
    }

    /// Lets `time` pass.
    pub(crate) fn pass(&self, time: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passed += time;
    }
}

impl Counts {
    fn now(&mut self) -> Duration {
        self.begun.get_or_insert_with(Instant::now).elapsed() + self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_too_often_is_told_when_there_is_room() {
        let (turnstile, hour) = (Turnstile::default(), Duration::from_secs(3_600));
        let most = Most { count: 2, within: hour };
        let enter = |key| turnstile.enter(Some(key), "m", most);
        assert_eq!((enter(0), enter(0), enter(0)), (Ok(()), Ok(()), Err(3_600)));
        assert_eq!(enter(1), Ok(()), "another key");
        assert_eq!(turnstile.enter(Some(0), "n", most), Ok(()), "another model");
        turnstile.pass(hour / 2);
        assert_eq!(enter(0), Err(1_800));
        turnstile.pass(hour / 2);
        assert_eq!((enter(0), enter(0)), (Ok(()), Ok(())));
        assert!(enter(0).is_err());
    }
}
