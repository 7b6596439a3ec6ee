//! What an engine gets beside its program, as somebody writes it: TOML, or the JSON that `config show --json` prints.

use crate::json::{is_json, json};
use crate::{DocumentError, TomlText};
use control::{Config, SecretValue, Value, is_host, is_value};
use model::{Token, is_variable};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;
use toml::Spanned;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    values: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    secrets: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    outbound: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    hosts: Vec<Spanned<String>>,
    memory_mib: Option<u32>,
    start_within_s: Option<Spanned<u32>>,
    start_within_ms: Option<u32>,
    soak_s: Option<Spanned<u32>>,
    soak_ms: Option<i64>,
}

/// The config that a text holds, sound in itself: JSON where its name ends so, else TOML.
pub fn config(name: &str, text: &str) -> Result<Config, DocumentError> {
    let config = if is_json(name) {
        json(name, text)?
    } else {
        let text = TomlText { name: name.to_owned(), text: text.to_owned() };
        let written = text.says()?;
        of(&text, written)?
    };
    config.check().map_err(|why| DocumentError::Unsound { name: name.to_owned(), why: why.to_string() })?;
    Ok(config)
}

fn of(file: &TomlText, written: Written) -> Result<Config, DocumentError> {
    if let Some((key, twice)) = written.secrets.iter().find(|(key, _)| written.values.contains_key(*key)) {
        return Err(file.wrong(twice, &format!("`{key}` is a value and a secret; leave one of them out")));
    }
    let values = written
        .values
        .iter()
        .map(|(key, value)| Ok(Value { key: variable(file, key, value)?, value: plain(file, key, value)? }));
    let secrets = written.secrets.iter().map(|(key, digest)| {
        let (digest, key) = (read_as(file, digest, DIGEST)?, variable(file, key, digest)?);
        Ok(SecretValue { key, secret: digest })
    });
    let mut outbound = written.outbound.iter().map(|port| outbound(file, port)).collect::<Result<Vec<_>, _>>()?;
    let mut hosts = written.hosts.iter().map(|name| host(file, name)).collect::<Result<Vec<_>, DocumentError>>()?;
    outbound.sort_unstable();
    outbound.dedup();
    hosts.sort_unstable();
    hosts.dedup();
    let start = seconds(file, written.start_within_s.as_ref(), written.start_within_ms.map(i64::from), "start_within")?;
    let start = start.map(|ms| {
        u32::try_from(ms).map_err(|_| DocumentError::Malformed(format!("{}: start_within is too long", file.name)))
    });
    Ok(Config {
        values: values.collect::<Result<_, DocumentError>>()?,
        secrets: secrets.collect::<Result<_, DocumentError>>()?,
        outbound,
        hosts,
        memory_mib: written.memory_mib,
        start_within_ms: start.transpose()?,
        soak_ms: seconds(file, written.soak_s.as_ref(), written.soak_ms, "soak")?,
    })
}

/// What a secret is named by.
const DIGEST: &str = "a secret is named by the digest that `countersign secret put …` prints, and never by itself";

fn read_as<T: FromStr<Err: Display>>(file: &TomlText, text: &Spanned<String>, what: &str) -> Result<T, DocumentError> {
    // What was meant for a secret may be one: it is not said again.
    text.get_ref().parse().map_err(|_| file.wrong(text, what))
}

fn variable<T>(file: &TomlText, key: &str, at: &Spanned<T>) -> Result<Token, DocumentError> {
    let known = key.parse().ok().filter(is_variable);
    known.ok_or_else(|| {
        let why = "a variable is of A-Z 0-9 _, at most 64 characters, and none that the runtime sets or that changes how a \
                   program is loaded (PATH, HOME, PORT, COUNTERSIGN_…, LD_…)";
        file.wrong(at, &format!("`{key}`: {why}"))
    })
}

/// A text as it is; a number and a truth as they are written.
fn plain(file: &TomlText, key: &str, value: &Spanned<toml::Value>) -> Result<String, DocumentError> {
    let text = match value.get_ref() {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        _ => return Err(file.wrong(value, &format!("`{key}` is neither a text nor a whole number, true or false"))),
    };
    if is_value(&text) {
        Ok(text)
    } else {
        Err(file.wrong(value, &format!("`{key}` is longer than 1,024 characters, or not printable ASCII")))
    }
}

fn outbound(file: &TomlText, port: &Spanned<toml::Value>) -> Result<u16, DocumentError> {
    let number = match port.get_ref() {
        toml::Value::Integer(number) => u16::try_from(*number).ok().filter(|port| *port != 0),
        toml::Value::String(_) => {
            let why = "which host a program connects to cannot be enforced here, so that a config names none: name the \
                       port alone, as 5432, and the program may connect to that port of any host";
            return Err(file.wrong(port, why));
        }
        _ => None,
    };
    number.ok_or_else(|| file.wrong(port, "an outbound port is a whole number from 1 to 65535, as 5432"))
}

fn host(file: &TomlText, name: &Spanned<String>) -> Result<Token, DocumentError> {
    let known = name.get_ref().parse().ok().filter(is_host);
    known.ok_or_else(|| file.wrong(name, "a host is a name in lower case, as `shop.example.com`"))
}

/// A length of time that was said in seconds or in milliseconds.
fn seconds(
    file: &TomlText,
    s: Option<&Spanned<u32>>,
    ms: Option<i64>,
    what: &str,
) -> Result<Option<i64>, DocumentError> {
    match (s, ms) {
        (Some(s), Some(_)) => Err(file.wrong(s, &format!("{what} stands there in seconds and in milliseconds"))),
        (Some(s), None) => Ok(Some(i64::from(*s.get_ref()) * 1_000)),
        (None, ms) => Ok(ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(name: &str, text: &str) -> Result<Config, String> {
        config(name, text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_config_is_written_as_people_write_it() {
        let digest = "ab".repeat(32);
        let text = format!(
            "memory_mib = 512\nstart_within_s = 20\nsoak_s = 60\noutbound = [5432, 80, 80]\nhosts = [\"shop.example.com\"]\n\n[values]\nWORKERS = 4\nMODE = \"live\"\nDEBUG = false\n\n[secrets]\nDATABASE_URL = \"{digest}\"\n"
        );
        let config = said("alpha.toml", &text).unwrap();
        let values: Vec<_> = config.values.iter().map(|value| (value.key.as_str(), value.value.as_str())).collect();
        assert_eq!(values, [("DEBUG", "false"), ("MODE", "live"), ("WORKERS", "4")]);
        assert_eq!(config.secrets[0].secret.to_string(), digest);
        assert_eq!((config.start_within_ms, config.soak_ms), (Some(20_000), Some(60_000)));
        assert_eq!(config.outbound, [80, 5432]);
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(said("alpha.json", &json).unwrap(), config, "what is printed is taken again");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_never_with_a_secret() {
        for (text, place) in [
            ("memory_mib = 5\nmemory = 7\n", "alpha.toml:2: unknown field `memory`"),
            ("[values]\nWORKERS = 4\nworkers = 4\n", "alpha.toml:3: `workers`: a variable is"),
            ("[values]\nPORT = 4\n", "alpha.toml:2: `PORT`"),
            ("[values]\nA = [1]\n", "alpha.toml:2: `A` is neither"),
            ("[values]\nA = 1\nB = \"é\"\n", "alpha.toml:3: `B` is longer"),
            ("[values]\nA = 1\nA = 2\n", "alpha.toml:3: duplicate key"),
            ("[values]\nA = 1\n[secrets]\nA = \"00\"\n", "alpha.toml:4: `A` is a value and a secret"),
            ("\n[secrets]\nA = \"planted-secret\"\n", "alpha.toml:3: a secret is named by the digest"),
            ("outbound = [\n  \"db:5432\",\n]\n", "alpha.toml:2: which host a program connects to cannot be enforced"),
            ("outbound = [5432, 65536]\n", "alpha.toml:1: an outbound port is"),
            ("outbound = [0]\n", "alpha.toml:1: an outbound port is"),
            ("hosts = [\"Shop.Example\"]\n", "alpha.toml:1: a host is a name"),
            ("soak_s = 1\nsoak_ms = 2\n", "alpha.toml:1: soak stands there in seconds"),
            ("soak_s = -5\n", "alpha.toml:1: `soak_s` takes a whole number from 0 to 4294967295, and another value"),
            ("soak_s = \"planted\"\n", "alpha.toml:1: `soak_s` takes a whole number from 0 to 4294967295, and a text"),
            ("[secrets]\nA = 5\n", "alpha.toml:2: `secrets.A` takes a text, and a number stands there"),
            ("soak_s = 90000\n", "its soak is longer than a day"),
        ] {
            let error = said("alpha.toml", text).unwrap_err();
            assert!(error.contains(place) && !error.contains("planted"), "{text}: {error}");
        }
        let error = said("alpha.json", "{\n  \"values\": 1\n}").unwrap_err();
        assert!(error.starts_with("alpha.json:2: "), "{error}");
    }
}
