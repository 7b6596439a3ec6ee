//! The console's own credential.

use crate::world::{HOUR_MS, No, World, accepted, console_key};
use control::{Command, Effect, Inadmissible, Leaf, Login, Principal, SessionCommand};
use model::{CommandId, Digest, Scope};

const TOKEN: Digest = Digest([0x77; 32]);

impl World {
    fn console_login(&mut self, key: Digest, scope: Scope, life_ms: i64) -> Result<Leaf, No> {
        // `submit` moves the clock by a second first.
        let expires = self.now.plus_millis(1_000 + life_ms);
        let (command, principal) = (CommandId(self.fresh()), Principal::Console { key });
        let login = Login { token: TOKEN, scope, expires };
        self.submit(Command::Session(SessionCommand { command, principal, login }))
    }
}

#[test]
fn the_console_of_the_roster_opens_a_credential_that_every_service_finds_in_its_fold() {
    let mut world = World::new();
    let principal = Principal::Console { key: console_key().public() };
    let leaf = accepted(world.console_login(console_key().public(), Scope::Read, 24 * HOUR_MS));
    assert_eq!(leaf.effects, [Effect::SessionOpened { principal, scope: Scope::Read }]);
    let known = world.state.session(&TOKEN, world.now).unwrap();
    assert_eq!((known.principal, known.scope), (principal, Scope::Read));
    assert_eq!(world.state.session(&TOKEN, world.now.plus_millis(24 * HOUR_MS + 1)), None);
}

#[test]
fn another_key_opens_nothing_and_without_a_key_in_the_roster_none_does() {
    let mut world = World::new();
    let stranger = Err(No::Inadmissible(Inadmissible::Stranger));
    assert_eq!(world.console_login(Digest([1; 32]), Scope::Read, HOUR_MS), stranger);
    let service = world.services[0].1.public();
    assert_eq!(world.console_login(service, Scope::Read, HOUR_MS), stranger, "a service is not the console");
    world.state.roster.console = None;
    assert_eq!(world.console_login(console_key().public(), Scope::Read, HOUR_MS), stranger);
}

#[test]
fn its_credential_reads_and_does_nothing_else_for_a_day_at_most() {
    let mut world = World::new();
    let key = console_key().public();
    for (scope, life_ms) in
        [(Scope::Person, HOUR_MS), (Scope::Ingest, HOUR_MS), (Scope::Read, 24 * HOUR_MS + 1), (Scope::Read, -1)]
    {
        let answer = world.console_login(key, scope, life_ms);
        assert!(
            matches!(answer, Err(No::Inadmissible(Inadmissible::Bounds(_) | Inadmissible::Lifetime { .. }))),
            "{scope} for {life_ms}: {answer:?}"
        );
    }
}
