//! `countersign.toml`: what a directory is when it is packed. Each option of the command says it in the file's place.

use crate::cli::{HealthAnswer, PackArgs, PackageKind};
use crate::document_file;
use crate::error::CliError;
use artifact::{Answer, Arg, Entry, Health, Program, Spec};
use document::TomlText;
use model::{Bounds, Need, Profile, Range, Token};
use serde::Deserialize;
use std::path::Path;
use std::str::FromStr;
use toml::Spanned;

/// The file's name.
pub const FILE: &str = "countersign.toml";
const MEMORY_MIB: u32 = 256;
const STORAGE_MIB: u32 = 1_024;
const START_WITHIN_MS: u32 = 30_000;

/// What is to be packed.
pub struct Package {
    pub spec: Spec,
    /// Names that are not packed.
    pub leave_out: Vec<String>,
    /// Names that are packed though they look private.
    pub include: Vec<String>,
}

/// Which files of a directory are packed, and what they are called where something says so.
pub struct Choice {
    pub product: Option<Token>,
    pub leave_out: Vec<String>,
    pub include: Vec<String>,
}

/// The file as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    product: Option<Spanned<String>>,
    version: Option<Spanned<String>>,
    kind: Option<PackageKind>,
    runtime: Option<Spanned<String>>,
    entry: Option<Spanned<String>>,
    #[serde(default)]
    args: Vec<Spanned<String>>,
    #[serde(default)]
    health: WrittenHealth,
    memory_mib: Option<WrittenRange>,
    start_within_ms: Option<WrittenRange>,
    storage_mib: Option<u32>,
    #[serde(default)]
    outbound: Vec<u16>,
    #[serde(default)]
    variables: Vec<WrittenNeed>,
    #[serde(default)]
    leave_out: Vec<String>,
    #[serde(default)]
    include: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHealth {
    path: Option<Spanned<String>>,
    answer: Option<HealthAnswer>,
}

/// One number, or between which numbers a config may set it.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "expected a whole number, or `usual` with `least` and `most`")]
enum WrittenRange {
    Only(u32),
    Between { usual: u32, least: Option<u32>, most: Option<u32> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenNeed {
    key: Spanned<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    secret: bool,
    bounds: Option<Bounds>,
}

/// A text and where it was said.
struct Said {
    text: String,
    place: String,
}

impl Said {
    fn read<T: FromStr<Err: std::fmt::Display>>(&self, what: &str) -> Result<T, CliError> {
        self.text.parse().map_err(|why| self.wrong(&format!("{what}: {why}")))
    }

    fn wrong(&self, why: &str) -> CliError {
        CliError::Usage(format!("{}: {why}", self.place))
    }
}

/// The file and the options over it.
struct Source<'a> {
    file: TomlText,
    options: &'a PackArgs,
}

impl Source<'_> {
    fn said(&self, text: &Spanned<String>) -> Said {
        Said { text: text.get_ref().clone(), place: self.file.place(&text.span()) }
    }

    /// What an option says, else what the file says.
    fn either(&self, option: &str, given: Option<&String>, written: Option<&Spanned<String>>) -> Option<Said> {
        let option = given.map(|text| Said { text: text.clone(), place: option.to_owned() });
        option.or_else(|| written.map(|text| self.said(text)))
    }

    fn needed(&self, option: &str, said: Option<Said>) -> Result<Said, CliError> {
        said.ok_or_else(|| {
            let name = option.trim_start_matches('-');
            let way = format!("write `{name} = \"…\"` into {}, or give `{option}`", self.file.name);
            CliError::Usage(format!("nothing says the {name} of the package; {way}"))
        })
    }
}

/// Whether a directory says what it is.
pub fn is_there(dir: &Path) -> bool {
    dir.join(FILE).is_file()
}

/// What a directory is, by its file and the options.
pub fn read(dir: &Path, options: &PackArgs) -> Result<Package, CliError> {
    let (source, written) = open(dir, options)?;
    let product = source.either("--product", options.product.as_ref(), written.product.as_ref());
    let version = source.either("--version", options.version.as_ref(), written.version.as_ref());
    let program = program(&source, &written)?;
    let spec = Spec {
        product: source.needed("--product", product)?.read("the product")?,
        version: source.needed("--version", version)?.read("the version")?,
        program,
    };
    let (leave_out, include) = names(written, options);
    Ok(Package { spec, leave_out, include })
}

/// Which files of a directory are packed, also where nothing says yet what they are called.
pub fn choice(dir: &Path, options: &PackArgs) -> Result<Choice, CliError> {
    let (source, written) = open(dir, options)?;
    program(&source, &written)?;
    let product = source.either("--product", options.product.as_ref(), written.product.as_ref());
    let product = product.map(|said| said.read("the product")).transpose()?;
    let (leave_out, include) = names(written, options);
    Ok(Choice { product, leave_out, include })
}

fn open<'a>(dir: &Path, options: &'a PackArgs) -> Result<(Source<'a>, Written), CliError> {
    let path = dir.join(FILE);
    let none = || TomlText { name: path.display().to_string(), text: String::new() };
    let source = Source { file: document_file::read(&path)?.unwrap_or_else(none), options };
    let written = source.file.says()?;
    Ok((source, written))
}

/// Names that are left out, and names that are packed though they look private.
fn names(written: Written, options: &PackArgs) -> (Vec<String>, Vec<String>) {
    let mut leave_out = vec![".git".to_owned(), FILE.to_owned()];
    leave_out.extend(written.leave_out.into_iter().chain(options.leave_out.iter().cloned()));
    (leave_out, written.include.into_iter().chain(options.include.iter().cloned()).collect())
}

fn program(source: &Source, written: &Written) -> Result<Option<Program>, CliError> {
    let options = source.options;
    let entry = source.either("--entry", options.entry.as_ref(), written.entry.as_ref());
    match (options.kind.or(written.kind), &entry) {
        (Some(PackageKind::Theme), None) => return Ok(None),
        (Some(PackageKind::Theme), Some(said)) => {
            return Err(said.wrong("a theme has no entry, because nothing starts from it; take the entry out"));
        }
        (None, None) => {
            let way = "say which of its files starts, or that it is a theme (`--kind theme`)";
            return Err(CliError::Usage(format!(
                "nothing says what starts; {way}: write `entry = \"…\"` into {}, or give `--entry`",
                source.file.name
            )));
        }
        _ => {}
    }
    let executable = source.needed("--entry", entry)?.read("the entry")?;
    let args = if options.args.is_empty() {
        written.args.iter().map(|text| argument(&source.said(text))).collect::<Result<_, _>>()?
    } else {
        let said = |text: &String| Said { text: text.clone(), place: "--arg".to_owned() };
        options.args.iter().map(|text| argument(&said(text))).collect::<Result<_, _>>()?
    };
    let profile = profile(source, written)?;
    profile.check().map_err(|why| CliError::Usage(format!("{}: {why}", source.file.name)))?;
    Ok(Some(Program { profile, entry: Entry { executable, args }, health: health(source, written)? }))
}

/// A placeholder is a word of its own: no text is ever searched and replaced.
fn argument(said: &Said) -> Result<Arg, CliError> {
    const KNOWN: [(&str, Arg); 6] = [
        ("{listen}", Arg::Listen),
        ("{host}", Arg::Host),
        ("{port}", Arg::Port),
        ("{data_dir}", Arg::DataDir),
        ("{release_dir}", Arg::ReleaseDir),
        ("{theme_dir}", Arg::ThemeDir),
    ];
    for (word, arg) in KNOWN {
        if said.text == word {
            return Ok(arg);
        }
        if said.text.contains(word) {
            let way = "make it an argument of its own, or read the environment in a start script (COUNTERSIGN_LISTEN, \
                       HOST, PORT, COUNTERSIGN_DATA_DIR, COUNTERSIGN_RELEASE_DIR, COUNTERSIGN_THEME_DIR)";
            return Err(said.wrong(&format!("`{word}` stands inside the argument `{}`; {way}", said.text)));
        }
    }
    Ok(Arg::Fixed(said.read("an argument")?))
}

fn health(source: &Source, written: &Written) -> Result<Health, CliError> {
    let path = source.either("--health", source.options.health.as_ref(), written.health.path.as_ref());
    let path: Option<Token> = path.map(|said| said.read("the health path")).transpose()?;
    let answer = match source.options.health_answer.or(written.health.answer) {
        Some(HealthAnswer::Release) => Answer::Release,
        Some(HealthAnswer::Plain) | None => Answer::Plain,
    };
    Ok(Health { path: path.unwrap_or_else(|| token("/")), answer })
}

fn profile(source: &Source, written: &Written) -> Result<Profile, CliError> {
    let options = source.options;
    let runtime = source.either("--runtime", options.runtime.as_ref(), written.runtime.as_ref());
    let needs = written.variables.iter().map(|need| {
        let key = source.said(&need.key);
        let token = key.read::<Token>("the variable")?;
        if !model::is_variable(&token) {
            let why = "a variable is of A-Z 0-9 _, at most 64 characters, and none that the runtime sets or that changes \
                       how a program is loaded (PATH, HOME, PORT, COUNTERSIGN_…, LD_…)";
            return Err(key.wrong(why));
        }
        Ok(Need { key: token, required: need.required, secret: need.secret, bounds: need.bounds })
    });
    let mut needs = needs.collect::<Result<Vec<_>, _>>()?;
    needs.sort_by(|a, b| a.key.cmp(&b.key));
    let mut outbound = if options.outbound.is_empty() { written.outbound.clone() } else { options.outbound.clone() };
    outbound.sort_unstable();
    Ok(Profile {
        runtime: runtime.map(|said| said.read("the runtime")).transpose()?.unwrap_or_else(|| token("web")),
        memory_mib: range(options.memory_mib, written.memory_mib, MEMORY_MIB),
        storage_mib: options.storage_mib.or(written.storage_mib).unwrap_or(STORAGE_MIB),
        start_within_ms: range(options.start_within_ms, written.start_within_ms, START_WITHIN_MS),
        needs,
        outbound,
    })
}

fn range(option: Option<u32>, written: Option<WrittenRange>, usual: u32) -> Range {
    match option.map(WrittenRange::Only).or(written).unwrap_or(WrittenRange::Only(usual)) {
        WrittenRange::Only(value) => Range::only(value),
        WrittenRange::Between { usual, least, most } => {
            Range { least: least.unwrap_or(usual), usual, most: most.unwrap_or(usual) }
        }
    }
}

fn token(text: &str) -> Token {
    text.parse().expect("what a package is without being said are tokens")
}
