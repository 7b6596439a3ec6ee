//! `demo open`: an address that signs a browser in at the console of the running demonstration.

use super::login;
use crate::command::Context;
use crate::error::CliError;
use crate::home::Home;
use crate::output;
use client::{OneTimeUrl, Signer};
use demo::{DemoFile, PersonaEntry};
use serde_json::json;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use supervisor::{Request, Response, State, SupervisorError};

pub(super) async fn run(context: &Context, persona: &str) -> Result<(), CliError> {
    let file = running(&context.home).await?;
    let persona = find(&file, persona)?;
    let given = address(&context.home, &file, persona).await?;
    // Other users of this machine may read what a process is started with; in a demonstration they may
    // sign in at its console with one click all the same.
    let opened = opener(|name| std::env::var_os(name)).is_some_and(|program| open(program, &given.url));
    if context.json {
        let (url, expires, person) = (&given.url, given.expires, persona.person);
        output::json(
            &json!({"url": url, "expires": expires, "console": file.console, "person": person, "opened": opened}),
        );
        return Ok(());
    }
    let name = &persona.name;
    eprintln!("signs a browser in as {name}, once, until {}{}:", given.expires, if opened { " (opened)" } else { "" });
    crate::print_line!("{}", given.url);
    Ok(())
}

/// Signs for the console with the persona's key.
pub(super) async fn address(home: &Home, file: &DemoFile, persona: &PersonaEntry) -> Result<OneTimeUrl, CliError> {
    let signer = Signer::from_file(&persona.key_file)?;
    Ok(login::address(&file.console, &home.trust(None)?, &signer).await?.1)
}

/// What is known of the demonstration, if it runs, its console with it.
async fn running(home: &Home) -> Result<DemoFile, CliError> {
    let dir = output::word(home.path());
    if !home.check()? || !home.join("personas").exists() {
        return Err(CliError::Refused(format!(
            "{dir} holds no demonstration; start one with `countersign demo --dir {dir}`, or name another directory with `--dir DIR`"
        )));
    }
    let services = match supervisor::request(home.path(), &Request::Status).await {
        Ok(Response::Done { services }) => services,
        Ok(Response::Refused { message }) => return Err(CliError::Refused(message)),
        Err(SupervisorError::NotRunning { .. }) => {
            let message =
                format!("the demonstration in {dir} does not run; start it with `countersign demo --dir {dir}`");
            return Err(CliError::Refused(message));
        }
        Err(error) => return Err(error.into()),
    };
    if services.iter().any(|child| child.name == "console" && child.state == State::Stopped) {
        return Err(CliError::Refused(format!(
            "its console is stopped; start it with `countersign demo start console --dir {dir}`"
        )));
    }
    // Written once the world is built.
    home.read_json("demo.json").map_err(|_| {
        CliError::Refused(format!("the demonstration in {dir} is being built; ask again once it says `ready`"))
    })
}

/// The persona of this name, or whose key file is called so.
fn find<'a>(file: &'a DemoFile, wanted: &str) -> Result<&'a PersonaEntry, CliError> {
    let is_it = |persona: &&PersonaEntry| {
        let stem = persona.key_file.file_name().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        stem || persona.name.eq_ignore_ascii_case(wanted.trim())
    };
    file.personas.iter().find(is_it).ok_or_else(|| {
        let names: Vec<_> = file.personas.iter().map(|persona| format!("'{}'", persona.name)).collect();
        CliError::Usage(format!("there is no persona `{wanted}`; `--as` takes one of {}", names.join(", ")))
    })
}

/// The program that opens an address in this session's browser; none: there is no screen here.
fn opener(variable: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "macos") {
        return (!has("SSH_CONNECTION")).then_some("open");
    }
    (has("WAYLAND_DISPLAY") || has("DISPLAY")).then_some("xdg-open")
}

/// Whether the program was started; the address is printed in any case.
fn open(program: &str, url: &str) -> bool {
    let silent = Stdio::null;
    Command::new(program).arg(url).stdin(silent()).stdout(silent()).stderr(silent()).spawn().is_ok()
}

#[cfg(test)]
mod tests {
    use super::opener;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_browser_is_opened_only_where_there_is_a_screen() {
        let with = |known: &'static str, value: &'static str| opener(move |name| (name == known).then(|| value.into()));
        assert_eq!(with("WAYLAND_DISPLAY", "wayland-0"), Some("xdg-open"));
        assert_eq!(with("DISPLAY", ":0"), Some("xdg-open"));
        for (name, value) in [("DISPLAY", ""), ("TERM", "xterm"), ("SSH_CONNECTION", "here")] {
            assert_eq!(with(name, value), None, "{name}");
        }
    }
}
