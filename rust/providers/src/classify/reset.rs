//! When a quota is filled again.

use super::told::Told;
use crate::clock;
use jiff::{Timestamp, ToSpan, civil::DateTime, tz, tz::TimeZone};
use llm_switch_types::{Limits, Reset};

/// The instant in Unix milliseconds at which a quota is filled again: what
/// the service tells, else its own calendar, RESET, else the PAUSE in seconds
/// that it asks for. Gemini asks for half a minute even when a day's quota is
/// used up, so the pause comes last.
pub(super) fn at(
    told: &Told,
    limits: &Limits,
    reset: Option<Reset>,
    pause: Option<u32>,
    now: i64,
) -> Option<i64> {
    named(told)
        .or_else(|| limits.full_again())
        .or_else(|| after(reset?, now))
        .or_else(|| now.checked_add(i64::from(pause?) * 1000))
}

/// The instant that the service names, in Unix milliseconds.
pub(super) fn named(told: &Told) -> Option<i64> {
    let field = told.json["resets_at"].as_f64().and_then(clock::epoch);
    field.or_else(|| in_words(&told.text))
}

/// "Your limit will reset at 2026-11-20 18:00:00", as Z.AI says it.
///
/// It names no time zone. Read as China's, from where the service is run, it
/// is the earliest of the likely ones: who comes back too early is refused
/// once more, who waits for the latest loses hours.
fn in_words(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once("reset at ")?;
    let local: DateTime = rest.get(..19)?.parse().ok()?;
    let zoned = local.to_zoned(TimeZone::fixed(tz::offset(8))).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// The next RESET after NOW.
pub(super) fn after(reset: Reset, now: i64) -> Option<i64> {
    let zone = match reset {
        // Without the zone's rules, an hour late for half of the year.
        Reset::PacificMidnight => {
            TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| TimeZone::fixed(tz::offset(-8)))
        }
        Reset::UtcMidnight | Reset::UtcMonth => TimeZone::UTC,
    };
    let today = Timestamp::from_millisecond(now).ok()?.to_zoned(zone.clone()).date();
    let day = match reset {
        Reset::UtcMonth => today.first_of_month().checked_add(1.month()).ok()?,
        Reset::PacificMidnight | Reset::UtcMidnight => today.tomorrow().ok()?,
    };
    Some(day.to_zoned(zone).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn each_calendar_has_its_next_reset() {
        let table = [
            (Reset::PacificMidnight, "2026-11-20T07:59:00Z", "2026-11-20T08:00:00Z"),
            (Reset::PacificMidnight, "2026-07-01T07:00:00Z", "2026-07-02T07:00:00Z"),
            (Reset::UtcMidnight, "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
            (Reset::UtcMonth, "2026-11-20T12:00:00Z", "2026-12-01T00:00:00Z"),
            (Reset::UtcMonth, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        ];
        for (reset, now, next) in table {
            assert_eq!(after(reset, ms(now)), Some(ms(next)), "{reset:?} {now}");
        }
    }

    #[test]
    fn what_the_service_tells_comes_before_its_calendar_and_that_before_a_pause() {
        let at = |body: &str, reset| {
            let told = Told::from_body(body.as_bytes());
            super::at(&told, &Limits::default(), reset, Some(34), ms("2026-11-20T00:00:00Z"))
        };
        let midnight = Some(Reset::UtcMidnight);
        let told = r#"{"error":{"resets_at":1795150800}}"#;
        assert_eq!(at(told, midnight), Some(1_795_150_800_000));
        let words = r#"{"error":{"message":"Your limit will reset at 2026-11-20 18:00:00."}}"#;
        assert_eq!(at(words, midnight), Some(ms("2026-11-20T10:00:00Z")));
        assert_eq!(at("", midnight), Some(ms("2026-11-21T00:00:00Z")));
        assert_eq!(at("", None), Some(ms("2026-11-20T00:00:34Z")));
    }
}
