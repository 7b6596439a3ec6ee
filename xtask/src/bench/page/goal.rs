//! One goal: a figure and the most it may be.

use std::fmt;

/// A figure with its limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// What is measured.
    pub name: String,
    /// What was measured.
    pub value: f64,
    /// The most it may be.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Digits behind the point.
    pub digits: usize,
}

impl Goal {
    /// Whether the figure is within its limit; one that is no number is not.
    pub fn is_met(&self) -> bool {
        self.value <= self.limit
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, limit, unit, digits } = self;
        let figure = format!("{value:.digits$} {unit}");
        let most = format!("{limit} {unit}");
        let word = if self.is_met() { "ok" } else { "FAILED" };
        write!(f, "{name:<72} {:>10}  at most {:<8} {word}", figure.trim_end(), most.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::Goal;

    fn goal(value: f64) -> Goal {
        Goal { name: "first page".to_owned(), value, limit: 60.0, unit: "KB", digits: 1 }
    }

    #[test]
    fn a_goal_is_met_up_to_its_limit_and_says_so() {
        assert!(goal(60.0).is_met() && !goal(60.01).is_met() && !goal(f64::NAN).is_met());
        assert!(goal(43.14).to_string().ends_with("   43.1 KB  at most 60 KB    ok"));
        assert!(goal(61.0).to_string().ends_with("FAILED"));
    }
}
