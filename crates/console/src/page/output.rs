//! What an engine printed, as its page shows it.

use super::panel::Notice;
use serde::Deserialize;

/// Lines of one side.
pub const LINES: usize = 50;
/// A line is cut where it is longer, in characters.
const LINE_MAX: usize = 400;

/// What Engine Runtime answers of one side; newer fields tolerated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct OutputSeen {
    #[serde(default)]
    pub lines: Vec<String>,
}

/// One side's last lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideOutput {
    /// The side's word.
    pub side: &'static str,
    pub title: &'static str,
    pub lines: Vec<String>,
}

/// The section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Why there is nothing to show.
    pub notice: Option<Notice>,
    pub sides: Vec<SideOutput>,
}

impl Output {
    /// Nothing, and why.
    pub fn none(kind: &'static str, why: impl Into<String>) -> Self {
        Self { notice: Some(Notice::new(kind, why)), sides: vec![] }
    }
}

/// The last lines, each cut to what a page holds.
pub fn lines(seen: OutputSeen) -> Vec<String> {
    let cut = |line: String| match line.char_indices().nth(LINE_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    };
    let skip = seen.lines.len().saturating_sub(LINES);
    seen.lines.into_iter().skip(skip).map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_shown_and_a_long_one_is_cut() {
        let mut all: Vec<_> = (0..60).map(|n| n.to_string()).collect();
        all.push("é".repeat(LINE_MAX + 1));
        let shown = lines(OutputSeen { lines: all });
        assert_eq!((shown.len(), shown[0].as_str()), (LINES, "11"));
        assert_eq!(shown.last().unwrap().chars().count(), LINE_MAX + 1);
        assert!(shown.last().unwrap().ends_with('…'));
    }
}
