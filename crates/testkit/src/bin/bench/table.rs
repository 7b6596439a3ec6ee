//! All figures as a person reads them.

use crate::args::Pace;
use crate::event;
use crate::figures::Spread;
use crate::machine::Machine;
use crate::report::Report;
use crate::start::POLL;
use crate::toy::{LEAF_BYTES, PAYLOAD_BYTES};

/// The whole page.
pub fn text(report: &Report) -> String {
    let mut out = heading(&report.machine, &report.load_after, report.pace);
    out += "\n";
    out += &appends(report);
    out += "\n";
    out += &deployments(report);
    out
}

/// On what it was measured, and how.
pub fn heading(machine: &Machine, load_after: &str, pace: Pace) -> String {
    let mut out = format!(
        "countersign bench: {} cores, {}, {}\nload average before {}, after {}\n\
         {} runs of {:.1} s after {:.1} s of warm-up, taking turns; min / median / max\n",
        machine.cores,
        machine.processor,
        machine.file_system,
        machine.load,
        load_after,
        pace.runs,
        pace.measured.as_secs_f64(),
        pace.warm_up.as_secs_f64(),
    );
    if machine.in_memory() {
        out += "a flush reaches no disk here: measure elsewhere with --dir DIR\n";
    }
    if machine.is_busy() {
        out += "the machine was busy with other work: rates are lower bounds; those of threads that only flush\n\
                suffer most, so x RAW flatters\n";
    }
    out
}

fn appends(report: &Report) -> String {
    let mut lines = vec![["DURABLE APPENDS", "PER SECOND", "P50 µs", "P99 µs", "x RAW"].map(str::to_owned).to_vec()];
    for row in &report.rows {
        let all = row.spreads();
        let of_raw = all.of_raw.map(|spread| triple(spread, 2)).unwrap_or_default();
        lines.push(vec![
            row.name.clone(),
            triple(all.per_second, 0),
            triple(all.p50_us, 0),
            triple(all.p99_us, 0),
            of_raw,
        ]);
    }
    let event_bytes = event::body(1).map_or(0, |body| body.len());
    aligned(&lines)
        + &format!(
            "x raw: by the better raw rate of the same round; in process: {LEAF_BYTES} B leaf + {PAYLOAD_BYTES} B payload,\n\
             Ack::Durable; HTTP: {event_bytes} B a POST /v1/events, callers on the same cores as Governance\n"
        )
}

fn deployments(report: &Report) -> String {
    let mut lines = vec![vec![format!("DEPLOYMENTS ({})", report.deployments.len()), "ms".to_owned()]];
    let times = [
        ("run signed to new release serving", report.times_ms(|one| one.serving)),
        ("the engine's own start", report.times_ms(|one| one.own_start)),
        ("run signed to Effective", report.times_ms(|one| one.effective)),
    ];
    lines.extend(times.map(|(name, spread)| vec![name.to_owned(), triple(spread, 0)]));
    for (name, spread) in report.steps_ms() {
        lines.push(vec![format!("  {name}"), triple(spread, 0)]);
    }
    aligned(&lines)
        + &format!(
            "serving: the first 200 of the new release, asked on a new connection every {} ms (through the front;\n\
             for the own start directly, without confinement); a step's time ends in the runner's own verified fold\n",
            POLL.as_millis()
        )
}

/// Least, middle and most.
pub fn triple(spread: Spread, decimals: usize) -> String {
    let one = |value: f64| grouped(&format!("{value:.decimals$}"));
    format!("{} / {} / {}", one(spread.min), one(spread.median), one(spread.max))
}

/// Thousands apart, as `12,345.6`.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// Columns as wide as their widest field: the first to the left, figures to the right.
pub fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|field| field.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for line in lines {
        let field = |(column, field): (usize, &String)| match column {
            0 => format!("{field:<0$}", widths[0]),
            _ => format!("   {field:>0$}", widths[column]),
        };
        let joined: String = line.iter().enumerate().map(field).collect();
        out += joined.trim_end();
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            ["7", "999", "1000", "1234567", "1234.50"].map(grouped),
            ["7", "999", "1,000", "1,234,567", "1,234.50"]
        );
    }

    #[test]
    fn columns_stand_under_each_other() {
        let line = |fields: [&str; 2]| fields.map(str::to_owned).to_vec();
        assert_eq!(aligned(&[line(["a", "µs"]), line(["long", "1,000"])]), "a         µs\nlong   1,000\n");
    }
}
