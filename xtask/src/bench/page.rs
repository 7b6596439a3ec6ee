//! `cargo xtask bench page`: what the console's page weighs and how fast it is, against its goals.
//!
//! `e2e/bench` measures on a real demonstration; here the figures are judged and printed.

mod figures;
mod goal;
mod stats;

use std::fs;

use crate::browser;
use crate::error::Error;
use crate::workspace::Workspace;
use figures::Figures;

/// Events in the ledger unless the caller says otherwise.
const EVENTS: u32 = 100_000;
/// Most of them: an hour of sending.
const EVENTS_MAX: u32 = 10_000_000;

/// Measures, prints every figure, and says whether every goal is met.
pub fn run(args: &[String]) -> Result<bool, Error> {
    let events = events(args)?;
    let workspace = Workspace::load()?;
    let folder = workspace.target.join("xtask");
    let file = folder.join(format!("page-{}.json", std::process::id()));
    fs::create_dir_all(&folder).map_err(|source| Error::File { path: folder, source })?;
    let at = |source| Error::File { path: file.clone(), source };
    if !browser::script(&workspace, "bench/page.mjs", &[file.as_os_str(), events.to_string().as_ref()])? {
        return Ok(false);
    }
    let text = fs::read_to_string(&file).map_err(at)?;
    fs::remove_file(&file).map_err(at)?;
    let figures = Figures::read(&text)?;
    println!();
    for line in figures.lines() {
        println!("{line}");
    }
    println!();
    let goals = figures.goals();
    for goal in &goals {
        println!("{goal}");
    }
    let missed = goals.iter().filter(|goal| !goal.is_met()).count();
    println!("note: {}", browser::SANDBOX);
    println!("page: {} goals met, {missed} missed", goals.len() - missed);
    Ok(missed == 0)
}

fn events(args: &[String]) -> Result<u32, Error> {
    let usage = || Error::Usage(format!("`bench page` takes one number of events, from 1 to {EVENTS_MAX}"));
    match args {
        [] => Ok(EVENTS),
        [number] => number.parse().ok().filter(|n| (1..=EVENTS_MAX).contains(n)).ok_or_else(usage),
        _ => Err(usage()),
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENTS, Error, events};

    #[test]
    fn the_number_of_events_is_one_number_or_the_usual_one() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(events(&[]).unwrap(), EVENTS);
        assert_eq!(events(&words(&["500"])).unwrap(), 500);
        for wrong in [words(&["0"]), words(&["many"]), words(&["1", "2"]), words(&["99999999"])] {
            assert!(matches!(events(&wrong), Err(Error::Usage(_))), "{wrong:?}");
        }
    }
}
