//! What all methods of `spend` are asked for.

use super::calendar::{Calendar, Unit, wrong};
use crate::ledger::now_ms;
use crate::methods::Job;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use llm_switch_ledger::{Column, Filter};
use llm_switch_types::Result;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// When, of what, and as whom; the head of this folder says how it is
/// written.
#[derive(Debug)]
pub(in crate::methods) struct Ask {
    pub(in crate::methods) span: Range<i64>,
    pub(in crate::methods) filter: Filter,
    pub(in crate::methods) calendar: Calendar,
    pub(in crate::methods) now: i64,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case")]
struct Written {
    from: Option<Edge>,
    to: Option<Edge>,
    span: Option<Unit>,
    back: Option<u32>,
    zone: Option<String>,
    week_start: Option<i8>,
    now: Option<i64>,
    filter: Option<BTreeMap<Column, Names>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a time is Unix milliseconds or a date such as 2026-11-20")]
enum Edge {
    Ms(i64),
    Date(Date),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a filter has a name, null, or a list of them for each column")]
enum Names {
    Many(Vec<Option<String>>),
    One(Option<String>),
}

impl Ask {
    /// What JOB asks for.
    ///
    /// # Errors
    /// For what is not written as it should be.
    pub(in crate::methods) async fn of(job: &Job) -> Result<Ask> {
        // A configuration that cannot be read is told elsewhere.
        let setup = job.core.setup().await.ok();
        let zone = setup.map_or_else(TimeZone::system, |setup| setup.time_zone.clone());
        Ask::read(&job.params, zone)
    }

    fn read(params: &Value, zone: TimeZone) -> Result<Ask> {
        let written: Written = fields(params)?;
        let calendar = calendar(&written, zone)?;
        let now = written.now.unwrap_or_else(now_ms);
        let usual = match (&written.from, &written.to) {
            (None, None) => Unit::Month,
            _ => Unit::All,
        };
        let unit = written.span.unwrap_or(usual);
        let Range { start, end } = calendar.span(unit, written.back.unwrap_or(0), now)?;
        let start = written.from.map_or(Ok(start), |edge| edge.start(&calendar))?;
        let end = written.to.map_or(Ok(end), |edge| edge.end(&calendar))?;
        let filter = written.filter.unwrap_or_default().into_iter();
        let filter = filter.map(|(column, names)| (column, names.list())).collect();
        Ok(Ask { span: start..end, filter: Filter(filter), calendar, now })
    }
}

/// The fields of PARAMS, the others left alone.
///
/// # Errors
/// For what is not written as it should be.
pub(in crate::methods) fn fields<T: DeserializeOwned>(params: &Value) -> Result<T> {
    T::deserialize(params).map_err(|e| wrong(format!("this cannot be asked for: {e}")))
}

fn calendar(written: &Written, usual: TimeZone) -> Result<Calendar> {
    let zone = written.zone.as_deref().map_or(Ok(usual), TimeZone::get);
    let zone = zone.map_err(|_| {
        let name = written.zone.as_deref().unwrap_or_default();
        wrong(format!("there is no time zone {name:?}")).advise("Write one such as Europe/Berlin")
    })?;
    let week_start = Weekday::from_sunday_zero_offset(written.week_start.unwrap_or(1))
        .map_err(|_| wrong("weeks begin on a day from 0, Sunday, to 6"))?;
    Ok(Calendar { zone, week_start })
}

impl Edge {
    fn start(self, calendar: &Calendar) -> Result<i64> {
        match self {
            Self::Ms(ms) => Ok(ms),
            Self::Date(date) => calendar.start_of(date),
        }
    }

    /// People name the last day that they mean.
    fn end(self, calendar: &Calendar) -> Result<i64> {
        match self {
            Self::Ms(ms) => Ok(ms),
            Self::Date(date) => calendar.start_of(date.saturating_add(1.day())),
        }
    }
}

impl Names {
    fn list(self) -> Vec<Option<String>> {
        match self {
            Self::Many(names) => names,
            Self::One(name) => vec![name],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn span(params: Value) -> Range<i64> {
        Ask::read(&params, TimeZone::UTC).unwrap().span
    }

    const NOW: i64 = 1_795_163_400_000; // 2026-11-20T08:30Z

    #[test]
    fn dates_mean_whole_days_and_the_last_one_too() {
        let day = 86_400_000;
        let written = json!({"from": "2026-11-18", "to": "2026-11-19", "zone": "UTC", "now": NOW});
        let asked = span(written);
        assert_eq!(asked.end - asked.start, 2 * day);
        assert_eq!(asked.start % day, 0);
        assert_eq!(span(json!({"from": 5, "to": 7})), 5..7);
        assert_eq!(span(json!({"from": 5, "now": NOW})), 5..NOW + 1);
    }

    #[test]
    fn without_a_word_it_is_this_month() {
        let berlin = json!({"zone": "Europe/Berlin", "now": NOW});
        let named = json!({"zone": "Europe/Berlin", "now": NOW, "span": "month", "back": 0});
        assert_eq!(span(berlin), span(named));
    }

    #[test]
    fn a_filter_names_one_or_several_and_null_is_none() {
        let asked = Ask::read(
            &json!({"filter": {"model": "x", "route": null, "payer": ["plan", "free"]}}),
            TimeZone::UTC,
        );
        let filter = asked.unwrap().filter.0;
        assert_eq!(filter[&Column::Model], [Some("x".to_owned())]);
        assert_eq!(filter[&Column::Route], [None]);
        assert_eq!(filter[&Column::Payer].len(), 2);
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (params, word) in [
            (json!({"zone": "Mars/Olympus"}), "Mars/Olympus"),
            (json!({"week-start": 9}), "0, Sunday"),
            (json!({"filter": {"colour": "red"}}), "colour"),
            (json!({"span": "fortnight"}), "fortnight"),
        ] {
            let error = Ask::read(&params, TimeZone::UTC).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
