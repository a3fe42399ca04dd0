//! The time of the day that is played.
//!
//! Waits of seconds are real. What takes longer is slept through with Emacs
//! closed: its ledger is moved into the past (see the ledger's example
//! `night`), and the services are told that time has passed.

use jiff::Timestamp;

/// Milliseconds in a minute.
pub const MINUTE_MS: i64 = 60_000;

/// Now is the real time and all that was slept through.
pub struct Clock {
    begun_ms: i64,
    slept_ms: i64,
}

impl Clock {
    /// One whose day begins now.
    pub fn new() -> Clock {
        Clock { begun_ms: real_ms(), slept_ms: 0 }
    }

    /// Milliseconds since the day began.
    pub fn now(&self) -> i64 {
        self.of(real_ms())
    }

    /// When REAL_MS was, in Unix milliseconds, as milliseconds of the day; for
    /// what happened since the last sleep.
    pub fn of(&self, real_ms: i64) -> i64 {
        real_ms - self.begun_ms + self.slept_ms
    }

    /// MS more are slept through.
    pub fn sleep(&mut self, ms: i64) {
        self.slept_ms += ms;
    }
}

/// Now, in Unix milliseconds.
pub fn real_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

/// A span of MS, for a person: its two largest units.
pub fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        ..1 => format!("{ms}ms"),
        1..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
    }
}
