//! One file a command.

mod acceptable;
mod artifact;
mod asking;
mod asks;
mod audit;
mod bound;
mod brake;
mod change;
mod config;
mod context;
mod demo;
mod engine;
mod held;
mod init;
mod key;
mod lease;
mod listing;
mod log_key;
mod login;
mod machine;
mod node;
mod pack;
mod pages;
mod past;
mod person;
mod prune;
mod publish;
mod published;
mod quota;
mod retention;
mod sample;
mod secret;
mod serve;
mod service;
mod settings;
mod signing;
mod status;
mod tenant;
mod theme;
mod token;
mod verify;
mod version;
mod waiting;
mod warrant;
mod who;

pub use context::Context;
pub use person::proof;

use crate::cli::{AuditCommand, Cli, Command, QuotaCommand};
use crate::error::CliError;
use crate::home::Home;
use std::future::Future;
use std::process::ExitCode;

/// Carries a command out.
pub fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let context = Context { home: Home::at(cli.dir), json: cli.json };
    let done = |()| ExitCode::SUCCESS;
    match cli.command {
        Command::Demo(args) => block_on(demo::run(&context, args)).map(done),
        Command::Serve(args) => block_on(serve::run(&context, args)).map(done),
        Command::Init(args) => block_on(init::run(&context, args)).map(done),
        Command::Key { key } => block_on(key::run(&context, key)).map(done),
        Command::Brake { brake } => block_on(brake::run(&context, brake)).map(done),
        Command::Status => block_on(status::run(&context)).map(done),
        Command::Audit { audit: AuditCommand::Verify { trust, seen, hashes_only } } => {
            let depth = if hashes_only { verify::Depth::HashesOnly } else { verify::Depth::Replayed };
            verify::run(&context, verify::Ask { trust: trust.as_deref(), seen: seen.as_deref(), depth })
        }
        Command::Audit { audit } => block_on(audit::run(&context, audit)).map(done),
        Command::Artifact { artifact } => block_on(artifact::run(&context, artifact)).map(done),
        Command::Publish { tar, name, tenant, who } => {
            block_on(publish::run(&context, &tar, &name, tenant.as_deref(), &who)).map(done)
        }
        Command::Tenant { tenant } => block_on(tenant::run(&context, tenant)).map(done),
        Command::Engine { engine } => block_on(engine::run(&context, engine)).map(done),
        Command::Change { change } => block_on(change::run(&context, change)).map(done),
        Command::Person { person } => block_on(person::run(&context, person)).map(done),
        Command::Node { node } => block_on(node::run(&context, node)).map(done),
        Command::Machine { machine } => block_on(machine::run(&context, machine)).map(done),
        Command::LogKey { log_key } => block_on(log_key::run(&context, log_key)).map(done),
        Command::Warrant { warrant } => block_on(warrant::run(&context, warrant)).map(done),
        Command::Settings { settings } => block_on(settings::run(&context, settings)).map(done),
        Command::Theme { theme } => block_on(theme::run(&context, theme)).map(done),
        Command::Config { config } => block_on(config::run(&context, config)).map(done),
        Command::Secret { secret } => block_on(secret::run(&context, secret)).map(done),
        Command::Retention { retention } => block_on(retention::run(&context, retention)).map(done),
        Command::Lease { lease } => block_on(lease::run(&context, lease)).map(done),
        Command::Quota { quota: QuotaCommand::Ls(args) } => block_on(quota::run(&context, args)).map(done),
        Command::Token { token } => block_on(token::run(&context, token)).map(done),
        Command::Login(args) => block_on(login::run(&context, args)).map(done),
        Command::Version => {
            version::run(&context);
            Ok(ExitCode::SUCCESS)
        }
        Command::Confine { .. } | Command::Front | Command::Storefront(_) => {
            Err(CliError::Usage("this subcommand is dispatched before the others".to_owned()))
        }
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(crate::error::file("runtime"))?.block_on(work)
}
