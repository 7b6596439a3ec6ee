//! The same pairs in PostgreSQL, driven by its own pgbench: its client, its protocol, prepared statements.

use super::pairs::{CALLERS, CYCLES};
use super::server::Server;
use crate::args::Pace;
use crate::error::Error;
use crate::figures::Run;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How the pair is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Two transactions that lock the lease's row, look and write: as an application does.
    ForUpdate,
    /// Two statements, each of which looks and writes at once: the least that PostgreSQL can do.
    OneStatement,
    /// The same, where no two callers share a row.
    OwnLease,
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS leases (change int PRIMARY KEY, used bigint NOT NULL, cap bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS reservations
        (id bigint PRIMARY KEY, lease int NOT NULL, cycles bigint NOT NULL, posted bigint);
    TRUNCATE leases, reservations;
    INSERT INTO leases SELECT change, 0, 9007199254740991 FROM generate_series(0, 255) AS change;
    ANALYZE leases;";

impl Script {
    fn text(self) -> String {
        let lease = if self == Self::OwnLease { ":client_id" } else { "0" };
        let (cycles, posted) = CYCLES;
        let head = format!("\\set id random(1, 9223372036854775807)\n\\set lease {lease}\n");
        let pair = if self == Self::ForUpdate {
            format!(
                "BEGIN;
SELECT used, cap FROM leases WHERE change = :lease FOR UPDATE;
UPDATE leases SET used = used + {cycles} WHERE change = :lease AND used + {cycles} <= cap;
INSERT INTO reservations (id, lease, cycles) VALUES (:id, :lease, {cycles});
COMMIT;
BEGIN;
SELECT used, cap FROM leases WHERE change = :lease FOR UPDATE;
UPDATE reservations SET posted = {posted} WHERE id = :id AND posted IS NULL;
UPDATE leases SET used = used - {cycles} + {posted} WHERE change = :lease;
COMMIT;
"
            )
        } else {
            format!(
                "WITH taken AS (UPDATE leases SET used = used + {cycles} WHERE change = :lease AND used + {cycles} <= cap \
                 RETURNING change) INSERT INTO reservations (id, lease, cycles) SELECT :id, change, {cycles} FROM taken;
WITH ended AS (UPDATE reservations SET posted = {posted} WHERE id = :id AND posted IS NULL RETURNING lease, cycles) \
                 UPDATE leases SET used = used - ended.cycles + {posted} FROM ended WHERE change = ended.lease;
"
            )
        };
        head + &pair
    }
}

/// One run on empty tables, after a warm-up that is not counted.
///
/// # Errors
/// When pgbench fails, or the tables do not hold what it counted.
pub fn run(server: &Server, script: Script, pace: Pace) -> Result<Run, Error> {
    // It counts whole seconds.
    let (warm_up_s, measured_s) = (pace.warm_up.as_secs().max(1), pace.measured.as_secs().max(1));
    let file = server.home().join("pair.sql");
    fs::write(&file, script.text()).map_err(Error::io("write a script for pgbench"))?;
    server.sql(TABLES.trim())?;
    pgbench(server, &file, warm_up_s, None)?;
    let before = pairs(server)?;
    let logs = tempfile::tempdir_in(server.home()).map_err(Error::io("make a directory for pgbench"))?;
    fs::set_permissions(logs.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777))
        .map_err(Error::io("open a directory to pgbench"))?;
    pgbench(server, &file, measured_s, Some(logs.path()))?;
    let latencies = latencies(logs.path())?;
    let (told, there) = (latencies.len() as u64, pairs(server)? - before);
    if told != there {
        let said = format!("it told of {told} pairs, and the tables hold {there}");
        return Err(Error::Postgres { program: "pgbench".to_owned(), said });
    }
    let measured = Duration::from_secs(measured_s);
    Run::of(latencies, 1, measured).ok_or(Error::Nothing(measured.as_millis()))
}

fn pgbench(server: &Server, script: &Path, seconds: u64, logs: Option<&Path>) -> Result<(), Error> {
    let mut command = server.connected("pgbench");
    command.args(["-n", "-M", "prepared", "-j", "2", "-c", &CALLERS.to_string(), "-T", &seconds.to_string(), "-f"]);
    command.arg(script);
    if let Some(logs) = logs {
        command.arg("-l").arg(format!("--log-prefix={}", logs.join("pair").display()));
    }
    Server::passes(command.arg("postgres")).map(drop)
}

/// Pairs in the tables; each must have left what was posted of it with its lease.
fn pairs(server: &Server) -> Result<u64, Error> {
    let text =
        server.sql("SELECT count(*), coalesce(sum(posted), 0), (SELECT sum(used) FROM leases) FROM reservations")?;
    let wrong = || Error::Postgres { program: "psql".to_owned(), said: format!("the tables do not fit: {text}") };
    let numbers: Vec<u64> = text.split('|').filter_map(|number| number.parse().ok()).collect();
    let [pairs, posted, used] = numbers[..] else { return Err(wrong()) };
    if posted == used && posted == pairs * CYCLES.1 { Ok(pairs) } else { Err(wrong()) }
}

/// How long each pair took: the third word of a line of pgbench's log, microseconds.
fn latencies(dir: &Path) -> Result<Vec<Duration>, Error> {
    let mut latencies = vec![];
    for item in fs::read_dir(dir).map_err(Error::io("list the logs of pgbench"))? {
        let path = item.map_err(Error::io("list the logs of pgbench"))?.path();
        let text = fs::read_to_string(path).map_err(Error::io("read a log of pgbench"))?;
        let took = text.lines().filter_map(|line| line.split(' ').nth(2)?.parse().ok());
        latencies.extend(took.map(Duration::from_micros));
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latencies_of_every_log_are_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("pair.1"), "0 1 1500 0 1700000000 1\n1 1 20 0 1700000000 2\n").unwrap();
        fs::write(dir.path().join("pair.1.1"), "2 1 7 0 1700000000 3\n").unwrap();
        let mut found = latencies(dir.path()).unwrap();
        found.sort_unstable();
        assert_eq!(found, [7, 20, 1500].map(Duration::from_micros));
    }

    #[test]
    fn only_where_each_has_its_own_is_the_lease_the_callers() {
        assert!(Script::OwnLease.text().contains("\\set lease :client_id"));
        for shared in [Script::ForUpdate, Script::OneStatement] {
            assert!(shared.text().contains("\\set lease 0"));
        }
        assert_eq!(Script::ForUpdate.text().matches("FOR UPDATE").count(), 2);
    }
}
