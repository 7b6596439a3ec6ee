//! `serve --only console`: the pages in this process.

use crate::error::CliError;
use crate::home::Home;
use crate::ports::Ports;
use console::ConsoleOptions;
use model::Service;

/// Runs the console until `stop`. It needs no ledger: without one its pages say so.
pub async fn run(home: &Home, ports: Ports, stop: impl Future<Output = ()>) -> Result<(), CliError> {
    let listener = api::bind(ports.console())?;
    home.create()?;
    let demo = home.join("personas").is_dir();
    let trust = if home.is_founded() { Some(home.trust(None)?) } else { None };
    let options = ConsoleOptions {
        dir: home.create_dir("console")?,
        listener,
        sources: Service::ALL.iter().map(|service| (*service, ports.url(*service))).collect(),
        trust,
        personas: demo.then(|| home.path().to_owned()),
        read_token: read_token(home)?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    Ok(console::run(options, stop).await?)
}

/// `console/read-token`, where whoever runs the ledger put a credential of scope `read`.
fn read_token(home: &Home) -> Result<Option<String>, CliError> {
    let path = home.join("console/read-token");
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|token| !token.is_empty())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(crate::error::file(&path)(error)),
    }
}
