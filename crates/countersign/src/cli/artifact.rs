//! `artifact`: what can be deployed.

use super::{ListArgs, Who};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// `artifact`.
#[derive(Debug, Subcommand)]
pub enum ArtifactCommand {
    /// Pack a directory: a program of any kind, or a client theme.
    ///
    /// What it is, what starts and what it needs stands in its `countersign.toml`; each option says it in place of that
    /// file. Symbolic links are resolved, `.git` and `countersign.toml` are left out. The same files give the same bytes.
    #[command(
        disable_version_flag = true,
        after_help = "Examples:\n  countersign artifact pack shop\n  countersign artifact pack shop --product shop --version 1.0.0 --entry start.sh -o shop.tar\n  countersign artifact pack 2026.02 -o 2026.02.tar  # the sample shop"
    )]
    Pack(PackArgs),
    /// Verify a packed release and print what it is, what it needs and its files.
    ///
    /// Of one that Platform Services holds the manifest is asked for, and taken only if it has that digest; whether its
    /// files are still those, Platform Services says (`engine readiness ENGINE --verify`).
    Inspect {
        /// The packed release: a file; or, of one that Platform Services holds, its name, version or digest.
        release: String,
    },
    /// Read a packed release to its end and say whether every byte is as its manifest says.
    Verify {
        /// The packed release.
        tar: PathBuf,
        /// Refuse any other release than this one: its digest.
        #[arg(long)]
        expect: Option<model::Digest>,
    },
    /// List what is published.
    Ls(ListArgs),
    /// What Platform Services and the node keep on their disks, why, and what of it goes.
    ///
    /// Each drops by itself what nothing has needed for as long as its configuration says (`keep_unneeded`, 30 days):
    /// nothing that serves, that a rollback reaches, or that an open change names. This waits until they have dropped
    /// what may go now. What is dropped can be published again.
    Prune {
        /// Say what may go, and wait for nothing.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Recall a release, config, client theme or retention policy: no plan may name it any more. Settings changes lift it.
    Recall {
        /// Its name, version or digest.
        artifact: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        who: Who,
    },
}

/// Of `artifact pack`.
#[derive(Debug, Default, Args)]
pub struct PackArgs {
    /// A directory; or the version of a shipped release of the sample shop (2026.02, 2026.03.1).
    pub source: String,
    /// Where to write the package (default: PRODUCT-VERSION.tar in the current directory).
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Its name.
    #[arg(long, value_name = "NAME")]
    pub product: Option<String>,
    /// Its version.
    #[arg(long, value_name = "TEXT")]
    pub version: Option<String>,
    /// What it is.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<PackageKind>,
    /// What sort of engine it is made for.
    #[arg(long, value_name = "WORD")]
    pub runtime: Option<String>,
    /// What starts: one of its files, executable.
    #[arg(long, value_name = "FILE")]
    pub entry: Option<String>,
    /// One argument of the entry, in order, or one of `{listen}`, `{host}`, `{port}`, `{data_dir}`, `{release_dir}`, `{theme_dir}`.
    #[arg(long = "arg", value_name = "TEXT", allow_hyphen_values = true)]
    pub args: Vec<String>,
    /// The path where its health is asked.
    #[arg(long, value_name = "PATH")]
    pub health: Option<String>,
    /// What counts as healthy.
    #[arg(long, value_name = "ANSWER")]
    pub health_answer: Option<HealthAnswer>,
    /// Memory it may use, MiB.
    #[arg(long, value_name = "N")]
    pub memory_mib: Option<u32>,
    /// What it keeps in its data directory at most, MiB.
    #[arg(long, value_name = "N")]
    pub storage_mib: Option<u32>,
    /// From its start until it must be healthy, milliseconds.
    #[arg(long, value_name = "N")]
    pub start_within_ms: Option<u32>,
    /// A TCP port of other hosts that a config may let it connect to; several are given one by one.
    #[arg(long, value_name = "PORT")]
    pub outbound: Vec<u16>,
    /// A file or directory that is not packed: by its name, or by its path where it holds a `/`.
    #[arg(long, value_name = "NAME")]
    pub leave_out: Vec<String>,
    /// A file or directory that is packed though its name says that it holds keys or passwords, as `.env` or `tls.key`.
    #[arg(long, value_name = "NAME")]
    pub include: Vec<String>,
}

/// What a package is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PackageKind {
    /// Something starts from it.
    Program,
    /// Files and nothing else, for a shop to wear.
    Theme,
}

/// What counts as healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthAnswer {
    /// Any status from 200 to 299.
    Plain,
    /// JSON that names product and release.
    Release,
}
