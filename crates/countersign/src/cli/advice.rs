//! Every command line that the product or its documents show is one that it takes.

use super::Cli;
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};
use model::Status::{Draft, Executing, Failed};
use signed::Act;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use testkit::{Double, World};

/// An id, and a digest.
const ID: &str = "00112233445566778899aabbccddeeff";
const DIGEST: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below a directory that end so.
fn files(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
}

/// What the product says, one text a file: literals of the sources as they are printed, the pages,
/// the documents.
fn texts() -> Vec<(PathBuf, String)> {
    let mut found = vec![];
    let crates = std::fs::read_dir(root().join("crates")).unwrap().flatten().map(|entry| entry.path());
    for krate in crates.filter(|krate| !krate.ends_with("testkit")) {
        files(&krate.join("src"), ".rs", &mut found);
        files(&krate.join("templates"), ".html", &mut found);
    }
    files(&root().join("docs"), ".md", &mut found);
    found.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(|file| root().join(file)));
    found.retain(|path| !path.ends_with("cli/advice.rs"));
    found.into_iter().map(|path| (path.clone(), text(&path))).collect()
}

fn text(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    if path.extension().is_none_or(|extension| extension != "rs") {
        return text.replace("\\\n", " ");
    }
    // Of a source: what stands before its tests, without comments, literals as they are printed.
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut joined = String::new();
    for line in lines {
        match line.strip_suffix('\\') {
            Some(begun) => joined += begun,
            None => joined += &[line, "\n"].concat(),
        }
    }
    joined.replace(r"\\\n", " ").replace(r"\n", "\n")
}

/// The command lines in a text: what stands behind the program's name, up to the end of the line, of
/// the literal, or of what is quoted.
fn command_lines(text: &str) -> Vec<String> {
    let mut found = vec![];
    for name in ["countersign ", "cs ", "{exe} "] {
        for (at, _) in text.match_indices(name) {
            let before = text[..at].rsplit(['\n', '"']).next().unwrap();
            let begins = before.trim().is_empty()
                || ["`", "&& ", "do ", "next: ", "next:   ", "founder: ", "… ", "data-copy>", "login-command\">"]
                    .iter()
                    .any(|end| before.ends_with(end));
            let rest = &text[at + name.len()..];
            if begins && rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '-') {
                let end = rest.find(['\n', '`', '"', '<', '#', ';', '&']).unwrap_or(rest.len());
                found.push(rest[..end].trim().to_owned());
            }
        }
    }
    found
}

/// A line with something in each place that is the reader's to fill, as words; `unnamed` in those
/// that say nothing of what they hold.
fn filled(line: &str, unnamed: &str) -> Vec<String> {
    let mut line = line.to_owned();
    for (place, filling) in [
        ("{ledger}", DIGEST),
        ("{dir_flag}", "--dir x"),
        ("{{ console }}", "http://localhost:8088"),
        ("{{ dir }}", "x"),
        ("{verb}", "seal"),
        ("{reason}", ""),
        ("{of}", ""),
        ("{outcome}", ""),
        ("{child}", "node"),
        ("{flags}", ""),
        ("{kind}", "rollback"),
        ("{name}--document", "--document"),
        ("{rest}", "--reason x"),
        ("{package}", ID),
        ("{}", unnamed),
        ("{id}", ID),
    ] {
        line = line.replace(place, filling);
    }
    // Where its output goes is the shell's matter.
    line.truncate(line.find(" > ").unwrap_or(line.len()));
    // Any other name of ours for what stands there.
    while let Some((before, after)) =
        line.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)))
    {
        line = format!("{before}{unnamed}{after}");
    }
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    let fill = |word: String| match word.as_str() {
        "CHANGE" | "ID" | "LEASE" | "TENANT" | "PERSON" => ID.to_owned(),
        "DIGEST" | "FINGERPRINT" => DIGEST.to_owned(),
        "ROLE" => "finance-reviewer".to_owned(),
        "N" => "1".to_owned(),
        "PORT" => "8101".to_owned(),
        "DURATION" => "8h".to_owned(),
        "MIB" => "512".to_owned(),
        _ => word,
    };
    words.into_iter().filter(|word| !word.is_empty()).map(fill).collect()
}

/// Why a command line is not taken; `…` at its end stands for further words.
fn refused(line: &str) -> Option<String> {
    let (line, more) = line.strip_suffix('…').map_or((line, false), |line| (line, true));
    let parsed = |unnamed| Cli::try_parse_from([vec!["countersign".to_owned()], filled(line, unnamed)].concat());
    let why = |unnamed| match parsed(unnamed) {
        Ok(_) => None,
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => None,
            ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand if more => None,
            _ => Some(error.to_string()),
        },
    };
    why(ID).and_then(|_| why("1"))
}

#[test]
fn every_command_line_that_is_shown_is_taken() {
    let (mut seen, mut wrong) = (0, vec![]);
    for (path, text) in texts() {
        for line in command_lines(&text) {
            seen += 1;
            wrong.extend(refused(&line).map(|why| format!("{} shows `countersign {line}`: {why}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 70, "only {seen} command lines were found");
}

#[test]
fn every_option_that_is_named_exists() {
    fn options(command: &clap::Command, known: &mut BTreeSet<String>) {
        known.extend(command.get_arguments().filter_map(clap::Arg::get_long).map(str::to_owned));
        command.get_subcommands().for_each(|sub| options(sub, known));
    }
    let mut known = BTreeSet::from(["help".to_owned(), "version".to_owned()]);
    options(&Cli::command(), &mut known);
    let mut seen = 0;
    for (path, text) in texts().into_iter().filter(|(path, _)| path.extension().is_some_and(|end| end != "md")) {
        for (at, _) in text.match_indices("`--").chain(text.match_indices("<code>--")) {
            let name = text[at..].trim_start_matches("<code>").trim_start_matches(['`', '-']);
            let name = name.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap();
            // Of a style sheet, any name may stand behind it.
            if name.is_empty() {
                continue;
            }
            seen += 1;
            assert!(known.contains(name), "{} names the option `--{name}`, which no command has", path.display());
        }
    }
    assert!(seen > 10, "only {seen} options were found");
}

#[tokio::test]
async fn every_way_that_a_change_is_offered_is_a_command_line_that_is_taken() {
    let double = Double::start().await;
    double.register(model::Digest([1; 32]), 64);
    let change = double.draft(model::Digest([1; 32]));
    let mut verbs = BTreeSet::new();
    let mut offered = |double: &Double| {
        let state = double.state();
        let view = view::ChangeView::of(&state, &view::Names::default(), &state.changes[&change], state.last);
        verbs.extend(view.ways.iter().map(|way| way.verb.clone()));
        let lines = desk::commands(&view, "x");
        let wrong = lines.iter().filter_map(|line| refused(line.strip_prefix("countersign ").unwrap()));
        assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new(), "{lines:?}");
        view.status
    };
    let mut seen = vec![offered(&double)];
    double.observe(change);
    seen.push(offered(&double));
    double.countersign(change);
    seen.push(offered(&double));
    double.sign_and_submit(World::AUDITOR, Act::Hold { change, revision: 1 });
    seen.push(offered(&double));
    for person in [World::OPERATOR, World::AUDITOR] {
        double.sign_and_submit(person, Act::Abort { change, revision: 1 });
        seen.push(offered(&double));
    }
    assert_eq!(seen, [Draft, Draft, Executing, Executing, Executing, Failed]);
    for verb in ["observe", "seal", "cancel", "hold", "release", "abort", "new"] {
        assert!(verbs.contains(verb), "{verb} is never offered: {verbs:?}");
    }
}

#[test]
fn what_does_not_exist_is_found() {
    for bad in ["artifact publish x", "publish", "change show", "enrol", "init --need many", "login", "change nwe …"]
    {
        assert!(refused(bad).is_some(), "{bad}");
    }
    for good in ["change show CHANGE", "change new --kind rollback …", "init --help", "status", "demo stop engine"] {
        assert_eq!(refused(good), None, "{good}");
    }
    let shown = "see `countersign status`, or\n  countersign audit ls --all\na directory of countersign is not one";
    assert_eq!(command_lines(shown), ["status", "audit ls --all"]);
}
