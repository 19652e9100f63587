//! Times in the format of the pages, in UTC.

use std::borrow::Borrow;

use jiff::Timestamp;

use crate::time;

/// A time, shown relative to now.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    unix: i64,
    now: i64,
}

impl Moment {
    /// Takes a reference too, because templates pass some numbers by reference.
    pub fn new(unix: impl Borrow<i64>) -> Self {
        Self { unix: *unix.borrow(), now: time::now() }
    }

    /// `2026-11-25T16:05:32Z`
    pub fn iso(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `25 Nov 2026, 16:05:32 UTC`
    pub fn utc(self) -> String {
        self.format("%-d %b %Y, %H:%M:%S UTC")
    }

    /// `25 Nov 2026`
    pub fn day(self) -> String {
        self.format("%-d %b %Y")
    }

    /// `16:05`
    pub fn clock(self) -> String {
        self.format("%H:%M")
    }

    /// `12 s ago`, `3 h ago`, `in 2 days`; beyond four weeks the day.
    pub fn relative(self) -> String {
        let distance = self.now.abs_diff(self.unix);
        let amount = match distance {
            0..2 => return "just now".into(),
            2..60 => format!("{distance} s"),
            60..3_600 => format!("{} min", distance / 60),
            3_600..86_400 => format!("{} h", distance / 3_600),
            86_400..172_800 => "1 day".into(),
            172_800..2_419_200 => format!("{} days", distance / 86_400),
            _ => return self.day(),
        };
        if self.unix > self.now { format!("in {amount}") } else { format!("{amount} ago") }
    }

    /// A number that is not a valid time is shown as a number.
    fn format(self, format: &str) -> String {
        Timestamp::from_second(self.unix).map_or_else(
            |_| self.unix.to_string(),
            |timestamp| timestamp.strftime(format).to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_447_015;

    fn at(unix: i64) -> Moment {
        Moment { unix, now: NOW }
    }

    #[test]
    fn a_time_is_relative_for_four_weeks_and_then_a_day() {
        for (distance, ago) in [
            (0, "just now"),
            (1, "just now"),
            (2, "2 s ago"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (3_600, "1 h ago"),
            (86_399, "23 h ago"),
            (86_400, "1 day ago"),
            (172_799, "1 day ago"),
            (172_800, "2 days ago"),
            (2_419_199, "27 days ago"),
            (2_419_200, "26 Oct 2026"),
        ] {
            assert_eq!(at(NOW - distance).relative(), ago, "{distance}");
        }
        assert_eq!(at(NOW + 7_200).relative(), "in 2 h");
    }

    #[test]
    fn a_time_is_formatted_in_utc_and_an_invalid_one_as_a_number() {
        assert_eq!(at(NOW).iso(), "2026-11-23T15:16:55Z");
        assert_eq!(at(NOW).utc(), "23 Nov 2026, 15:16:55 UTC");
        for absurd in [i64::MIN, i64::MAX] {
            assert_eq!(at(absurd).relative(), absurd.to_string());
        }
    }
}
