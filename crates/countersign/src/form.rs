//! The flags of `change new`: one for each question that some kind's form asks.
//!
//! The forms are a table of the pure core; nothing here names a kind.

use crate::command::proof;
use crate::error::CliError;
use crate::find::Book;
use crate::given::given;
use crate::when;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use control::{Answer, Answers, Field, Input, governs};
use model::{KindName, Role};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// What was typed for the questions of the forms.
#[derive(Debug, Clone, Default)]
pub struct FormArgs(BTreeMap<&'static str, String>);

/// Every question of every kind once, as each kind that asks it puts it.
fn questions() -> Vec<(&'static Field, Vec<(KindName, &'static Field)>)> {
    let mut all: Vec<(&Field, Vec<(KindName, &Field)>)> = vec![];
    for kind in KindName::ALL {
        for field in governs(*kind).form() {
            match all.iter_mut().find(|(known, _)| known.name == field.name) {
                Some((_, kinds)) => kinds.push((*kind, field)),
                None => all.push((field, vec![(*kind, field)])),
            }
        }
    }
    all
}

/// What a question asks for; where kinds put it in other words, the words of each.
fn help(asked: &[(KindName, &Field)]) -> String {
    let mut said: Vec<(String, Vec<&str>)> = vec![];
    for (kind, field) in asked {
        let text = match field.input {
            Input::Way(ways) => {
                ways.iter().map(|way| format!("{}: {}", way.word, way.title)).collect::<Vec<_>>().join("; ")
            }
            _ => field.help.trim_end_matches('.').to_owned(),
        };
        match said.iter_mut().find(|(known, _)| *known == text) {
            Some((_, kinds)) => kinds.push(kind.word()),
            None => said.push((text, vec![kind.word()])),
        }
    }
    said.iter().map(|(text, kinds)| format!("{text} [{}]", kinds.join(", "))).collect::<Vec<_>>().join("; ")
}

/// What a flag takes. `none` is an answer only where there need be none.
fn value_name(field: &Field) -> &'static str {
    match field.input {
        Input::Engine | Input::Tenant | Input::Person | Input::Machine => "NAME|ID",
        Input::PersonKey | Input::ServiceKey => "KEY-ID",
        Input::Way(_) => "WAY",
        Input::Artifact => "NAME|VERSION|DIGEST",
        Input::Resource(_) if field.required => "NAME|VERSION|DIGEST",
        Input::Resource(_) => "NAME|VERSION|DIGEST|none",
        Input::Lease if field.required => "ID",
        Input::Lease => "ID|none",
        Input::LeaseClass => "CLASS",
        Input::Period => "PERIOD",
        Input::Roles => "ROLE[,ROLE]",
        Input::Tenants => "NAME|ID[,NAME|ID]",
        Input::Time => "TIME",
        Input::Count | Input::Number => "N",
        Input::Duration => "DURATION",
        Input::Token => "TOKEN",
        Input::Zone => "ZONE",
        Input::Digest => "DIGEST",
        Input::Setting => "WORD",
        Input::Document | Input::Proof => "FILE",
    }
}

/// Each kind with the flags it takes.
fn forms() -> String {
    let mut text = "Each kind takes the flags of its form ([ ] where it may be left out):\n".to_owned();
    for kind in KindName::ALL {
        let flag = |field: &Field| {
            let flag = format!("--{} {}", field.name, value_name(field));
            if field.required { flag } else { format!("[{flag}]") }
        };
        let flags: Vec<_> = governs(*kind).form().iter().map(flag).collect();
        let _ = writeln!(text, "  {:<16} {}", kind.word(), flags.join(" "));
    }
    text + "\nExamples:\n  countersign change new --kind deployment --engine alpha --artifact 2026.02 --key ada\n  countersign change new --kind drain --engine alpha --reason 'Node maintenance' --key ada\n  countersign change new --kind quota-exception --tenant Acme --memory-mib 2048 --for 8h --reason 'A sale' --key ada"
}

/// A kind that has a command of its own beside `change new`.
pub trait AskedKind {
    /// Its word.
    const WORD: &'static str;

    /// The kind.
    fn kind() -> KindName {
        Self::WORD.parse().expect("each word here is a kind's, which a test sees")
    }
}

/// The flags of one kind's form alone.
#[derive(Debug, Clone, Default)]
pub struct FormOf<K: AskedKind>(pub FormArgs, PhantomData<K>);

impl<K: AskedKind> FormOf<K> {
    fn fields() -> &'static [Field] {
        governs(K::kind()).form()
    }
}

impl<K: AskedKind> Args for FormOf<K> {
    fn augment_args(command: Command) -> Command {
        Self::fields().iter().fold(command, |command, field| {
            let left_out = if field.required { "" } else { " (may be left out)" };
            let help = format!("{}{left_out}", field.help.trim_end_matches('.'));
            command.arg(Arg::new(field.name).long(field.name).value_name(value_name(field)).help(help))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<K: AskedKind> FromArgMatches for FormOf<K> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed = |field: &'static Field| Some((field.name, matches.get_one::<String>(field.name)?.clone()));
        Ok(Self(FormArgs(Self::fields().iter().filter_map(typed).collect()), PhantomData))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for FormArgs {
    fn augment_args(command: Command) -> Command {
        let command = command.after_help(forms());
        questions().into_iter().fold(command, |command, (field, asked)| {
            let arg = Arg::new(field.name).long(field.name).value_name(value_name(field));
            command.arg(arg.help(help(&asked)))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FormArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let typed =
            |(field, _): (&'static Field, _)| Some((field.name, matches.get_one::<String>(field.name)?.clone()));
        Ok(Self(questions().into_iter().filter_map(typed).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl FormArgs {
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file that replaces a governed document, where the kind's form asks for one.
    pub fn document(&self, kind: KindName) -> Option<PathBuf> {
        let asked = governs(kind).form().iter().find(|field| field.input == Input::Document)?;
        self.0.get(asked.name).map(PathBuf::from)
    }

    /// A question of the kind's form that was answered beside its document.
    pub fn beside_document(&self, kind: KindName) -> Option<&'static str> {
        let others = governs(kind).form().iter().filter(|field| field.input != Input::Document);
        others.map(|field| field.name).find(|name| self.0.contains_key(name))
    }

    /// The answers to a kind's form.
    ///
    /// # Errors
    /// When one is missing, is of another kind, or is not what the question asks for.
    pub fn answers(&self, kind: KindName, book: &Book) -> Result<Answers, CliError> {
        let form = governs(kind).form();
        if let Some(foreign) = self.0.keys().find(|name| form.iter().all(|field| field.name != **name)) {
            let takes: Vec<_> = form.iter().map(|field| format!("--{}", field.name)).collect();
            let (kind, takes) = (kind.word(), takes.join(", "));
            return Err(CliError::Usage(format!("--{foreign} is not for a {kind}; it takes: {takes}")));
        }
        let mut answers = Answers::default();
        for field in form {
            match self.0.get(field.name) {
                Some(text) => answers = answers.with(field.name, answer(field, text, book)?),
                None if field.required => {
                    let (kind, name) = (kind.word(), field.name);
                    let value = value_name(field);
                    return Err(CliError::Usage(format!("a {kind} needs --{name} {value}: {}", field.help)));
                }
                None => {}
            }
        }
        Ok(answers)
    }
}

fn answer(field: &Field, text: &str, book: &Book) -> Result<Answer, CliError> {
    let usage = |why: String| CliError::Usage(format!("--{} {text}: {why}", field.name));
    Ok(match field.input {
        Input::Engine => Answer::Engine(book.engine(text)?),
        Input::Tenant => Answer::Tenant(book.tenant(text)?),
        Input::Artifact => Answer::Digest(book.artifact(text)?),
        Input::Resource(_) | Input::Lease if text == "none" && !field.required => Answer::Nothing,
        Input::Resource(resource) => Answer::Digest(book.resource(resource, text)?),
        // One that is not in force is raised by nobody: the form says why.
        Input::Lease if field.required => Answer::Change(book.any_lease(text)?),
        Input::Lease => Answer::Change(book.lease(text)?),
        Input::LeaseClass => {
            Answer::LeaseClass(text.parse().map_err(|error: model::UnknownWord| usage(error.to_string()))?)
        }
        Input::Period => Answer::Period(text.parse().map_err(|error: model::UnknownWord| usage(error.to_string()))?),
        Input::Count => Answer::Count(text.parse().map_err(|_| usage("a whole number is needed".to_owned()))?),
        Input::Person => Answer::Person(book.person(text)?),
        Input::PersonKey => Answer::Digest(book.any_key(text)?),
        Input::ServiceKey => Answer::Digest(book.service_key(text)?),
        Input::Machine => Answer::Person(book.machine(text)?),
        Input::Proof => Answer::Proof(Box::new(proof(Path::new(text), &book.state.ledger)?)),
        Input::Way(ways) => {
            let words: Vec<_> = ways.iter().map(|way| way.word).collect();
            let known = text.parse().ok().filter(|_| words.contains(&text));
            Answer::Token(known.ok_or_else(|| usage(format!("it is one of: {}", words.join(", "))))?)
        }
        Input::Roles => {
            let role = |word: &str| word.trim().parse::<Role>().map_err(|error| usage(error.to_string()));
            let mut roles: Vec<Role> = text.split(',').map(role).collect::<Result<_, _>>()?;
            roles.sort_unstable();
            roles.dedup();
            Answer::Roles(roles)
        }
        Input::Tenants => {
            let tenants = text.split(',').map(|tenant| book.tenant(tenant));
            let mut tenants = tenants.collect::<Result<Vec<_>, _>>()?;
            tenants.sort_unstable();
            tenants.dedup();
            Answer::Tenants(tenants)
        }
        Input::Time => Answer::Time(text.parse::<when::Future>().map_err(|error| usage(error.to_string()))?.0),
        Input::Number => Answer::Number(text.parse().map_err(|_| usage("a whole number is needed".to_owned()))?),
        Input::Duration => Answer::Duration(when::duration_ms(text).map_err(|error| usage(error.to_string()))?),
        Input::Token | Input::Zone => {
            Answer::Token(text.parse().map_err(|error: model::TokenError| usage(error.to_string()))?)
        }
        Input::Digest => {
            Answer::Digest(text.parse().map_err(|_| usage("a digest is 64 lower-case hexadecimal digits".to_owned()))?)
        }
        Input::Setting => Answer::Setting(text.parse().map_err(|error: model::UnknownWord| usage(error.to_string()))?),
        // Its digest follows from what is read: the desk answers this one.
        Input::Document => {
            Answer::Digest(model::Digest::of_bytes(&std::fs::read(text).map_err(given(Path::new(text)))?))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `none` is taken only where nothing need be bound.
    #[test]
    fn none_is_offered_only_where_it_is_taken() {
        let fields = KindName::ALL.iter().flat_map(|kind| governs(*kind).form());
        let bound = |field: &&Field| matches!(field.input, Input::Resource(_) | Input::Lease);
        let mut seen = [false; 2];
        for field in fields.filter(bound) {
            assert_eq!(value_name(field).ends_with("|none"), !field.required, "--{}", field.name);
            seen[usize::from(field.required)] = true;
        }
        assert_eq!(seen, [true; 2], "both sorts are asked somewhere");
        assert!(
            forms().lines().any(|line| line.contains("lease-override") && line.contains("--lease ID ")),
            "{}",
            forms()
        );
    }
}
