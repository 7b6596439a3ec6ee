//! Figures of the release build, beside what the same machine gives without us.
//!
//! Durable appends a second in process and over HTTP, each beside the raw fdatasync rate of the same disk in the
//! same round; and the time from *run* to the new release serving, beside the engine's own start. It measures and
//! judges nothing: no figure makes it fail. With `lease` it measures AI leases beside PostgreSQL, and fails when a goal
//! is missed. `cargo xtask bench` builds what it needs and starts it.

mod append;
mod args;
mod connection;
mod deploy;
mod disk;
mod drive;
mod error;
mod event;
mod figures;
mod lease;
mod machine;
mod people;
mod plane;
mod report;
mod start;
mod table;
mod toy;

use args::Args;
use error::Error;
use report::Report;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> ExitCode {
    match Args::parse(std::env::args().skip(1)) {
        Ok(None) => {
            println!("{}", args::USAGE);
            ExitCode::SUCCESS
        }
        Ok(Some(args)) => run(&args).unwrap_or_else(|error| {
            eprintln!("bench: {error}");
            ExitCode::from(if matches!(error, Error::Usage(_)) { 2 } else { 1 })
        }),
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Error::io("start the runtime"))?;
    // An interrupt drops the measurement, and with it every process it started.
    runtime.block_on(async {
        tokio::select! {
            code = measured(args) => code,
            _ = tokio::signal::ctrl_c() => Err(Error::Interrupted),
            () = terminated() => Err(Error::Interrupted),
        }
    })
}

/// Measures and prints.
async fn measured(args: &Args) -> Result<ExitCode, Error> {
    let (text, json, met) = if args.lease {
        let figures = lease::measure(args).await?;
        // A short run shows that it works, and its figures nothing.
        let met = args.quick || figures.goals().iter().all(lease::Goal::is_met);
        (figures.text(), figures.json(), met)
    } else {
        let report = measure(args).await?;
        (table::text(&report), report.json(), true)
    };
    if args.json {
        println!("{json:#}");
    } else {
        print!("{text}");
    }
    Ok(ExitCode::from(u8::from(!met)))
}

async fn terminated() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => drop(terminate.recv().await),
        Err(_) => std::future::pending().await,
    }
}

async fn measure(args: &Args) -> Result<Report, Error> {
    let exe = plane::executable()?;
    let before = machine::Machine::of(args.dir())?;
    let rows = append::measure(args, &exe).await?;
    let deployments = deploy::measure(args, &exe).await?;
    let load_after = machine::load();
    Ok(Report { machine: before, load_after, pace: args.pace(), rows, deployments })
}
