//! The supervisor itself: one keeper for each child, one socket for requests.

use crate::control::{self, Board, Post};
use crate::keeper::Keeper;
use crate::status::{ServiceStatus, State};
use crate::{Lock, SupervisorError, SupervisorOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Orders that may wait for one child.
const ORDERS_MAX: usize = 8;

/// Runs a set of children.
#[derive(Debug)]
pub struct Supervisor;

impl Supervisor {
    /// Starts every child in `lock`'s directory and keeps them until `shutdown` resolves; then
    /// closes their pipes, gives them the grace, kills what is left, and returns with no child
    /// running. The lock is released on return.
    ///
    /// A child that exits with [`crate::EX_CONFIG`], or cannot be executed at its first start, refuses:
    /// `refusing` is told its name and the last lines it wrote, and the others go on.
    ///
    /// Fails when its socket cannot be opened (nothing was started), or with
    /// [`SupervisorError::Refused`] when no child is left that has not refused.
    pub async fn run(
        lock: Lock,
        options: SupervisorOptions,
        refusing: impl Fn(&str, &[String]),
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), SupervisorError> {
        check_names(&options)?;
        let socket = control::Socket::open(lock.dir())?;
        let (end, ending) = watch::channel(false);
        let (refusals, mut refused) = mpsc::channel(options.services.len().max(1));
        let (mut keepers, mut posts) = (JoinSet::new(), BTreeMap::new());
        for spec in options.services {
            let (status, shown) = watch::channel(ServiceStatus::new(&spec.name));
            let (orders, taken) = mpsc::channel(ORDERS_MAX);
            posts.insert(spec.name.clone(), Post { status: shown, orders });
            let keeper = Keeper {
                exe: options.exe.clone(),
                dir: lock.dir().to_owned(),
                spec,
                timing: options.timing,
                status,
                orders: taken,
                ending: ending.clone(),
                refusals: refusals.clone(),
            };
            keepers.spawn(keeper.keep());
        }
        let board = Arc::new(Board(posts));
        let none_left = async {
            while let Some((name, cause)) = refused.recv().await {
                refusing(&name, &cause);
                if board.0.values().all(|post| post.status.borrow().state == State::Refused) {
                    return SupervisorError::Refused { name, cause };
                }
            }
            std::future::pending().await
        };
        let outcome = tokio::select! {
            () = shutdown => Ok(()),
            refused = none_left => Err(refused),
            () = socket.answer(Arc::clone(&board)) => Ok(()),
        };
        end.send_replace(true);
        while let Some(kept) = keepers.join_next().await {
            if let Err(cause) = kept {
                tracing::error!(%cause, "supervisor: a keeper failed");
            }
        }
        drop(lock);
        outcome
    }
}

fn check_names(options: &SupervisorOptions) -> Result<(), SupervisorError> {
    let mut seen = std::collections::BTreeSet::new();
    for spec in &options.services {
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let good = (1..=32).contains(&spec.name.len()) && spec.name.bytes().all(allowed);
        if !good || !seen.insert(&spec.name) {
            return Err(SupervisorError::Name(spec.name.clone()));
        }
    }
    Ok(())
}
