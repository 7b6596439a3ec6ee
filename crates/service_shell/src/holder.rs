//! Which process listens on a port, as far as this machine lets us see.

use std::fmt;
use std::fs;
use std::path::Path;

/// A process that holds something we wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// The name of its command, without arguments: those may hold credentials.
    pub command: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {} ({})", self.pid, self.command)
    }
}

/// The process that listens on TCP `port`. `None` where there is none, where it belongs to
/// somebody else, or where there is no `/proc`.
pub fn holder(port: u16) -> Option<Holder> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"];
    let inodes: Vec<String> = tables.iter().filter_map(|table| inode(&fs::read_to_string(table).ok()?, port)).collect();
    let links: Vec<String> = inodes.iter().map(|inode| format!("socket:[{inode}]")).collect();
    if links.is_empty() {
        return None;
    }
    let processes = fs::read_dir("/proc").ok()?;
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let pid = pids.into_iter().find(|pid| holds(*pid, &links))?;
    let command = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(Holder { pid, command: command.trim_end().to_owned() })
}

/// The inode of the socket that listens on `port`, from the text of `/proc/net/tcp` (proc(5)):
/// column 1 is `ADDRESS:PORT` in hexadecimal, column 3 the state (0A: listening), column 9 the inode.
fn inode(table: &str, port: u16) -> Option<String> {
    let suffix = format!(":{port:04X}");
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_ascii_whitespace().collect();
        let listens = columns.get(1)?.ends_with(&suffix) && *columns.get(3)? == "0A";
        listens.then(|| columns.get(9).map(|inode| (*inode).to_owned()))?
    })
}

fn holds(pid: u32, links: &[String]) -> bool {
    let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    let is_ours =
        |path: &Path| fs::read_link(path).is_ok_and(|link| links.iter().any(|ours| link.as_os_str() == ours.as_str()));
    descriptors.flatten().any(|entry| is_ours(&entry.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_table() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 11 1\n   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 22 1\n";
        assert_eq!(inode(table, 8080).as_deref(), Some("22"));
        assert_eq!(inode(table, 8081), None);
        assert_eq!(inode("", 8080), None);
    }
}
