//! Instants as seconds since 1970, and the two ways in which archives write them.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
/// Seconds of a day.
pub const DAY: u64 = 86_400;

/// `2025-03-04T05:06:07Z`, as `WARC-Date` has it.
pub fn iso(seconds: u64) -> String {
    let (year, month, day) = calendar(seconds / DAY);
    let (hour, minute, second) = clock(seconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `Tue, 04 Mar 2025 05:06:07 GMT`, as HTTP has it.
pub fn http(seconds: u64) -> String {
    let (year, month, day) = calendar(seconds / DAY);
    let (hour, minute, second) = clock(seconds);
    let weekday = WEEKDAYS[(seconds / DAY % 7) as usize];
    let month = MONTHS[month as usize - 1];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

fn clock(seconds: u64) -> (u64, u64, u64) {
    (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60)
}

/// Year, month and day of a day since 1970, counting years from March so that the leap day comes last.
fn calendar(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468; // from 1 March of the year 0
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(1_709_210_096), "2024-02-29T12:34:56Z");
        assert_eq!(http(1_709_210_096), "Thu, 29 Feb 2024 12:34:56 GMT");
        assert_eq!(iso(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(http(1_740_787_200), "Sat, 01 Mar 2025 00:00:00 GMT");
    }
}
