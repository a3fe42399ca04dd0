//! How often a server is connected to again.

use crate::Launch;
use std::time::Duration;

/// The first wait; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// How many waits there are: 16 s altogether, enough for a restart.
const MOST: u32 = 6;

/// A connection that lasted this long was a good one: the count starts anew.
const GOOD: Duration = Duration::from_secs(10);

/// Counts how often a server was connected to again in vain.
pub(crate) struct Tries {
    /// Whether it makes sense at all.
    worthwhile: bool,
    /// `None` until there was a connection: a server that was never there is
    /// more likely written wrongly than about to come.
    vain: Option<u32>,
}

impl Tries {
    pub(crate) fn new(launch: &Launch) -> Tries {
        Tries { worthwhile: matches!(launch, Launch::Http { .. }), vain: None }
    }

    /// Whether there was a connection before.
    pub(crate) fn again(&self) -> bool {
        self.vain.is_some()
    }

    /// There was a connection that LASTED so long.
    pub(crate) fn lasted(&mut self, lasted: Duration) {
        if lasted >= GOOD {
            self.vain = Some(0);
        }
        self.vain.get_or_insert(0);
    }

    /// How long to wait before the next try; `None` when there is none.
    pub(crate) fn next(&mut self) -> Option<Duration> {
        let vain = self.vain.as_mut().filter(|vain| self.worthwhile && **vain < MOST)?;
        let wait = FIRST_WAIT * 2_u32.pow(*vain);
        *vain += 1;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Values;

    fn over_http() -> Tries {
        Tries::new(&Launch::Http { url: String::new(), headers: Values::default() })
    }

    #[test]
    fn waits_double_and_end() {
        let mut tries = over_http();
        assert_eq!(tries.next(), None, "it was never there");
        tries.lasted(Duration::ZERO);
        let waits: Vec<_> = std::iter::from_fn(|| tries.next()).map(|it| it.as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000]);
    }

    #[test]
    fn only_a_connection_that_lasted_starts_the_count_anew() {
        let mut tries = over_http();
        tries.lasted(Duration::ZERO);
        tries.next();
        tries.lasted(Duration::from_secs(1));
        assert_eq!(tries.next(), Some(FIRST_WAIT * 2));
        tries.lasted(GOOD);
        assert_eq!(tries.next(), Some(FIRST_WAIT));
    }
}
