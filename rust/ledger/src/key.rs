//! Names of rows, given before the rows are written.

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};

/// Names a request in the ledger: unique across processes, ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestKey(pub(crate) i64);

/// Names an attempt in the ledger: unique across processes, ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptKey(pub(crate) i64);

const TAG_BITS: u32 = 12;
const SEQUENCE_BITS: u32 = 9;
const LAST_MS: i64 = (1 << (63 - TAG_BITS - SEQUENCE_BITS)) - 1;

/// No key of what began at MS or later is smaller: keys may run ahead of the
/// time, and never lag behind.
pub(crate) fn least(ms: i64) -> i64 {
    ms.clamp(0, LAST_MS) << SEQUENCE_BITS << TAG_BITS
}

/// How many processes can have the ledger open at once.
pub(crate) const TAGS: u16 = 1 << TAG_BITS;

/// Makes the keys of one process: 42 bits of milliseconds since 1970 (until
/// 2109), 9 bits of sequence, 12 bits of the process's tag. Living processes
/// have different tags, so their keys differ by construction, and no writer
/// has to be asked for one.
#[derive(Debug)]
pub(crate) struct KeySource {
    tag: u16,
    /// The last key without its tag.
    last: AtomicI64,
}

impl KeySource {
    pub(crate) fn new(tag: u16) -> Self {
        KeySource { tag, last: AtomicI64::new(0) }
    }

    /// A new key for something that began at MS. When the clock is set back,
    /// or the sequence of a millisecond is used up, it runs ahead of the time.
    pub(crate) fn next(&self, ms: i64) -> i64 {
        let earliest = ms.clamp(0, LAST_MS) << SEQUENCE_BITS;
        let following = |last: i64| earliest.max(last + 1);
        let step = |last| Some(following(last));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, step);
        following(last.unwrap_or_else(|last| last)) << TAG_BITS | i64::from(self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_increase_when_the_clock_stands_or_goes_back() {
        let source = KeySource::new(7);
        let times = [1_000, 1_000, 1_000, 500, 2_000, -5, i64::MAX, 3];
        let keys = times.map(|ms| source.next(ms));
        assert!(keys.is_sorted_by(|a, b| 0 < *a && a < b), "{keys:?}");
    }

    #[test]
    fn keys_of_two_processes_differ() {
        let [one, other] = [KeySource::new(0), KeySource::new(TAGS - 1)];
        for ms in [0, 0, 5, 5] {
            assert_ne!(one.next(ms), other.next(ms));
        }
    }

    #[test]
    fn no_key_repeats_when_threads_race_for_one_millisecond() {
        let source = KeySource::new(1);
        let mut keys: Vec<i64> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..2_000).map(|_| source.next(9)).collect::<Vec<_>>()))
                .collect();
            racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect()
        });
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 8_000);
    }
}
