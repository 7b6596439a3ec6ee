//! `serve --only console`: the pages in this process.

use crate::error::CliError;
use crate::home::Home;
use crate::ports::Ports;
use console::ConsoleOptions;
use model::Service;

/// Runs the console until `stop`. It needs no ledger: without one its pages say so.
pub async fn run(home: &Home, ports: Ports, stop: impl Future<Output = ()>) -> Result<(), CliError> {
    let listener = service_shell::bind(ports.console())?;
    home.create()?;
    let demo = home.join("personas").is_dir();
    let trust = if home.is_founded() { Some(home.trust(None)?) } else { None };
    let options = ConsoleOptions {
        dir: home.create_dir("console")?,
        listener,
        sources: Service::ALL.iter().map(|service| (*service, ports.url(*service))).collect(),
        trust,
        personas: demo.then(|| home.path().to_owned()),
        key: home.open_console_key()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(console::run(options, stop).await?)
}
