//! Instants and durations in the forms that services write them in.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

/// Numbers from here on are Unix seconds, and from [`EPOCH_MS`] on Unix
/// milliseconds; below they are seconds from now. It is the year 2001, and a
/// wait of thirty years.
const EPOCH_S: f64 = 1e9;
const EPOCH_MS: f64 = 1e12;

/// The instant, in Unix milliseconds, that TEXT names at NOW: a date of HTTP
/// or RFC 3339, Unix seconds or milliseconds, seconds from now, or a duration.
pub(crate) fn instant(text: &str, now: i64) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return epoch(number).or_else(|| later(now, number));
    }
    let date = text.parse().or_else(|_| rfc2822::DateTimeParser::new().parse_timestamp(text));
    let date = date.map(Timestamp::as_millisecond).ok();
    date.or_else(|| now.checked_add_unsigned(milliseconds(text)?))
}

/// The instant, in Unix milliseconds, that NUMBER is if it is one at all.
pub(crate) fn epoch(number: f64) -> Option<i64> {
    match number {
        _ if !number.is_finite() || number < EPOCH_S => None,
        _ if number < EPOCH_MS => Some((number * 1000.0) as i64),
        _ => Some(number as i64),
    }
}

fn later(now: i64, seconds: f64) -> Option<i64> {
    let valid = seconds.is_finite() && seconds >= 0.0;
    valid.then(|| now.saturating_add((seconds * 1000.0).ceil() as i64))
}

/// The milliseconds of a duration such as `1m2s`, `7.66s`, `200ms`, `20 seconds`.
pub(crate) fn milliseconds(text: &str) -> Option<u64> {
    let duration: SignedDuration = text.parse().ok()?;
    let rounded_up = duration.as_nanos().checked_add(999_999)? / 1_000_000;
    u64::try_from(rounded_up).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_in_each_form_seen() {
        let table = [
            ("1970-01-01T00:00:02Z", Some(2_000)),
            ("1970-01-01T01:00:02.5+01:00", Some(2_500)),
            ("Thu, 01 Jan 1970 00:00:02 GMT", Some(2_000)),
            ("1795132800", Some(1_795_132_800_000)),
            ("1795132800123", Some(1_795_132_800_123)),
            ("2", Some(3_000)),
            ("0.25", Some(1_250)),
            ("6m0s", Some(361_000)),
            ("2m59.56s", Some(180_560)),
            ("120ms", Some(1_120)),
            ("1h2m", Some(3_721_000)),
            ("-5", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(instant(text, 1_000), expected, "{text}");
        }
    }

    #[test]
    fn a_number_too_large_for_any_clock_is_not_believed_to_be_near() {
        assert_eq!(instant("1e300", 0), Some(i64::MAX));
        assert_eq!(milliseconds("99999999999999999999h"), None);
    }
}
