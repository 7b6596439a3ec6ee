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
mod document_file;
mod entry_ref;
mod error;
mod find;
mod form;
mod given;
mod home;
mod log_line;
mod output;
mod package_file;
mod ports;
mod private_file;
mod when;

use clap::Parser as _;
use cli::{Cli, Command};
use error::{CliError, Detail};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(said) => return misused(&said),
    };
    let json = cli.json;
    let cli = match std::path::absolute(&cli.dir) {
        Ok(dir) => Cli { dir, ..cli },
        Err(source) => return ended(Err(CliError::Usage(format!("--dir {}: {source}", cli.dir.display())))),
    };
    // `confine` must run before any thread is started, and none of the three needs the rest.
    match cli.command {
        Command::Confine { words } => return confine::enter(&words),
        Command::Front => return ended(front::main(front::FrontOptions { dir: cli.dir })),
        Command::Storefront(options) => return ended(storefront::main(options.into())),
        _ => {}
    }
    // Keys, tokens and secrets pass through every other one.
    if let Err(error) = confine::no_core_files() {
        return ended(Err(error));
    }
    output::ended(command::run(cli).unwrap_or_else(|error| {
        if json {
            output::error_json(&error.detail());
        } else {
            output::error(&error.text());
        }
        ExitCode::from(error.exit_code())
    }))
}

/// Help, the version, or what is wrong with the words on the command line.
fn misused(said: &clap::Error) -> ExitCode {
    if said.use_stderr() && std::env::args_os().any(|word| word == "--json") {
        output::error_json(&Detail::usage(&said.to_string()));
        return ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(u8::MAX));
    }
    output::usage(said)
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
