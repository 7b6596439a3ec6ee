//! What Playwright's JSON report says.

use serde_json::Value;

use crate::tally::Tally;

/// Deepest nesting of suites that is read.
const DEPTH_MAX: usize = 16;

/// What the browser tests came to.
#[derive(Debug, Default)]
pub struct Report {
    /// The counts.
    pub tally: Tally,
    /// The names of the failed tests, and errors outside of any.
    pub failures: Vec<String>,
    /// The names of the tests that did not run, with why.
    pub skips: Vec<String>,
}

impl Report {
    /// One failure that kept all tests from running.
    pub fn broken(why: &str) -> Self {
        Self { tally: Tally::FAILED, failures: vec![why.to_owned()], skips: Vec::new() }
    }

    /// Reads a report. A run that ended badly without a failed test in it is a failure, and so is one without a test.
    pub fn read(text: &str, ended_well: bool) -> Self {
        let Ok(report) = serde_json::from_str::<Value>(text) else {
            return Self::broken("playwright wrote no readable report: see above");
        };
        let mut read = Self::default();
        for suite in list(&report, "suites") {
            read.suite(suite, "", 0);
        }
        if read.tally == Tally::default() {
            return Self::broken("no browser test ran: see above");
        }
        if read.tally.failed == 0 && (!ended_well || !list(&report, "errors").is_empty()) {
            read.tally += Tally::FAILED;
            read.failures.push("playwright ended badly outside of any test: see above".to_owned());
        }
        read
    }

    fn suite(&mut self, suite: &Value, above: &str, depth: usize) {
        let title = suite["title"].as_str().unwrap_or_default();
        let name = if above.is_empty() { title.to_owned() } else { format!("{above} › {title}") };
        for spec in list(suite, "specs") {
            self.spec(spec, &name);
        }
        if depth < DEPTH_MAX {
            for inner in list(suite, "suites") {
                self.suite(inner, &name, depth + 1);
            }
        }
    }

    fn spec(&mut self, spec: &Value, suite: &str) {
        let name = format!("{suite} › {}", spec["title"].as_str().unwrap_or("a test without a name"));
        for test in list(spec, "tests") {
            match test["status"].as_str() {
                Some("expected") => self.tally += Tally::PASSED,
                Some("skipped") => {
                    self.tally += Tally::SKIPPED;
                    let why = list(test, "annotations").iter().find_map(|note| note["description"].as_str());
                    self.skips.push(format!("{name}: {}", why.unwrap_or("a test before it failed")));
                }
                // Green at the second try only is not green.
                _ => {
                    self.tally += Tally::FAILED;
                    self.failures.push(name.clone());
                }
            }
        }
    }
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Report;

    fn test(title: &str, status: &str) -> Value {
        json!({"title": title, "tests": [{"status": status, "annotations": []}]})
    }

    fn report(specs: &[Value]) -> String {
        json!({"errors": [], "suites": [{"title": "story.spec.mjs", "specs": specs[..1],
            "suites": [{"title": "outages", "specs": specs[1..]}]}]})
        .to_string()
    }

    #[test]
    fn every_test_is_counted_and_the_failed_ones_are_named() {
        let specs = [test("a", "expected"), test("b", "unexpected"), test("c", "skipped"), test("d", "flaky")];
        let read = Report::read(&report(&specs), false);
        assert_eq!(read.tally.to_string(), "1 passed, 2 failed, 1 skipped");
        assert_eq!(read.failures, ["story.spec.mjs › outages › b", "story.spec.mjs › outages › d"]);
        assert_eq!(read.skips, ["story.spec.mjs › outages › c: a test before it failed"]);
    }

    #[test]
    fn a_bad_end_that_no_test_explains_is_a_failure() {
        let green = report(&[test("a", "expected")]);
        assert_eq!(Report::read(&green, true).tally.to_string(), "1 passed, 0 failed, 0 skipped");
        assert_eq!(Report::read(&green, false).tally.to_string(), "1 passed, 1 failed, 0 skipped");
        let broken = json!({"errors": [{"message": "no config"}], "suites": []}).to_string();
        for text in [broken.as_str(), "", "{}"] {
            assert_eq!(Report::read(text, true).tally.to_string(), "0 passed, 1 failed, 0 skipped", "{text}");
        }
    }
}
