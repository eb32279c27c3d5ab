//! Instants as whole seconds since 1970-01-01T00:00:00Z, read from and written in the forms that archives use.
//!
//! Formats: WARC 1.1 section 5.4 (a W3C profile of ISO 8601, parts may be missing from the right) and the 14 digits of
//! ARC. Fractions are cut, offsets converted, missing parts filled with the earliest value.

use std::ops::RangeInclusive;

use time::{Date, Month, PrimitiveDateTime, Time, UtcOffset};

/// From the first to the last second of the years 0000 to 9999.
const WRITABLE: RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;

/// Reads an instant: `2024-05-01T12:00:00Z`, `2024-05-01T12:00:00.25+02:00`, `2024-05-01`, `2024`, `20240501120000`.
/// None if the text is none of these, names no real date or one outside of the years 0000 to 9999.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim().as_bytes();
    if text.len() == 14 && text.iter().all(u8::is_ascii_digit) {
        return digits14(text);
    }
    let mut rest = text;
    let year = number(&mut rest, 4)?;
    let month = if skip(&mut rest, b"-") {
        number(&mut rest, 2)?
    } else {
        return start(rest, year, 1, 1);
    };
    let day = if skip(&mut rest, b"-") {
        number(&mut rest, 2)?
    } else {
        return start(rest, year, month, 1);
    };
    if !skip(&mut rest, b"Tt ") {
        return start(rest, year, month, day);
    }
    let hour = number(&mut rest, 2)?;
    if !skip(&mut rest, b":") {
        return None;
    }
    let minute = number(&mut rest, 2)?;
    let second = if skip(&mut rest, b":") {
        number(&mut rest, 2)?
    } else {
        0
    };
    if skip(&mut rest, b".,") {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return None;
        }
        rest = &rest[digits..];
    }
    let instant = seconds(year, month, day, hour, minute, second)? - offset_seconds(rest)?;
    // An offset can lead out of the years that have a written form.
    WRITABLE.contains(&instant).then_some(instant)
}

/// Writes an instant as `YYYY-MM-DDTHH:MM:SSZ`, 20 characters for the years 0000 to 9999.
pub fn format(instant: i64) -> String {
    let Ok(t) = time::OffsetDateTime::from_unix_timestamp(instant) else {
        return String::new();
    };
    let (h, m, s) = t.to_hms();
    format!(
        "{:04}-{:02}-{:02}T{h:02}:{m:02}:{s:02}Z",
        t.year(),
        u8::from(t.month()),
        t.day()
    )
}

/// A date whose smaller parts are missing: only a time zone may follow.
fn start(rest: &[u8], year: u32, month: u32, day: u32) -> Option<i64> {
    matches!(rest, b"" | b"Z" | b"z").then(|| seconds(year, month, day, 0, 0, 0))?
}

fn digits14(text: &[u8]) -> Option<i64> {
    let mut rest = text;
    let year = number(&mut rest, 4)?;
    let mut part = || number(&mut rest, 2);
    seconds(year, part()?, part()?, part()?, part()?, part()?)
}

fn seconds(year: u32, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    let small = |n: u32| u8::try_from(n).ok();
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    Some(
        PrimitiveDateTime::new(date, time)
            .assume_offset(UtcOffset::UTC)
            .unix_timestamp(),
    )
}

/// `Z`, nothing (taken as UTC), `+hh:mm`, `+hhmm` or `+hh`.
fn offset_seconds(mut rest: &[u8]) -> Option<i64> {
    let sign = match rest.first() {
        None => return Some(0),
        Some(b'Z' | b'z') => return (rest.len() == 1).then_some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    rest = &rest[1..];
    let hours = number(&mut rest, 2)?;
    skip(&mut rest, b":");
    let minutes = if rest.is_empty() { 0 } else { number(&mut rest, 2)? };
    (rest.is_empty() && hours < 24 && minutes < 60).then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

fn number(rest: &mut &[u8], digits: usize) -> Option<u32> {
    let head = rest.get(..digits)?;
    *rest = &rest[digits..];
    head.iter()
        .try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
}

fn skip(rest: &mut &[u8], any_of: &[u8]) -> bool {
    let found = rest.first().is_some_and(|b| any_of.contains(b));
    if found {
        *rest = &rest[1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_instant() {
        let instant = 1_714_564_800; // 2024-05-01T12:00:00Z
        for text in [
            "2024-05-01T12:00:00Z",
            "2024-05-01T12:00:00.999999999Z",
            "2024-05-01T14:00:00+02:00",
            "2024-05-01T07:30:00-0430",
            "2024-05-01T12:00Z",
            "2024-05-01T12:00:00",
            "20240501120000",
            " 2024-05-01t12:00:00z ",
        ] {
            assert_eq!(parse(text), Some(instant), "{text}");
        }
        assert_eq!(format(instant), "2024-05-01T12:00:00Z");
    }

    #[test]
    fn missing_parts_take_the_earliest_value() {
        assert_eq!(parse("2024"), parse("2024-01-01T00:00:00Z"));
        assert_eq!(parse("2024-05"), parse("2024-05-01T00:00:00Z"));
        assert_eq!(parse("2024-05-07"), parse("2024-05-07T00:00:00Z"));
    }

    #[test]
    fn every_instant_that_is_read_can_be_written() {
        for (text, written) in [
            ("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z")),
            ("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59Z")),
            ("0000-01-01T01:00:00+01:00", Some("0000-01-01T00:00:00Z")),
            ("0000-01-01T00:59:59+01:00", None),
            ("9999-12-31T22:59:59-01:00", Some("9999-12-31T23:59:59Z")),
            ("9999-12-31T23:00:00-01:00", None),
        ] {
            assert_eq!(parse(text).map(format).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn unreadable() {
        for text in [
            "",
            "now",
            "2024-13-01",
            "2023-02-29",
            "2024-05-01T",
            "2024-05-01T25:00:00Z",
            "2024-05-01T12:00:00X",
            "202405011200",
            "24-05-01",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
