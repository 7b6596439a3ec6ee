//! Whether what a bundle names is held, and what hashing it again found.

use super::{CheckState, Hashed, Inquiry, ReadinessCheck, unchecked_after_s};
use control::{Refusal, UNCHECKED_AFTER_MS};
use model::{Digest, Instant, Resource};

/// How a copy stands.
enum CopyState<'a> {
    /// Nobody could say.
    Unread,
    Absent,
    /// There, and not hashed since its service started.
    Unhashed,
    Whole(Instant),
    Damaged(Instant, &'a str),
}

impl<'a> CopyState<'a> {
    fn of(found: Option<&'a Option<Hashed>>) -> Self {
        match found {
            None => Self::Absent,
            Some(None) => Self::Unhashed,
            Some(Some(Hashed { at, damage: None })) => Self::Whole(*at),
            Some(Some(Hashed { at, damage: Some(why) })) => Self::Damaged(*at, why),
        }
    }
}

impl Inquiry<'_> {
    /// What Platform Services holds is what a rollback is checked against; where it is silent, what the node keeps.
    pub(super) fn kept(&self, what: &str, title: &str, resource: Resource, digest: Digest) -> ReadinessCheck {
        if let Some(refusal) = self.refusal_of(resource, digest) {
            return self.refused(what, title, &refusal);
        }
        let platform = match self.observed.platform.now() {
            None => CopyState::Unread,
            Some((_, held)) => CopyState::of(held.get(&digest)),
        };
        if self.observed.platform.silent {
            return self.on_node_alone(what, title, digest);
        }
        let read_at = self.observed.platform.now().map(|(at, _)| at);
        let check = |state, sentence: String| ReadinessCheck::new(what, title, state, sentence);
        match platform {
            CopyState::Unread => {
                check(CheckState::Unknown, "What Platform Services holds was not read yet.".to_owned())
            }
            CopyState::Absent => self.refused(what, title, &Refusal::ResourceNotHeld { resource }).at(read_at),
            CopyState::Unhashed => {
                let why = "Platform Services holds it, and has not hashed it again since it started.";
                check(CheckState::Unknown, why.to_owned()).next("have it verified now").at(read_at)
            }
            CopyState::Damaged(at, why) => {
                let refused = self.refused(what, title, &Refusal::ResourceNotHeld { resource });
                let sentence = format!("{} Reading its copy found: {why}.", refused.sentence);
                ReadinessCheck { sentence, ..refused }.at(Some(at))
            }
            CopyState::Whole(at) => {
                let sentence =
                    format!("Platform Services holds it, every byte as its digest says; {}.", self.node_copy(digest));
                check(CheckState::Ok, sentence).at(Some(at))
            }
        }
    }

    /// The node's copy beside one that Platform Services holds whole: it is fetched again where it is not.
    fn node_copy(&self, digest: Digest) -> String {
        let name = self.names.node(&self.engine.node);
        match self.on_node(digest) {
            CopyState::Unread => format!("what {name} keeps of it was not read"),
            CopyState::Absent => format!("it is not on {name}'s disk and would be fetched"),
            CopyState::Unhashed => format!("it is on {name}'s disk, not hashed again yet"),
            CopyState::Whole(_) => format!("it is on {name}'s disk too, every byte hashed again"),
            CopyState::Damaged(_, why) => {
                format!("on {name}'s disk it is damaged ({why}) and would be fetched again")
            }
        }
    }

    fn on_node(&self, digest: Digest) -> CopyState<'_> {
        let here = self.observed.node.now().filter(|(_, said)| said.node == Some(self.engine.node));
        here.map_or(CopyState::Unread, |(_, said)| CopyState::of(said.kept.get(&digest)))
    }

    /// With Platform Services silent a rollback goes on unchecked, by what is on the node's own disk.
    fn on_node_alone(&self, what: &str, title: &str, digest: Digest) -> ReadinessCheck {
        let name = self.names.node(&self.engine.node);
        let check = |state, sentence: String| ReadinessCheck::new(what, title, state, sentence);
        let next = "start Platform Services, or wait until it answers";
        match self.on_node(digest) {
            CopyState::Unread => {
                let why = format!("Platform Services is silent, and what {name} keeps was not read.");
                check(CheckState::Unknown, why).next(next)
            }
            CopyState::Absent => {
                let why = format!("Platform Services is silent, and it is not on {name}'s disk.");
                check(CheckState::Not, why).code("bundle.unavailable").next(next)
            }
            CopyState::Unhashed => {
                let why = format!("Platform Services is silent; it is on {name}'s disk, not hashed again yet.");
                check(CheckState::Unknown, why).next("have it verified now")
            }
            CopyState::Damaged(at, why) => {
                let why = format!("Platform Services is silent, and on {name}'s disk it is damaged: {why}.");
                check(CheckState::Not, why).code("bundle.changed").next(next).at(Some(at))
            }
            CopyState::Whole(at) => {
                let seconds = unchecked_after_s();
                let why = format!(
                    "It is on {name}'s disk, every byte hashed again. Platform Services is silent: after {seconds} s a \
                     rollback goes on without its check, and is reviewed afterwards."
                );
                let after_ms = Some(UNCHECKED_AFTER_MS);
                ReadinessCheck { after_ms, ..check(CheckState::Ok, why).at(Some(at)) }
            }
        }
    }
}
