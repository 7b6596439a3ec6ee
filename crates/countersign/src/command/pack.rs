//! `artifact pack`: a directory becomes one file that can be published.

use super::{Context, sample};
use crate::cli::PackArgs;
use crate::error::CliError;
use crate::given::writable;
use crate::output;
use crate::package_file::{self, Choice, Package};
use crate::private_file;
use artifact::{ArtifactError, Gathered, Manifest, Mode, Source, SourceFile, directory, pack};
use model::{Digest, Token};
use serde_json::json;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The file by which Python knows a virtual environment (PEP 405).
const VIRTUALENV: &str = "pyvenv.cfg";
/// Longest first line of a script, in bytes: what Linux reads.
const MAX_FIRST_LINE: usize = 255;

pub fn run(context: &Context, args: &PackArgs) -> Result<(), CliError> {
    let dir = Path::new(&args.source);
    let says = package_file::is_there(dir) || args.product.is_some() || args.entry.is_some() || args.kind.is_some();
    let (tar, manifest, digest, left_out) = if !says && sample::is_release(&args.source) {
        let tar = args.output.clone().ok_or_else(|| CliError::Usage("say where to write it: `-o FILE`".to_owned()))?;
        writable(&tar)?;
        let (manifest, digest) = sample::storefront(&args.source, &tar, args.memory_mib.unwrap_or(sample::MEMORY_MIB))?;
        (tar, manifest, digest, vec![])
    } else if dir.is_dir() {
        packed(dir, args).map_err(|error| unpackable(dir, error))?
    } else {
        let what = if dir.exists() { "a file" } else { "not there" };
        let why = format!(
            "`{}` is {what}; name the directory that holds the program, or a shipped release of the sample shop (2026.02, 2026.03.1)",
            args.source
        );
        return Err(CliError::Usage(why));
    };
    if context.json {
        output::json(&json!({"artifact": digest, "manifest": manifest, "tar": tar, "left_out": left_out}));
        return Ok(());
    }
    crate::print_line!("packed {} {} into {}", manifest.product, manifest.version, tar.display());
    crate::print_line!("artifact  {digest}");
    crate::print_line!("files     {}, {} bytes", manifest.files.len(), manifest.total_bytes());
    if !left_out.is_empty() {
        crate::print_line!(
            "left out  {}",
            left_out.iter().map(|name| output::cell(name)).collect::<Vec<_>>().join(", ")
        );
    }
    Ok(())
}

/// A directory, packed: where, what it is, and what was left out.
pub fn packed(dir: &Path, args: &PackArgs) -> Result<(PathBuf, Manifest, Digest, Vec<String>), CliError> {
    let Package { spec, mut leave_out, include } = package_file::read(dir, args)?;
    let name = || PathBuf::from(format!("{}-{}.tar", plain(&spec.product), plain(&spec.version)));
    let tar = args.output.clone().unwrap_or_else(name);
    writable(&tar)?;
    // Neither this package nor an earlier one of it is a part of it.
    leave_out.extend(inside(dir, &tar));
    let Gathered { files, left_out } = gathered(dir, Some(&spec.product), leave_out, &include)?;
    if let Some(program) = &spec.program {
        let entry = files.iter().find(|file| file.path == program.entry.executable);
        let none = || CliError::Usage(format!("the entry `{}` is not among its files", program.entry.executable));
        can_start(entry.ok_or_else(none)?)?;
    }
    let (manifest, digest) = pack(spec, files, &tar)?;
    Ok((tar, manifest, digest, left_out))
}

/// What lies in a directory and cannot be packed, with how to leave it out.
fn unpackable(dir: &Path, error: CliError) -> CliError {
    let (name, what, advice) = match &error {
        CliError::Artifact(ArtifactError::Link { name, why }) => {
            let (what, advice) = why.rsplit_once("; ").unwrap_or((*why, "leave the link out"));
            (name, format!("the link `{name}` {what}"), advice)
        }
        CliError::Artifact(ArtifactError::Kind(name)) => {
            (name, format!("`{name}` is neither a file nor a directory"), "remove it, or leave it out")
        }
        _ => return error,
    };
    let leave_out = |name: &str| format!("`leave_out = [\"{name}\"]` in countersign.toml, or `--leave-out '{name}'`");
    let virtualenv = Path::new(name).ancestors().find(|above| dir.join(above).join(VIRTUALENV).is_file());
    if let Some(above) = virtualenv.and_then(Path::to_str).filter(|above| !above.is_empty()) {
        return CliError::Given {
            code: "package.virtualenv",
            message: format!(
                "`{above}` is a virtual environment of Python, and its programs are links into this machine"
            ),
            next: format!(
                "leave it out ({}), and put the libraries into the directory by `pip install --target`",
                leave_out(above)
            ),
        };
    }
    CliError::Given { code: "package.unfit", message: what, next: format!("{advice}: {}", leave_out(name)) }
}

/// What would be packed of a directory, also where nothing says yet what it is called.
pub fn chosen(dir: &Path, args: &PackArgs) -> Result<Vec<SourceFile>, CliError> {
    let Choice { product, leave_out, include } = package_file::choice(dir, args)?;
    Ok(gathered(dir, product.as_ref(), leave_out, &include)?.files)
}

fn gathered(
    dir: &Path,
    product: Option<&Token>,
    mut leave_out: Vec<String>,
    include: &[String],
) -> Result<Gathered, CliError> {
    leave_out.extend(product.into_iter().flat_map(|product| earlier(dir, &plain(product))));
    let gathered = directory(dir, &leave_out)?;
    private_file::refuse(&gathered.files, include)?;
    Ok(gathered)
}

/// A product or a version as a part of a file's name.
fn plain(token: &Token) -> String {
    token.as_str().replace(['/', ':'], "-")
}

/// Packages that lie in a directory under the names that they get where nobody says another.
fn earlier(dir: &Path, product: &str) -> Vec<String> {
    let begins = format!("{product}-");
    let names = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let names = names.filter_map(|item| item.file_name().into_string().ok());
    names
        .filter(|name| name.starts_with(&begins) && Path::new(name).extension().is_some_and(|end| end == "tar"))
        .collect()
}

/// A file's name from a directory that it lies in.
fn inside(dir: &Path, file: &Path) -> Option<String> {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = parent.canonicalize().ok()?.join(file.file_name()?);
    Some(file.strip_prefix(dir.canonicalize().ok()?).ok()?.to_str()?.to_owned())
}

/// Whether the kernel can start it: a program, or a script that names its interpreter.
fn can_start(file: &SourceFile) -> Result<(), CliError> {
    let Source::File(path) = &file.source else { return Ok(()) };
    let mut begin = Vec::new();
    let opened = File::open(path).map_err(crate::given::given(path))?;
    opened.take(MAX_FIRST_LINE as u64).read_to_end(&mut begin).map_err(crate::given::given(path))?;
    let wrong = |why: &str| Err(CliError::Usage(format!("`{}` cannot start: {why}", file.path)));
    let executable = || {
        let own = output::word(path);
        if file.mode == Mode::Execute { Ok(()) } else { wrong(&format!("it is not executable; run `chmod +x {own}`")) }
    };
    if begin.starts_with(b"\x7fELF") {
        return executable();
    }
    if !begin.starts_with(b"#!/") {
        return wrong("it is no program of Linux, and its first line does not name an interpreter, as `#!/bin/sh`");
    }
    let first = begin.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.len() == begin.len() && begin.len() == MAX_FIRST_LINE {
        return wrong("its first line is longer than Linux reads");
    }
    if first.ends_with(b"\r") {
        return wrong("its lines end with carriage returns; save it with Unix line ends");
    }
    executable()
}
