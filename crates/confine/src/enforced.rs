//! What is really enforced on this machine, as the confined process itself found it.

use serde::{Deserialize, Serialize};

/// The report of one start. Kept beside the [`crate::Identity`], for the node's panel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is one limit that holds or does not, independent of the others")]
pub struct Enforced {
    /// User it runs as.
    pub uid: u32,
    /// Group it runs as.
    pub gid: u32,
    /// It can gain no privilege by executing something.
    pub no_new_privs: bool,
    /// Files (and, from kernel 6.7 on, TCP ports).
    pub landlock: Landlock,
    /// The TCP ports asked for are enforced; `false` too when any port was allowed.
    pub tcp_ports: bool,
    /// It can signal no process outside (kernel 6.12 on).
    pub signals: bool,
    pub memory: Memory,
    pub open_files: bool,
    /// Processes and threads; never for root.
    pub processes: bool,
    /// Open files it was handed beyond its log and empty input: what the service itself was started with.
    pub handed_files: u32,
}

/// How far the kernel's Landlock goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Landlock {
    /// Everything that was asked for.
    Full,
    /// An older kernel: some of it.
    Partial,
    /// Not there, or switched off.
    None,
}

/// What keeps the memory limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Memory {
    /// A control group: what the process and all its children use together.
    Group,
    /// `RLIMIT_DATA`: what each process reserves for itself, with [`ROOM_MIB`] above the limit, because runtimes
    /// reserve more than they use.
    Rlimit,
    /// Nothing.
    None,
}

/// A Java runtime with a heap of 128 MiB reserves 240 and uses 90; one of Go reserves 45 and uses 2.
pub(crate) const ROOM_MIB: u32 = 256;

impl Enforced {
    /// A sentence for each limit that this machine does not enforce, in the operator's words.
    pub fn missing(&self) -> Vec<&'static str> {
        let all = [
            (self.uid == 0, "runs as root: the service itself is not root, or no user was given"),
            (!self.no_new_privs, "can gain privileges through set-uid programs"),
            (self.landlock == Landlock::None, "files are limited by user and mode only: this kernel has no Landlock"),
            (self.landlock == Landlock::Partial, "files are limited in part: this kernel has an older Landlock"),
            (!self.tcp_ports, "TCP ports are not limited"),
            (!self.signals, "may signal other processes of its user: this kernel has no Landlock scopes"),
            (self.memory == Memory::None, "memory is not limited"),
            (
                self.memory == Memory::Rlimit,
                "memory is limited by what each process reserves, with room of 256 MiB above its limit: the service has no \
                 memory control group to put it in",
            ),
            (
                true,
                "UDP and sockets in files are not limited, and TCP only by port, whatever the host: Landlock knows no more",
            ),
            (true, "the disk is not limited: what it keeps in its data directory may fill it"),
            (!self.open_files, "open files are not limited"),
            (!self.processes, "processes and threads are not limited"),
            (self.handed_files > 0, "holds open files of whoever started the service; start the service without them"),
        ];
        all.into_iter().filter_map(|(is_missing, text)| is_missing.then_some(text)).collect()
    }
}
