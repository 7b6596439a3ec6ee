//! Countersign: governed change for platforms, with a proof.
//!
//! The one binary: the five services, their supervisor, the command line, and the hidden
//! subcommands that Engine Runtime starts as processes of their own. Only this crate knows which
//! implementations exist; it wires them and decides nothing.

mod child;
mod cli;
mod clock;
mod command;
mod config;
mod error;
mod home;
mod log_line;
mod output;
mod ports;

use clap::Parser as _;
use cli::{Cli, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return output::usage(&said),
    };
    // `confine` must run before any thread is started, and none of the three needs the rest.
    match cli.command {
        Command::Confine { spec } => return confine::enter(&spec),
        Command::Front => return ended(front::main(front::FrontOptions { dir: cli.dir })),
        Command::Storefront(options) => return ended(storefront::main(options.into())),
        _ => {}
    }
    output::ended(command::run(cli).unwrap_or_else(|error| {
        output::error(&error);
        ExitCode::from(error.exit_code())
    }))
}

fn ended<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
