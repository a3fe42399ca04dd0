//! When a period begins, as the configuration writes it.

use crate::Period;
use jiff::civil::{Time, Weekday};

const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Period {
    /// This period with the start that TEXT tells: `"04:00"` for a day,
    /// `"sunday"` or `"monday 04:00"` for a week, `"15"` or `"15 04:00"` for a
    /// month.
    ///
    /// # Errors
    /// What to write instead, as a sentence.
    pub fn starting(self, text: &str) -> Result<Period, String> {
        let wrong = |instead: &str| format!("{text:?} starts no {self}: write {instead}");
        match self {
            Self::Day { .. } => {
                let at = read_time(text).ok_or_else(|| wrong("a time such as \"04:00\""))?;
                Ok(Self::Day { at })
            }
            Self::Week { .. } => {
                let (on, at) = read(text, read_weekday)
                    .ok_or_else(|| wrong("a day such as \"sunday\" or \"monday 04:00\""))?;
                Ok(Self::Week { on, at })
            }
            Self::Month { .. } => {
                let (day, at) = read(text, read_day)
                    .ok_or_else(|| wrong("a day from 1 to 31, such as \"15\" or \"15 04:00\""))?;
                Ok(Self::Month { day, at })
            }
            Self::Hour | Self::Rolling { .. } | Self::Total => {
                Err(format!("{self} has no start of its own: leave out starts"))
            }
        }
    }

    /// When it begins, as [`Period::starting`] reads it; `None` for what has
    /// no start of its own.
    pub fn starts(self) -> Option<String> {
        let time = |at: Time| format!("{:02}:{:02}", at.hour(), at.minute());
        match self {
            Self::Day { at } => Some(time(at)),
            Self::Week { on, at } => {
                let index = usize::try_from(on.to_monday_zero_offset()).unwrap_or_default();
                Some(format!("{} {}", WEEKDAYS[index], time(at)))
            }
            Self::Month { day, at } => Some(format!("{day} {}", time(at))),
            Self::Hour | Self::Rolling { .. } | Self::Total => None,
        }
    }
}

/// A day that DAY reads and, where TEXT tells it, a time; else midnight.
fn read<T>(text: &str, day: fn(&str) -> Option<T>) -> Option<(T, Time)> {
    match text.split_once(' ') {
        Some((on, at)) => Some((day(on)?, read_time(at)?)),
        None => Some((day(text)?, Time::midnight())),
    }
}

/// `04:00`.
fn read_time(text: &str) -> Option<Time> {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let (hour, minute) = text.split_once(':').filter(|(h, m)| digits(h) && digits(m))?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn read_weekday(text: &str) -> Option<Weekday> {
    let index = WEEKDAYS.iter().position(|name| text.eq_ignore_ascii_case(name))?;
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

fn read_day(text: &str) -> Option<i8> {
    text.parse().ok().filter(|day| (1..=31).contains(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_written_as_it_is_read() {
        let starts = [
            ("day", "04:00"),
            ("day", "23:59"),
            ("week", "monday 04:00"),
            ("week", "sunday 00:00"),
            ("month", "31 00:00"),
            ("month", "15 04:30"),
        ];
        for (window, start) in starts {
            let period: Period = window.parse().unwrap();
            assert_eq!(period.starting(start).unwrap().starts().as_deref(), Some(start));
        }
    }

    #[test]
    fn a_day_alone_starts_at_midnight() {
        let start = |window: &str, start| {
            window.parse::<Period>().unwrap().starting(start).unwrap().starts().unwrap()
        };
        assert_eq!(start("week", "Sunday"), "sunday 00:00");
        assert_eq!(start("month", "7"), "7 00:00");
    }

    #[test]
    fn refuses_what_is_no_start_of_its_period() {
        let starts = [
            ("day", "4"),
            ("day", "24:00"),
            ("day", "4:00"),
            ("day", "04:60"),
            ("day", "monday"),
            ("week", "mon"),
            ("week", "04:00"),
            ("month", "0"),
            ("month", "32"),
            ("month", "15 at 04:00"),
            ("hour", "00:15"),
            ("rolling:7d", "04:00"),
            ("total", "15"),
        ];
        for (window, start) in starts {
            let period: Period = window.parse().unwrap();
            assert!(period.starting(start).is_err(), "{window} {start}");
        }
    }
}
