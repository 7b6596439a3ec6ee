//! kill -9 of a process that serves a journal, again and again, with 64 callers who ask again until they are answered.
//! This executable is test and served process in one (`harness = false`).

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "killed/callers.rs"]
mod callers;
#[path = "killed/checks.rs"]
mod checks;
#[path = "killed/question.rs"]
mod question;
#[path = "killed/rounds.rs"]
mod rounds;
#[path = "killed/server.rs"]
mod server;

use std::process::ExitCode;

const NAME: &str = "soak_cycles_granted_are_cycles_recorded_whenever_it_is_killed";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", dir, cap, control_size] => {
            server::serve(dir.as_ref(), cap.parse().unwrap(), control_size.parse().unwrap());
            ExitCode::SUCCESS
        }
        words => test(words),
    }
}

/// The one test, as `cargo test` shows it; words that are not options choose it or leave it out.
fn test(words: &[&str]) -> ExitCode {
    let skipped =
        words.iter().zip(words.iter().skip(1)).any(|(option, name)| *option == "--skip" && NAME.contains(name));
    let skipping = |at: &usize| at.checked_sub(1).is_some_and(|before| words[before] == "--skip");
    let mut names = words.iter().enumerate().filter(|(at, word)| !word.starts_with('-') && !skipping(at)).peekable();
    let chosen = !skipped
        && !words.contains(&"--ignored")
        && (names.peek().is_none() || names.any(|(_, name)| NAME.contains(name)));
    let ignored = words.contains(&"--ignored");
    if words.contains(&"--list") {
        if !ignored {
            println!("{NAME}: test");
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} test{}", u8::from(chosen), if chosen { "" } else { "s" });
    let begun = std::time::Instant::now();
    if chosen {
        rounds::run();
        println!("test {NAME} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        u8::from(chosen),
        u8::from(!chosen),
        begun.elapsed().as_secs_f64()
    );
    ExitCode::SUCCESS
}
