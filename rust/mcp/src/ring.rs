//! The last of many.

use parking_lot::Mutex;
use std::collections::VecDeque;

/// Keeps the last so many of what is put into it.
pub(crate) struct Ring<T> {
    most: usize,
    /// How many gave way, and those that are kept.
    kept: Mutex<(usize, VecDeque<T>)>,
}

impl<T: Clone> Ring<T> {
    /// One that keeps MOST.
    pub(crate) fn new(most: usize) -> Self {
        Ring { most, kept: Mutex::default() }
    }

    pub(crate) fn push(&self, item: T) {
        let (before, kept) = &mut *self.kept.lock();
        if kept.len() == self.most {
            kept.pop_front();
            *before += 1;
        }
        kept.push_back(item);
    }

    /// What is kept, oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.kept.lock().1.iter().cloned().collect()
    }

    /// Those that came after the first AFTER and are still kept, oldest
    /// first; and how many came in all.
    pub(crate) fn after(&self, after: usize) -> (Vec<T>, usize) {
        let (before, kept) = &*self.kept.lock();
        let new = kept.iter().skip(after.saturating_sub(*before)).cloned().collect();
        (new, before + kept.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.lock().1.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let ring = Ring::new(2);
        (1..=5).for_each(|it| ring.push(it));
        assert_eq!((ring.all(), ring.len()), (vec![4, 5], 2));
    }

    #[test]
    fn what_came_since_is_told_once() {
        let ring = Ring::new(3);
        (1..=2).for_each(|it| ring.push(it));
        assert_eq!(ring.after(0), (vec![1, 2], 2));
        (3..=7).for_each(|it| ring.push(it));
        assert_eq!(ring.after(2), (vec![5, 6, 7], 7));
        assert_eq!(ring.after(7), (vec![], 7));
    }
}
