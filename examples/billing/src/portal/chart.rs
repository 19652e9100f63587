//! The chart of deliveries over time: stacked bars as SVG.

use super::moment::Moment;
use crate::billing::outcome::Outcome;

/// The time that the chart covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Span {
    #[default]
    Hour,
    Day,
    Week,
}

impl Span {
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// Returns the name in a URL.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.code() == code)
    }

    pub fn short(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "24 hours",
            Self::Week => "7 days",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Hour => "The last hour",
            Self::Day => "The last 24 hours",
            Self::Week => "The last 7 days",
        }
    }

    /// Returns the seconds per bar: whole minutes, because rejections are counted by minute.
    pub fn seconds_per_bar(self) -> i64 {
        match self {
            Self::Hour => 60,
            Self::Day => 30 * 60,
            Self::Week => 3 * 60 * 60,
        }
    }

    fn bars(self) -> usize {
        match self {
            Self::Hour => 60,
            Self::Day => 48,
            Self::Week => 56,
        }
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
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub title: String,
}

impl Chart {
    pub const WIDTH: u32 = 600;
    pub const HEIGHT: u32 = 120;
    pub const GRID: [u32; 3] = [1, 60, 119];

    /// The smallest height of a segment, so that a count of 1 is visible beside tall bars.
    const MIN_HEIGHT: f64 = 2.5;

    /// Creates the bars up to the current one.
    pub fn new(span: Span, now: i64) -> Self {
        let bars = vec![Counts::default(); span.bars()];
        let first = now.div_euclid(span.seconds_per_bar()) - bars.len() as i64 + 1;
        Self { span, first, bars }
    }

    /// Returns when the first bar begins, in Unix seconds.
    pub fn since(&self) -> i64 {
        self.first * self.span.seconds_per_bar()
    }

    /// Adds to a bar. Its number is a time in Unix seconds divided by [`Span::seconds_per_bar`].
    pub fn add(&mut self, bar: i64, outcome: Outcome, count: i64) {
        let counts = usize::try_from(bar - self.first).ok().and_then(|index| self.bars.get_mut(index));
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
            return format!("{}: no deliveries.", self.span.title());
        }
        format!("{}: {}. The tallest bar has {}.", self.span.title(), parts.join(", "), self.tallest())
    }

    pub fn start(&self) -> String {
        let start = Moment::new(self.since());
        match self.span {
            Span::Week => start.day(),
            _ => format!("{} UTC", start.clock()),
        }
    }

    pub fn pieces(&self) -> Vec<Piece> {
        let width = f64::from(Self::WIDTH) / self.bars.len() as f64;
        let available = f64::from(Self::HEIGHT) - Self::MIN_HEIGHT * Outcome::ALL.len() as f64;
        let per_delivery = available / self.tallest().max(1) as f64;

        let mut pieces = Vec::new();
        for (index, counts) in self.bars.iter().enumerate() {
            let start = Moment::new((self.first + index as i64) * self.span.seconds_per_bar());
            let mut y = f64::from(Self::HEIGHT);
            for outcome in Outcome::ALL {
                let count = counts[outcome as usize];
                if count <= 0 {
                    continue;
                }
                let height = (count as f64 * per_delivery).max(Self::MIN_HEIGHT);
                y -= height;
                pieces.push(Piece {
                    outcome,
                    x: format!("{:.2}", width * (index as f64 + 0.1)),
                    y: format!("{y:.2}"),
                    width: format!("{:.2}", width * 0.8),
                    height: format!("{height:.2}"),
                    title: format!("{}: {count} {}", start.utc(), outcome.label()),
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
        let mut chart = Chart::new(Span::Hour, NOW);
        let this_minute = NOW / 60;
        assert_eq!(chart.since(), (this_minute - 59) * 60);
        for (bar, count) in [(this_minute - 60, 1), (this_minute - 59, 2), (this_minute, 4), (this_minute + 1, 8)] {
            chart.add(bar, Outcome::Applied, count);
        }
        chart.add(this_minute, Outcome::Rejected, 3);

        assert_eq!(chart.summary(), "The last hour: 6 applied, 3 refused. The tallest bar has 7.");
        assert_eq!(chart.pieces().len(), 3);
        assert_eq!(Chart::new(Span::Day, NOW).summary(), "The last 24 hours: no deliveries.");
    }

    #[test]
    fn every_segment_is_visible_and_inside_the_chart() {
        for span in Span::ALL {
            let mut chart = Chart::new(span, NOW);
            let bar = NOW / span.seconds_per_bar();
            for (place, outcome) in Outcome::ALL.into_iter().enumerate() {
                chart.add(bar, outcome, if place == 0 { 1_000_000 } else { 1 });
            }
            for piece in chart.pieces() {
                let [x, y, width, height] =
                    [&piece.x, &piece.y, &piece.width, &piece.height].map(|text| text.parse::<f64>().unwrap());
                assert!(x >= 0.0 && x + width <= f64::from(Chart::WIDTH), "{piece:?}");
                assert!(y >= 0.0 && y + height <= f64::from(Chart::HEIGHT) + 0.01 && height >= 2.5, "{piece:?}");
            }
        }
    }
}
