//! One scene for every way to be refused, and for every guard what it keeps out.

mod bound;
mod govern;
mod hold;
mod people;
mod receipt;
mod review;
mod run;
mod seal;
mod statement;
mod warrant;

pub use people::lapsed;
pub use review::{indeterminate, unchecked};
pub use run::{exception, quota_world};
pub use warrant::issued;

use crate::world::{GO, OPAL, World, accepted};
use control::{Command, Guards, Verdict, decide_under};
use model::{ChangeId, Digest, KindName};

pub const DEPLOYMENT: KindName = KindName::Deployment;
const ROLLBACK: KindName = KindName::Rollback;

/// A ledger with a command that will be refused.
pub struct Scene {
    pub world: World,
    pub command: Command,
    /// Whether such a command can come so far: otherwise the state or the key was doctored, since
    /// no command of this build brings it about, or the check of authority comes first.
    pub natural: bool,
}

/// What happens without the guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Without {
    /// Then it would be accepted.
    Accepted,
    /// A second layer refuses it, with this code.
    Refused(&'static str),
    /// No guard's refusal: it comes from `decide` itself.
    NoGuard,
}

/// Name, code, guard, what would be without it, the scene.
pub type Row = (&'static str, &'static str, &'static str, Without, fn() -> Scene);

/// All of them.
pub fn scenes() -> Vec<Row> {
    let rows: [&[Row]; 10] = [
        statement::ROWS,
        people::ROWS,
        seal::ROWS,
        hold::ROWS,
        run::ROWS,
        review::ROWS,
        govern::ROWS,
        receipt::ROWS,
        warrant::ROWS,
        bound::ROWS,
    ];
    rows.concat()
}

fn natural(world: World, command: Command) -> Scene {
    Scene { world, command, natural: true }
}

fn doctored(world: World, command: Command) -> Scene {
    Scene { world, command, natural: false }
}

fn drafted(memory_mib: u32) -> (World, ChangeId) {
    let mut world = World::new();
    let artifact = world.publish("2026.02", memory_mib);
    let id = world.drafted(DEPLOYMENT, artifact);
    (world, id)
}

pub fn sealed() -> (World, ChangeId) {
    let mut world = World::with_dora();
    let artifact = world.publish("2026.02", 64);
    let id = world.sealed(DEPLOYMENT, artifact);
    (world, id)
}

fn approved() -> (World, ChangeId) {
    let (mut world, id) = sealed();
    world.approve_all(id);
    (world, id)
}

pub fn running() -> (World, ChangeId) {
    let (mut world, id) = approved();
    accepted(world.run(OPAL, id));
    (world, id)
}

/// A draft of an engine where 2026.02 serves above 2026.01 and 2026.00.
pub fn rollback_to(version: &str) -> (World, ChangeId) {
    let mut world = World::new();
    for version in ["2026.00", "2026.01", "2026.02"] {
        let artifact = world.publish(version, 64);
        world.deploy(artifact);
    }
    let id = world.drafted(ROLLBACK, Digest::of_object("manifest", version.as_bytes()));
    (world, id)
}

/// What somebody says of the change, as the last thing in its world.
fn say((mut world, id): (World, ChangeId), who: usize, verb: &str) -> Scene {
    let act = world.act(verb, id, GO);
    let command = world.said(who, act);
    natural(world, command)
}

/// An act that is no plain verb.
fn act(mut world: World, who: usize, act: signed::Act) -> Scene {
    let command = world.said(who, act);
    natural(world, command)
}

fn verb(who: usize, word: &str) -> Scene {
    say(sealed(), who, word)
}

impl Scene {
    /// The code it is refused with under these guards, none when it is accepted.
    pub fn code(&self, guards: &Guards) -> Option<&'static str> {
        let now = self.world.now.plus_millis(1_000);
        let decided = decide_under(guards, &self.world.state, &self.world.shelf, now, &self.command).unwrap();
        match decided.verdict {
            Verdict::Accepted => None,
            Verdict::Refused(refusal) => Some(refusal.code()),
        }
    }
}
