//! The figures that `e2e/bench/page.mjs` wrote, and what they come to.

use serde_json::Value;

use super::goal::Goal;
use super::stats::{Shift, cumulative_shift, percentile};
use crate::error::Error;

/// Least number of requests that a server time is taken from.
const REQUESTS_MIN: usize = 300;
/// Least number of cold loads that a first paint is taken from.
const PAINTS_MIN: usize = 5;

/// All of them.
#[derive(Debug, Default)]
pub struct Figures {
    events: u64,
    rows: u64,
    filled_ms: f64,
    browser: String,
    /// What was begun under which load average.
    loads: Vec<(String, f64)>,
    signed_in: Weight,
    anonymous: Weight,
    fcp_ms: Vec<f64>,
    fcp_applied_ms: Vec<f64>,
    /// Width of the page and its shifts.
    arrivals: Vec<(u64, Vec<Shift>)>,
    pill_ms: Vec<f64>,
    row_ms: Vec<f64>,
    interactions: Vec<(String, f64)>,
    /// Path, bytes and times of the page without a browser.
    served: Vec<(String, f64, Vec<f64>)>,
}

/// A first load.
#[derive(Debug, Default)]
struct Weight {
    /// Path and bytes of what was loaded.
    parts: Vec<(String, f64)>,
    /// Addresses of others.
    foreign: usize,
}

impl Weight {
    fn bytes(&self) -> f64 {
        self.parts.iter().map(|(_, bytes)| bytes).sum()
    }
}

impl Figures {
    /// Reads the file; a figure that is missing, or rests on too few measurements, is an error and no zero.
    pub fn read(text: &str) -> Result<Self, Error> {
        let value: Value = serde_json::from_str(text).map_err(|_| Error::Figures("JSON"))?;
        let shifts = |page: &Value| {
            let shift = |shift: &Value| {
                let by_hand = shift["by_hand"].as_bool().ok_or(Error::Figures("by_hand"))?;
                Ok(Shift { at_ms: number(shift, "at_ms")?, value: number(shift, "value")?, by_hand })
            };
            let width = page["width"].as_u64().ok_or(Error::Figures("width"))?;
            Ok((width, list(page, "shifts")?.iter().map(shift).collect::<Result<_, Error>>()?))
        };
        let served = |view: &Value| Ok((text_of(view, "path")?, number(view, "bytes")?, numbers(view, "ms")?));
        let figures = Self {
            events: value["events"].as_u64().ok_or(Error::Figures("events"))?,
            rows: value["rows"].as_u64().ok_or(Error::Figures("rows"))?,
            filled_ms: number(&value, "filled_ms")?,
            browser: text_of(&value, "browser")?,
            loads: pairs(&value, "loads", "what", "load")?,
            signed_in: weight(&value, "signed_in")?,
            anonymous: weight(&value, "anonymous")?,
            fcp_ms: numbers(&value, "fcp_ms")?,
            fcp_applied_ms: numbers(&value, "fcp_applied_ms")?,
            arrivals: list(&value, "arrivals")?.iter().map(shifts).collect::<Result<_, Error>>()?,
            pill_ms: numbers(&value["delays"], "pill_ms")?,
            row_ms: numbers(&value["delays"], "row_ms")?,
            interactions: pairs(&value, "interactions", "name", "ms")?,
            served: list(&value, "served")?.iter().map(served).collect::<Result<_, Error>>()?,
        };
        if figures.fcp_ms.len() < PAINTS_MIN {
            return Err(Error::Figures("fcp_ms"));
        }
        let first = figures.served.first().ok_or(Error::Figures("served"))?;
        if first.0 != "/" || first.2.len() < REQUESTS_MIN {
            return Err(Error::Figures("served"));
        }
        if figures.arrivals.is_empty() || figures.row_ms.is_empty() {
            return Err(Error::Figures("arrivals"));
        }
        Ok(figures)
    }

    /// Every goal.
    pub fn goals(&self) -> Vec<Goal> {
        let heavier = self.signed_in.bytes().max(self.anonymous.bytes());
        let moved = self.arrivals.iter().map(|(_, shifts)| cumulative_shift(shifts)).fold(0.0, f64::max);
        let foreign = u32::try_from(self.signed_in.foreign + self.anonymous.foreign).unwrap_or(u32::MAX);
        let first = &self.served[0].2;
        let goal = |name: &str, value, limit, unit, digits| Goal { name: name.to_owned(), value, limit, unit, digits };
        vec![
            goal("first page with all that it loads, compressed", heavier / 1_000.0, 60.0, "KB", 1),
            goal("requests to third parties", f64::from(foreign), 0.0, "", 0),
            goal(
                "first contentful paint, slow 4G and a 4 times slower processor, median",
                percentile(&self.fcp_ms, 50) / 1_000.0,
                1.0,
                "s",
                2,
            ),
            goal("layout shift while events arrive, worst width", moved, 0.02, "", 4),
            goal("an entry in sight after its POST, p95", percentile(&self.row_ms, 95) / 1_000.0, 1.0, "s", 2),
            goal(
                &format!("server time of the page, {} rows in the ledger, p99", thousands(self.rows)),
                percentile(first, 99),
                20.0,
                "ms",
                1,
            ),
        ]
    }

    /// Every figure, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "page: release build, Chromium {}, {} events sent in {:.1} s, {} rows",
            self.browser,
            thousands(self.events),
            self.filled_ms / 1_000.0,
            thousands(self.rows)
        )];
        lines.extend(self.loads.iter().map(|(what, load)| format!("load average {load:5.2}  when it began {what}")));
        for (who, weight) in [("signed in", &self.signed_in), ("nobody signed in", &self.anonymous)] {
            lines.push(format!("first page, {who}: {:.1} KB on the wire, heads included", weight.bytes() / 1_000.0));
            let parts = weight.parts.iter().filter(|(_, bytes)| *bytes > 0.0);
            lines.extend(parts.map(|(path, bytes)| format!("  {:>7.1} KB  {path}", bytes / 1_000.0)));
        }
        lines.push(format!("first paint at slow 4G (150 ms, 1.6 Mbit/s), ms: {}", all(&self.fcp_ms)));
        lines.push(format!("the same as DevTools applies it (562.5 ms), ms, no goal: {}", all(&self.fcp_applied_ms)));
        for (width, shifts) in &self.arrivals {
            let moved = cumulative_shift(shifts);
            lines.push(format!("layout shift at {width} px while events arrive and the pill counts them: {moved:.4}"));
        }
        lines.push(format!("from POST to the pill, ms: {}", spread(&self.pill_ms)));
        lines.push(format!("from POST to the row, the pill pressed as soon as it shows, ms: {}", spread(&self.row_ms)));
        let hands = self.interactions.iter().map(|(name, ms)| format!("{name} {ms:.0}")).collect::<Vec<_>>();
        let worst = self.interactions.iter().map(|(_, ms)| *ms).fold(0.0, f64::max);
        lines.push(format!(
            "from a hand to the next paint, 4 times slower processor: worst {worst:.0} ms ({})",
            hands.join(", ")
        ));
        for (path, bytes, ms) in &self.served {
            lines.push(format!("server time of {path:<22} {:>5.1} KB, ms: {}", bytes / 1_000.0, spread(ms)));
        }
        lines
    }
}

fn weight(value: &Value, key: &'static str) -> Result<Weight, Error> {
    let value = &value[key];
    Ok(Weight { parts: pairs(value, "parts", "path", "bytes")?, foreign: list(value, "foreign")?.len() })
}

fn pairs(value: &Value, key: &'static str, name: &'static str, of: &'static str) -> Result<Vec<(String, f64)>, Error> {
    list(value, key)?.iter().map(|pair| Ok((text_of(pair, name)?, number(pair, of)?))).collect()
}

fn list<'v>(value: &'v Value, key: &'static str) -> Result<&'v Vec<Value>, Error> {
    value[key].as_array().ok_or(Error::Figures(key))
}

fn number(value: &Value, key: &'static str) -> Result<f64, Error> {
    value[key].as_f64().ok_or(Error::Figures(key))
}

fn numbers(value: &Value, key: &'static str) -> Result<Vec<f64>, Error> {
    list(value, key)?.iter().map(|number| number.as_f64().ok_or(Error::Figures(key))).collect()
}

fn text_of(value: &Value, key: &'static str) -> Result<String, Error> {
    Ok(value[key].as_str().ok_or(Error::Figures(key))?.to_owned())
}

fn all(values: &[f64]) -> String {
    values.iter().map(|value| format!("{value:.0}")).collect::<Vec<_>>().join(" ")
}

fn spread(values: &[f64]) -> String {
    let [middle, p95, p99, worst] = [50, 95, 99, 100].map(|percent| percentile(values, percent));
    format!("p50 {middle:.1}, p95 {p95:.1}, p99 {p99:.1}, worst {worst:.1} of {}", values.len())
}

/// `100,000`.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
