//! How a packed program starts, and how one tells that it works.

use crate::{ArtifactError, FileEntry, FilePath, Mode, text::ArgText};
use model::{Profile, Token};
use serde::{Deserialize, Serialize};
use std::{ffi::OsString, fmt, net::SocketAddr, path::Path};

/// Most arguments of one entry.
pub const MAX_ARGS: usize = 64;

/// What starts, what it needs and when it counts as healthy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// What it needs and allows.
    pub profile: Profile,
    /// What is started.
    pub entry: Entry,
    pub health: Health,
}

/// The command of an artifact: fixed when it is packed, except for the places where it runs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The executable, one of the files, mode `0555`: a program, or a script that names its interpreter (`#!`).
    pub executable: FilePath,
    /// Its arguments in order, at most 64.
    pub args: Vec<Arg>,
}

/// One argument. Placeholders are words of their own, so no text is ever searched and replaced.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arg {
    /// The same in every start.
    Fixed(ArgText),
    /// The address to listen on, as `127.0.0.1:9001`.
    Listen,
    /// Its host alone, as `127.0.0.1`.
    Host,
    /// Its port alone, as `9001`.
    Port,
    /// The directory the engine may write.
    DataDir,
    /// The directory of the unpacked artifact.
    ReleaseDir,
    /// The directory of the theme it wears; empty text where it wears none.
    ThemeDir,
}

/// Where one start takes place: what the placeholders become.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    /// For [`Arg::Listen`], [`Arg::Host`] and [`Arg::Port`].
    pub listen: SocketAddr,
    /// For [`Arg::DataDir`].
    pub data_dir: &'a Path,
    /// For [`Arg::ReleaseDir`].
    pub release_dir: &'a Path,
    /// For [`Arg::ThemeDir`].
    pub theme_dir: Option<&'a Path>,
}

/// How one tells that it works.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// Where it is asked, for example `/healthz`.
    pub path: Token,
    pub answer: Answer,
}

/// What counts as healthy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Any status from 200 to 299.
    Plain,
    /// Status 200, and JSON whose `release` is the version and whose `product`, where it is there, is the product.
    Release,
}

/// As a package's own description writes it.
impl fmt::Display for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(text) => text.as_str(),
            Self::Listen => "{listen}",
            Self::Host => "{host}",
            Self::Port => "{port}",
            Self::DataDir => "{data_dir}",
            Self::ReleaseDir => "{release_dir}",
            Self::ThemeDir => "{theme_dir}",
        })
    }
}

/// What is typed, with the places where it runs left open.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.executable)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

impl Entry {
    /// The arguments of one start.
    pub fn arguments(&self, at: Placement<'_>) -> Vec<OsString> {
        let one = |arg: &Arg| match arg {
            Arg::Fixed(text) => text.as_str().into(),
            Arg::Listen => at.listen.to_string().into(),
            Arg::Host => at.listen.ip().to_string().into(),
            Arg::Port => at.listen.port().to_string().into(),
            Arg::DataDir => at.data_dir.into(),
            Arg::ReleaseDir => at.release_dir.into(),
            Arg::ThemeDir => at.theme_dir.map(Into::into).unwrap_or_default(),
        };
        self.args.iter().map(one).collect()
    }
}

impl Program {
    /// Whether it can start; `file` is its executable among the files.
    pub(crate) fn check(&self, file: Option<&FileEntry>) -> Result<(), ArtifactError> {
        let refuse = |text: String| Err(ArtifactError::Manifest(text));
        let executable = &self.entry.executable;
        match file {
            None => return refuse(format!("its executable `{executable}` is not among its files")),
            Some(file) if file.mode != Mode::Execute => {
                return refuse(format!(
                    "its executable `{executable}` has not mode 0555; make the file executable (`chmod +x`) before it \
                     is packed"
                ));
            }
            Some(_) => {}
        }
        if self.entry.args.len() > MAX_ARGS {
            return refuse(format!("{} arguments, at most {MAX_ARGS} are allowed", self.entry.args.len()));
        }
        if !self.health.path.as_str().starts_with('/') {
            return refuse(format!("the health path `{}` does not begin with /", self.health.path));
        }
        self.profile.check().map_err(ArtifactError::Manifest)
    }
}
