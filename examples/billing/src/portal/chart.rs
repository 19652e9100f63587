//! The chart of deliveries over time: stacked bars as SVG.

use super::moment::Moment;
use crate::billing::outcome::Outcome;

/// The time that the chart covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The name in a URL.
    pub code: &'static str,
    pub label: &'static str,
    pub title: &'static str,
    /// Whole minutes, because rejections are counted by minute.
    pub seconds_per_bar: i64,
    bars: usize,
}

impl Span {
    const HOUR: Self = Self::new("hour", "1 hour", "The last hour", 60, 60);
    const DAY: Self = Self::new("day", "24 hours", "The last 24 hours", 30 * 60, 48);
    const WEEK: Self = Self::new("week", "7 days", "The last 7 days", 3 * 60 * 60, 56);

    pub const ALL: [Self; 3] = [Self::HOUR, Self::DAY, Self::WEEK];

    const fn new(
        code: &'static str,
        label: &'static str,
        title: &'static str,
        seconds_per_bar: i64,
        bars: usize,
    ) -> Self {
        Self { code, label, title, seconds_per_bar, bars }
    }

    /// Returns the last hour if there is no such span.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|span| span.code == code).unwrap_or(Self::HOUR)
    }
}

type Counts = [i64; Outcome::ALL.len()];

#[derive(Debug)]
pub struct Chart {
    pub span: Span,
    /// The number of the first bar, counted from 1970.
    first: i64,
    bars: Vec<Counts>,
}

/// One segment of a bar.
#[derive(Debug)]
pub struct Piece {
    pub outcome: Outcome,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
    pub title: String,
}

impl Chart {
    pub const WIDTH: i64 = 60_000;
    pub const HEIGHT: i64 = 12_000;
    pub const GRID: [i64; 3] = [100, 6_000, 11_900];

    /// The smallest height of a segment, so that a count of 1 is visible beside tall bars.
    const MIN_HEIGHT: i64 = 250;

    /// Creates the bars up to the current one.
    pub fn new(span: Span, now: i64) -> Self {
        let bars = vec![Counts::default(); span.bars];
        let first = now.div_euclid(span.seconds_per_bar) - bars.len() as i64 + 1;
        Self { span, first, bars }
    }

    /// Returns when the first bar begins, in Unix seconds.
    pub fn since(&self) -> i64 {
        self.first * self.span.seconds_per_bar
    }

    /// Adds to a bar. Its number is a time in Unix seconds divided by its span's `seconds_per_bar`.
    pub fn add(&mut self, bar: i64, outcome: Outcome, count: i64) {
        let counts =
            usize::try_from(bar - self.first).ok().and_then(|index| self.bars.get_mut(index));
        if let Some(counts) = counts {
            counts[outcome as usize] += count;
        }
    }

    pub fn tallest(&self) -> i64 {
        self.bars.iter().map(|counts| counts.iter().sum()).max().unwrap_or(0)
    }

    pub fn totals(&self) -> Vec<(Outcome, i64)> {
        let total = |outcome| self.bars.iter().map(|counts| counts[outcome as usize]).sum();
        Outcome::ALL.map(|outcome| (outcome, total(outcome))).to_vec()
    }

    /// Describes the chart in words, for screen readers.
    pub fn summary(&self) -> String {
        let parts: Vec<_> = self
            .totals()
            .into_iter()
            .filter(|(_, total)| *total > 0)
            .map(|(outcome, total)| format!("{total} {}", outcome.label()))
            .collect();
        if parts.is_empty() {
            return format!("{}: no deliveries.", self.span.title);
        }
        format!(
            "{}: {}. The tallest bar has {}.",
            self.span.title,
            parts.join(", "),
            self.tallest()
        )
    }

    pub fn start(&self) -> String {
        let start = Moment::new(self.since());
        if self.span == Span::WEEK { start.day() } else { format!("{} UTC", start.clock()) }
    }

    pub fn pieces(&self) -> Vec<Piece> {
        let width = Self::WIDTH / self.bars.len() as i64;
        let tallest = self.tallest();
        let available = Self::HEIGHT - Self::MIN_HEIGHT * Outcome::ALL.len() as i64;

        let mut pieces = Vec::new();
        for (index, counts) in (0..).zip(&self.bars) {
            let start = Moment::new((self.first + index) * self.span.seconds_per_bar).utc();
            let mut y = Self::HEIGHT;
            for outcome in Outcome::ALL {
                let count = counts[outcome as usize];
                if count <= 0 {
                    continue;
                }
                let height = (count * available / tallest).max(Self::MIN_HEIGHT);
                y -= height;
                pieces.push(Piece {
                    outcome,
                    x: width * index + width / 10,
                    y,
                    width: width * 8 / 10,
                    height,
                    title: format!("{start}: {count} {}", outcome.label()),
                });
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_447_015;

    #[test]
    fn only_deliveries_within_the_span_are_counted() {
        let mut chart = Chart::new(Span::HOUR, NOW);
        let this_minute = NOW / 60;
        assert_eq!(chart.since(), (this_minute - 59) * 60);
        for (bar, count) in
            [(this_minute - 60, 1), (this_minute - 59, 2), (this_minute, 4), (this_minute + 1, 8)]
        {
            chart.add(bar, Outcome::Applied, count);
        }
        chart.add(this_minute, Outcome::Rejected, 3);

        assert_eq!(chart.summary(), "The last hour: 6 applied, 3 refused. The tallest bar has 7.");
        assert_eq!(chart.pieces().len(), 3);
        assert_eq!(Chart::new(Span::DAY, NOW).summary(), "The last 24 hours: no deliveries.");
    }

    #[test]
    fn every_segment_is_visible_and_inside_the_chart() {
        for span in Span::ALL {
            let mut chart = Chart::new(span, NOW);
            let bar = NOW / span.seconds_per_bar;
            for (place, outcome) in Outcome::ALL.into_iter().enumerate() {
                chart.add(bar, outcome, if place == 0 { 1_000_000 } else { 1 });
            }
            for piece in chart.pieces() {
                let Piece { x, y, width, height, .. } = piece;
                assert!(x >= 0 && x + width <= Chart::WIDTH, "{piece:?}");
                assert!(y >= 0 && y + height <= Chart::HEIGHT && height >= 250, "{piece:?}");
            }
        }
    }
}
