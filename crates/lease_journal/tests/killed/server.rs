//! The process that is killed: a journal behind a socket.

use crate::question::{LEASE, Question, ended, granted};
use lease_journal::{Cap, Journal, JournalOptions, PeriodKind, Right};
use std::path::Path;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};

pub const SOCKET: &str = "socket";
pub const JOURNAL: &str = "journal";

/// Serves until it is killed.
pub fn serve(dir: &Path, cap: u64, control_size: u64) {
    let journal = Journal::open(&dir.join(JOURNAL), JournalOptions::new("kill.test/leases")).unwrap();
    let right = Right { cap: Cap { cycles: cap, control_size }, zone: "UTC".to_owned(), kind: PeriodKind::Month };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let socket = dir.join(SOCKET);
        drop(std::fs::remove_file(&socket));
        let listener = UnixListener::bind(socket).unwrap();
        let expiring = journal.clone();
        tokio::spawn(async move { expiring.keep_expiring().await });
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, journal.clone(), right.clone()));
        }
    });
}

async fn answer(stream: UnixStream, journal: Journal, right: Right) {
    let (reads, mut writes) = stream.into_split();
    let mut lines = BufReader::new(reads).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let told = match Question::parse(&line) {
            Question::Post { key, cycles } => ended(&journal.post(LEASE, key, cycles).await),
            Question::Void { key } => ended(&journal.void(LEASE, key).await),
            reserve @ Question::Reserve { .. } => {
                let ask = reserve.ask().unwrap();
                granted(&journal.reserve(ask, &right).await)
            }
        };
        if writes.write_all(told.as_bytes()).await.is_err() {
            return;
        }
    }
}
