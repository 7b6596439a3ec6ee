//! From the writer's answer to the caller's: always a function of the leaf and its index.

use crate::machine::{Answer, Submitted};
use crate::problems;
use crate::refusal_dedup::principal;
use crate::service::Service;
use control::{Command, Inadmissible, Leaf, Refusal, Verdict};
use ledger::{Ack, Lane};
use model::TenantId;
use service_shell::Problem;
use signed::Act;
use wire::Recorded;

/// What a refusal or an acceptance stands in.
struct Recording {
    index: u64,
    leaf_hash: model::Digest,
}

/// Which commands go first: what stops or settles something.
fn lane(command: &Command) -> Lane {
    match command {
        Command::Receipt { .. } | Command::Clock { .. } => Lane::Urgent,
        Command::Signed { statement, .. } => match &statement.act {
            Act::Hold { .. }
            | Act::Withdraw { .. }
            | Act::Suspend { .. }
            | Act::Recall { .. }
            | Act::Revoke { .. }
            | Act::Abort { .. } => Lane::Urgent,
            _ => Lane::Normal,
        },
        Command::Genesis { .. } | Command::Session(_) => Lane::Normal,
    }
}

impl Service {
    /// Puts a checked command before the writer and waits for its answer.
    pub(crate) async fn decide(&self, submitted: Submitted, ack: Ack) -> Result<Recorded, Problem> {
        let command = &submitted.command;
        let (lane, principal) = (lane(command), principal(command));
        let is_about_change = command.change().is_some();
        // Names are for people; a service is answered with ids.
        let named = !matches!(command, Command::Receipt { .. });
        let asked = match command {
            Command::Session(session) => Some(session.clone()),
            _ => None,
        };
        let answered = self.control.submit(lane, principal, submitted, ack).await;
        let answered = answered.map_err(|why| problems::submit(&why))?;
        match (answered.answer, answered.recorded) {
            (Answer::Decided(verdict, effects), Some(recorded)) => {
                self.metrics.appended(&verdict);
                let at = Recording { index: recorded.index, leaf_hash: recorded.leaf_hash };
                match verdict {
                    Verdict::Accepted => {
                        Ok(Recorded { index: at.index, leaf_hash: at.leaf_hash, now: recorded.now, effects })
                    }
                    Verdict::Refused(refusal) => Err(self.refused(&at, &refusal, named)),
                }
            }
            (Answer::Repeated(index, refusal), _) => {
                self.metrics.repeated();
                self.counted.add(index, self.leaf(index)?.now);
                let leaf_hash = self.control.log().leaf_hash(index).ok_or_else(Problem::internal)?;
                // The entry of the first, in the words of this one: what is missing may have changed since.
                let first = Recording { index, leaf_hash };
                if is_about_change {
                    Err(self.refused(&first, &refusal, named))
                } else {
                    // What else was to be registered is not in that entry.
                    Err(self.counted(&first, &refusal, named))
                }
            }
            (Answer::Inadmissible(Inadmissible::Spent(index)), _) => {
                let leaf = self.leaf(index)?;
                if let (Some(asked), Command::Session(known)) = (&asked, &leaf.command)
                    && (&asked.principal, &asked.login) != (&known.principal, &known.login)
                {
                    let message = "this token stands for another credential already";
                    return Err(Problem::refused("token.spent", message, "make a new token and sign in with it"));
                }
                self.recorded(index, leaf, named)
            }
            (Answer::Inadmissible(why), _) => Err(problems::inadmissible(&why)),
            (Answer::TooLarge, _) => Err(Problem::malformed(
                "command.too_large",
                format!("the command does not fit a leaf of {} bytes", control::LEAF_MAX_BYTES),
                "shorten it",
            )),
            (Answer::Decided(..) | Answer::Internal, _) => Err(Problem::internal()),
        }
    }

    /// A durable leaf.
    pub(crate) fn leaf(&self, index: u64) -> Result<Leaf, Problem> {
        let read = self.control.log().entry(index).map_err(|error| error.to_string());
        let leaf = read.and_then(|entry| Leaf::decode(&entry.leaf).map_err(|error| error.to_string()));
        leaf.map_err(|error| {
            tracing::error!(index, %error, "governance: a recorded leaf cannot be read");
            Problem::internal()
        })
    }

    /// The tenants a leaf concerns; a problem where a leaf that says so cannot be read.
    pub(crate) fn tags(&self, leaf: &Leaf) -> Result<Vec<TenantId>, Problem> {
        control::concerns(leaf, |first| self.leaf(first))
    }

    /// What the sender of the leaf at `index` was answered, and is answered again.
    fn recorded(&self, index: u64, leaf: Leaf, named: bool) -> Result<Recorded, Problem> {
        let leaf_hash = self.control.log().leaf_hash(index).ok_or_else(Problem::internal)?;
        match leaf.verdict {
            Verdict::Accepted => Ok(Recorded { index, leaf_hash, now: leaf.now, effects: leaf.effects }),
            Verdict::Refused(refusal) => Err(self.refused(&Recording { index, leaf_hash }, &refusal, named)),
        }
    }

    fn refused(&self, at: &Recording, refusal: &Refusal, named: bool) -> Problem {
        let (message, next) = self.words(at, refusal, named);
        Problem::refused(refusal.code(), message, next).entry(at.index)
    }

    /// A refusal of the same code as one of this minute, which may have been about something else.
    fn counted(&self, first: &Recording, refusal: &Refusal, named: bool) -> Problem {
        let (message, next) = self.words(first, refusal, named);
        let index = first.index;
        let next =
            format!("{next}; this refusal is only counted, with entry {index}, which is of the same code and minute");
        Problem::refused(refusal.code(), message, next).see_entry(index)
    }

    fn words(&self, at: &Recording, refusal: &Refusal, named: bool) -> (String, String) {
        tracing::info!(index = at.index, leaf = %at.leaf_hash.short(), code = refusal.code(), "governance: a command is refused");
        let names = if named { self.names() } else { std::sync::Arc::default() };
        refusal.message(&|person| names.person(person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{CHANGE, FINANCE, OPERATOR, World};

    #[tokio::test]
    async fn a_command_that_fits_no_leaf_leaves_none() {
        let world = World::new().await;
        let mut command = world.statement(OPERATOR, Act::RegisterTenant { tenant: crate::scene::TENANT }).command;
        if let Command::Signed { signature, .. } = &mut command {
            *signature = "A".repeat(control::LEAF_MAX_BYTES);
        }
        let submitted = Submitted { command, payload: vec![1, 0] };
        let problem = world.service.decide(submitted, Ack::Durable).await.unwrap_err();
        assert_eq!((problem.code(), problem.status().as_u16()), ("command.too_large", 400));
        assert_eq!(world.size(), 1);
    }

    #[tokio::test]
    async fn what_stops_or_settles_something_goes_first() {
        let world = World::new().await;
        let of = |act| lane(&world.statement(FINANCE, act).command);
        assert_eq!(of(Act::Hold { change: CHANGE, revision: 1 }), Lane::Urgent);
        assert_eq!(of(Act::Withdraw { change: CHANGE, revision: 1 }), Lane::Urgent);
        assert_eq!(of(Act::Revoke { change: CHANGE, revision: 1 }), Lane::Urgent);
        assert_eq!(of(Act::Abort { change: CHANGE, revision: 1 }), Lane::Urgent);
        assert_eq!(of(Act::Recall { digest: crate::scene::ARTIFACT }), Lane::Urgent);
        assert_eq!(of(Act::Suspend { person: OPERATOR, key: model::Digest([1; 32]) }), Lane::Urgent);
        assert_eq!(of(Act::Release { change: CHANGE, revision: 1, of: OPERATOR }), Lane::Normal);
        assert_eq!(of(Act::Cancel { change: CHANGE, revision: 1 }), Lane::Normal);
        assert_eq!(lane(&Command::Clock { act: control::ClockAct::Settle {} }), Lane::Urgent);
    }
}
