//! Hours of the week at which a service charges less.

use jiff::{Timestamp, civil::Time, tz::TimeZone};
use serde::Deserialize;

/// Some hours of some days, in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hours {
    /// Days of the week: Monday is 1, Sunday 7.
    weekdays: Vec<i8>,
    #[serde(alias = "hours_utc")]
    hours_utc: OneOrMany,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Span),
    Many(Vec<Span>),
}

/// `"16:30-00:30"` is written as two spans, since a day ends at midnight:
/// `"00:00-00:30"` and `"16:30-00:00"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Span {
    from: Time,
    /// The first moment that is outside, or `None` for midnight.
    to: Option<Time>,
}

impl Hours {
    /// Whether the moment AT lies in them.
    pub(crate) fn hold(&self, at: Timestamp) -> bool {
        let at = at.to_zoned(TimeZone::UTC);
        let spans = match &self.hours_utc {
            OneOrMany::One(span) => std::slice::from_ref(span),
            OneOrMany::Many(spans) => spans,
        };
        self.weekdays.contains(&at.weekday().to_monday_one_offset())
            && spans.iter().any(|span| span.holds(at.time()))
    }
}

impl Span {
    fn holds(self, time: Time) -> bool {
        self.from <= time && self.to.is_none_or(|to| time < to)
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Span, String> {
        let wrong = || format!("{text:?} are no hours of one day such as \"04:00-06:00\"");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let read = |text: &str| text.parse::<Time>().map_err(|_| wrong());
        let (from, to) = (read(from)?, read(to)?);
        let to = Some(to).filter(|to| *to != Time::midnight());
        to.is_none_or(|to| from < to).then_some(Span { from, to }).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(toml: &str) -> Hours {
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn a_span_begins_with_its_first_minute_and_ends_before_its_last() {
        let hours = hours("weekdays = [5]\nhours-utc = ['00:00-01:00', '10:00-00:00']");
        let holds = |at: &str| hours.hold(at.parse().unwrap());
        assert!(holds("2026-11-20T00:00:00Z"));
        assert!(holds("2026-11-20T00:59:59.999Z"));
        assert!(!holds("2026-11-20T01:00:00Z"));
        assert!(!holds("2026-11-20T09:59:59Z"));
        assert!(holds("2026-11-20T23:59:59.999Z"));
        assert!(!holds("2026-11-19T23:59:59Z"), "a Thursday");
    }

    #[test]
    fn midnight_to_midnight_is_the_whole_day() {
        let hours = hours("weekdays = [6, 7]\nhours-utc = '00:00-00:00'");
        assert!(hours.hold("2026-11-21T12:00:00Z".parse().unwrap()));
        assert!(!hours.hold("2026-11-23T12:00:00Z".parse().unwrap()), "a Monday");
    }

    #[test]
    fn what_is_no_hours_of_one_day_is_refused() {
        for text in ["", "10:00", "10:00-09:00", "25:00-26:00", "1-2"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
