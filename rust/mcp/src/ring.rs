//! The last of many.

use parking_lot::Mutex;
use std::collections::VecDeque;

/// Keeps the last so many of what is put into it.
pub(crate) struct Ring<T> {
    most: usize,
    kept: Mutex<VecDeque<T>>,
}

impl<T: Clone> Ring<T> {
    /// One that keeps MOST.
    pub(crate) fn new(most: usize) -> Self {
        Ring { most, kept: Mutex::default() }
    }

    pub(crate) fn push(&self, item: T) {
        let mut kept = self.kept.lock();
        if kept.len() == self.most {
            kept.pop_front();
        }
        kept.push_back(item);
    }

    /// What is kept, oldest first.
    pub(crate) fn all(&self) -> Vec<T> {
        self.kept.lock().iter().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.lock().len()
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
}
