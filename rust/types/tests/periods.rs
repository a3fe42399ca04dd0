//! The spans of every period, on clocks that leap, repeat and move.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use jiff::{SignedDuration, Timestamp, tz, tz::TimeZone};
use llm_switch_types::Period;
use std::ops::Range;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn period(window: &str, starts: &str) -> Period {
    let period: Period = window.parse().unwrap();
    if starts.is_empty() { period } else { period.starting(starts).unwrap() }
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn length(span: &Range<Timestamp>) -> SignedDuration {
    span.end.duration_since(span.start)
}

/// The span of PERIOD that AT is in, as clocks in ZONE show its ends.
fn shown(period: Period, at: &str, zone: &TimeZone) -> [String; 2] {
    let span = period.span(time(at), zone);
    [span.start, span.end].map(|edge| zone.to_datetime(edge).strftime("%F %H:%M").to_string())
}

#[test]
fn a_day_is_the_users_own_and_begins_when_the_user_says() {
    let berlin = zone("Europe/Berlin");
    let at = "2026-11-20T01:00:00Z";
    assert_eq!(shown(period("day", ""), at, &berlin), ["2026-11-20 00:00", "2026-11-21 00:00"]);
    let late = period("day", "04:00");
    assert_eq!(shown(late, at, &berlin), ["2026-11-19 04:00", "2026-11-20 04:00"]);
}

#[test]
fn the_end_of_a_span_is_the_beginning_of_the_next() {
    let berlin = zone("Europe/Berlin");
    let day = period("day", "");
    let span = day.span(time("2026-11-20T12:00:00Z"), &berlin);
    assert_eq!(day.span(span.start, &berlin), span);
    assert_eq!(day.span(span.end, &berlin).start, span.end);
    let last = span.end.checked_sub(SignedDuration::from_millis(1)).unwrap();
    assert_eq!(day.span(last, &berlin), span);
    assert_eq!(day.resets_at(last, &berlin), Some(span.end));
}

#[test]
fn a_day_of_a_clock_change_has_23_or_25_hours() {
    let berlin = zone("Europe/Berlin");
    for (at, hours) in [("2026-03-29T12:00:00Z", 23), ("2026-10-25T12:00:00Z", 25)] {
        assert_eq!(length(&period("day", "").span(time(at), &berlin)), HOUR * hours);
    }
}

#[test]
fn a_start_that_does_not_exist_is_as_much_later_as_the_clocks_moved() {
    let berlin = zone("Europe/Berlin");
    let early = period("day", "02:30");
    let at = "2026-03-29T12:00:00Z";
    assert_eq!(shown(early, at, &berlin), ["2026-03-29 03:30", "2026-03-30 02:30"]);
    assert_eq!(length(&early.span(time(at), &berlin)), HOUR * 23);
}

#[test]
fn a_start_that_exists_twice_is_the_first_of_the_two() {
    let berlin = zone("Europe/Berlin");
    let early = period("day", "02:30");
    let first = time("2026-10-25T00:30:00Z");
    for at in [first, first.checked_add(HOUR).unwrap()] {
        let span = early.span(at, &berlin);
        assert_eq!((span.start, length(&span)), (first, HOUR * 25));
    }
}

#[test]
fn a_midnight_that_does_not_exist_or_exists_twice_begins_one_day() {
    // Clocks went forward from midnight to one in Beirut, and from one back
    // to midnight in Havana.
    let forward = period("day", "").span(time("2025-03-30T10:00:00Z"), &zone("Asia/Beirut"));
    assert_eq!(length(&forward), HOUR * 23);
    let back = period("day", "").span(time("2025-11-02T05:30:00Z"), &zone("America/Havana"));
    assert_eq!((back.start, length(&back)), (time("2025-11-02T04:00:00Z"), HOUR * 25));
}

#[test]
fn a_day_that_a_country_left_out_is_nobodys() {
    // Samoa went from the 29th to the 31st of December 2011.
    let apia = zone("Pacific/Apia");
    let day = period("day", "");
    let before = day.span(time("2011-12-30T09:59:59Z"), &apia);
    let after = day.span(time("2011-12-30T10:00:00Z"), &apia);
    assert_eq!((before.end, length(&before)), (after.start, HOUR * 24));
    assert_eq!(length(&after), HOUR * 24);
}

#[test]
fn a_week_begins_on_its_day_and_hour() {
    let utc = TimeZone::UTC;
    let at = "2026-11-20T12:00:00Z"; // A Friday.
    assert_eq!(shown(period("week", ""), at, &utc), ["2026-11-16 00:00", "2026-11-23 00:00"]);
    let sunday = period("week", "sunday");
    assert_eq!(shown(sunday, at, &utc), ["2026-11-15 00:00", "2026-11-22 00:00"]);
    let late = period("week", "friday 13:00");
    assert_eq!(shown(late, at, &utc), ["2026-11-13 13:00", "2026-11-20 13:00"]);
}

#[test]
fn a_month_that_lacks_the_day_begins_on_its_last() {
    let utc = TimeZone::UTC;
    let month = period("month", "31 04:00");
    let spans = [
        ("2026-02-10T00:00:00Z", ["2026-01-31 04:00", "2026-02-28 04:00"]),
        ("2026-03-31T03:59:59Z", ["2026-02-28 04:00", "2026-03-31 04:00"]),
        ("2026-04-30T04:00:00Z", ["2026-04-30 04:00", "2026-05-31 04:00"]),
        ("2028-02-29T04:00:00Z", ["2028-02-29 04:00", "2028-03-31 04:00"]),
        ("2028-02-29T03:00:00Z", ["2028-01-31 04:00", "2028-02-29 04:00"]),
    ];
    for (at, span) in spans {
        assert_eq!(shown(month, at, &utc), span, "{at}");
    }
    let first = period("month", "");
    assert_eq!(
        shown(first, "2026-12-31T23:59:59Z", &utc),
        ["2026-12-01 00:00", "2027-01-01 00:00"]
    );
}

#[test]
fn an_hour_is_full_on_the_users_own_clock() {
    let at = "2026-11-20T12:20:00Z";
    let hours = [
        ("Europe/Berlin", ["2026-11-20 13:00", "2026-11-20 14:00"]),
        ("Asia/Kolkata", ["2026-11-20 17:00", "2026-11-20 18:00"]),
        ("Asia/Kathmandu", ["2026-11-20 18:00", "2026-11-20 19:00"]),
    ];
    for (name, span) in hours {
        assert_eq!(shown(period("hour", ""), at, &zone(name)), span, "{name}");
    }
}

#[test]
fn an_hour_that_repeats_is_two_hours() {
    let berlin = zone("Europe/Berlin");
    let first = period("hour", "").span(time("2026-10-25T00:30:00Z"), &berlin);
    let second = period("hour", "").span(time("2026-10-25T01:30:00Z"), &berlin);
    assert_eq!((length(&first), length(&second)), (HOUR, HOUR));
    assert_eq!(first.end, second.start);
}

#[test]
fn clocks_that_move_by_half_an_hour_make_a_short_one() {
    // Lord Howe: from 02:00 to 02:30 in October.
    let island = zone("Australia/Lord_Howe");
    let short = period("hour", "").span(time("2026-10-03T15:40:00Z"), &island);
    assert_eq!(length(&short), SignedDuration::from_mins(30));
    assert_eq!(short.start, time("2026-10-03T15:30:00Z"));
}

#[test]
fn rolling_days_begin_at_a_full_hour_of_utc_in_every_zone() {
    let at = time("2026-11-20T12:20:30.5Z");
    for name in ["Europe/Berlin", "Asia/Kathmandu"] {
        let span = period("rolling:30d", "").span(at, &zone(name));
        assert_eq!(span.start, time("2026-10-21T12:00:00Z"));
        assert_eq!(span.end, time("2026-11-20T12:20:30.501Z"));
        assert_eq!(period("rolling:30d", "").resets_at(at, &zone(name)), None);
    }
}

#[test]
fn total_is_all_that_was_and_ends_never() {
    let (total, utc) = (period("total", ""), TimeZone::UTC);
    let span = total.span(time("2026-11-20T12:00:00Z"), &utc);
    assert_eq!(span, Timestamp::UNIX_EPOCH..Timestamp::MAX);
    assert_eq!(total.resets_at(span.start, &utc), None);
}

#[test]
fn another_time_zone_has_spans_of_its_own_that_tile_as_well() {
    let at = time("2026-11-20T03:00:00Z");
    let day = period("day", "");
    let berlin = day.span(at, &zone("Europe/Berlin"));
    let tokyo = day.span(at, &zone("Asia/Tokyo"));
    assert_eq!(berlin.start, time("2026-11-19T23:00:00Z"));
    assert_eq!(tokyo.start, time("2026-11-19T15:00:00Z"));
    assert!(berlin.contains(&at) && tokyo.contains(&at));
}

#[test]
fn a_clock_that_is_set_back_within_a_span_frees_nothing() {
    let berlin = zone("Europe/Berlin");
    let (now, back) = (time("2026-11-20T12:00:00Z"), time("2026-11-20T09:00:00Z"));
    for window in ["day", "week", "month", "total"] {
        let period = period(window, "");
        assert_eq!(period.span(now, &berlin), period.span(back, &berlin), "{window}");
    }
}

#[test]
fn a_clock_that_is_set_back_to_another_span_finds_what_was_spent_in_that() {
    let berlin = zone("Europe/Berlin");
    let day = period("day", "");
    let (now, back) = (time("2026-11-20T12:00:00Z"), time("2026-11-19T12:00:00Z"));
    assert_eq!(day.span(back, &berlin).end, day.span(now, &berlin).start);
}

#[test]
fn the_ends_of_time_have_spans_too() {
    for window in ["hour", "day", "week", "month", "rolling:3660d", "total"] {
        for name in ["UTC", "Pacific/Apia", "America/Los_Angeles"] {
            for at in [Timestamp::MIN, Timestamp::MAX] {
                let span = period(window, "").span(at, &zone(name));
                assert!(span.start <= span.end, "{window} {name} {at}");
            }
        }
    }
}

/// Walks from span to span in every zone that there is, through a year of
/// clock changes and the winter in which Samoa left out a day, and asks at
/// random instants for the span that they are in.
#[test]
fn consecutive_spans_tile_time_without_gap_or_overlap_in_every_zone() {
    let periods = [
        period("day", ""),
        period("day", "02:30"),
        period("week", "sunday 00:30"),
        period("month", "31 02:00"),
    ];
    let mut zones = 0;
    for name in tz::db().available() {
        let zone = zone(name.as_str());
        for period in periods {
            tile(period, &zone, time("2011-12-01T00:00:00Z"), time("2012-02-01T00:00:00Z"));
            tile(period, &zone, time("2026-01-01T00:00:00Z"), time("2027-01-01T00:00:00Z"));
        }
        // Around each change of the clocks, where alone an hour can be odd.
        for change in zone.following(time("2011-12-01T00:00:00Z")).take(8) {
            let near = SignedDuration::from_hours(5);
            let (from, to) = (change.timestamp() - near, change.timestamp() + near);
            tile(period("hour", ""), &zone, from, to);
        }
        zones += 1;
    }
    assert!(zones > 300, "{zones}");
}

fn tile(period: Period, zone: &TimeZone, from: Timestamp, to: Timestamp) {
    let mut span = period.span(from, zone);
    while span.end < to {
        let next = period.span(span.end, zone);
        assert!(span.start < span.end, "{period} {zone:?} {span:?}");
        assert_eq!(span.end, next.start, "{period} {zone:?}");
        let inside = fastrand::i64(next.start.as_millisecond()..next.end.as_millisecond());
        let inside = Timestamp::from_millisecond(inside).unwrap();
        assert_eq!(period.span(inside, zone), next, "{period} {zone:?} {inside}");
        span = next;
    }
}
