//! The kernel's rules about files and ports (Landlock), put on oneself.

use crate::{Limits, Network, readable};
use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, Scope, path_beneath_rules,
};
use rustix::{
    fs::{Mode, OFlags, open},
    io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd},
};
use std::{
    error::Error,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

/// What is asked of the kernel; an older one enforces what it knows, and the report says so.
const ASKED: ABI = ABI::V6;
const OWN: &str = "/proc/self";

/// Best effort by the crate's own rules: what the kernel does not know is left out and shows in the status.
pub(crate) fn restrict(limits: &Limits, own: &OwnedFd) -> Result<RestrictionStatus, Box<dyn Error>> {
    let (read, write) = (AccessFs::from_read(ASKED), AccessFs::from_all(ASKED));
    let mut rules = Ruleset::default().handle_access(write)?.scope(Scope::from_all(ASKED))?;
    if matches!(limits.network, Network::Only { .. }) {
        rules = rules.handle_access(AccessNet::from_all(ASKED))?;
    }
    let mut rules = rules
        .create()?
        .add_rules(path_beneath_rules(readable::system(), read))?
        .add_rules(path_beneath_rules(readable::DEVICES, AccessFs::from_file(ASKED)))?
        .add_rule(PathBeneath::new(own, read))?
        .add_rules(existing(&limits.read_paths)?.into_iter().map(|path| rule(&path, read)))?
        .add_rules(existing(&limits.write_paths)?.into_iter().map(|path| rule(&path, write)))?;
    if let Network::Only { bind, connect } = &limits.network {
        let port = |port: &u16, access| Ok::<_, RulesetError>(NetPort::new(*port, access));
        rules = rules
            .add_rules(bind.iter().map(|n| port(n, AccessNet::BindTcp)))?
            .add_rules(connect.iter().map(|n| port(n, AccessNet::ConnectTcp)))?;
    }
    Ok(rules.restrict_self()?)
}

/// May do nothing but what lies below one directory, and connect to nobody.
pub(crate) fn only_below(dir: &Path) -> Result<(), Box<dyn Error>> {
    let all = AccessFs::from_all(ASKED);
    Ruleset::default()
        .handle_access(all)?
        .handle_access(AccessNet::from_all(ASKED))?
        .scope(Scope::from_all(ASKED))?
        .create()?
        .add_rule(rule(dir, all)?)?
        .restrict_self()?;
    Ok(())
}

/// This process's own entry in the process table, for the rule about it, open at the number `highest`.
///
/// `/proc/self` is a link, and a rule is about what it leads to: the entry of this pid, which the target keeps, for `exec`
/// keeps the pid. The kernel forgets an entry that nobody uses and makes another one, which no rule is about, so this one
/// stays open for as long as the target runs. What the target starts has another pid, and may not read its own entry.
pub(crate) fn own_entry(highest: i32) -> Result<OwnedFd, rustix::io::Errno> {
    let entry = open(OWN, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    fcntl_dupfd_cloexec(entry, highest)
}

/// Lets a file stay open in the target.
pub(crate) fn keep_open(file: &OwnedFd) -> Result<(), rustix::io::Errno> {
    fcntl_setfd(file, FdFlags::empty())
}

/// A path that is not there would silently not be granted, so it is an error that names it.
fn existing(paths: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    paths
        .iter()
        .map(|path| if path.exists() { Ok(path.clone()) } else { Err(format!("`{}` does not exist", path.display())) })
        .collect()
}

fn rule(path: &Path, access: BitFlags<AccessFs>) -> Result<PathBeneath<PathFd>, Box<dyn Error>> {
    let access = if path.is_dir() { access } else { access & AccessFs::from_file(ASKED) };
    Ok(PathBeneath::new(PathFd::new(path)?, access))
}
