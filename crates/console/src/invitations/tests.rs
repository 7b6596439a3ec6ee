use super::*;
use signed::Possession;

const NOW: Instant = Instant::EPOCH;
const INVITER: PersonId = PersonId([1; 16]);
const OTHER: PersonId = PersonId([2; 16]);
const EVE: PersonId = PersonId([3; 16]);

fn fresh() -> Invitations {
    Invitations::new(Digest::ZERO, "shop.example".to_owned(), "http://localhost:8088".parse().unwrap())
}

fn answer(at: Instant) -> Answer {
    let possession = Possession { key: Digest::ZERO, signature: String::new() };
    let proof = KeyProof { ledger: Digest::ZERO, person: EVE, openssh: String::new(), possession };
    Answer { proof, at, session: Digest::ZERO }
}

/// The secret of a link, and what the link says besides.
fn parts(link: &str) -> (String, Marks) {
    let (secret, marks) = link.rsplit('/').next().unwrap().split_once('?').unwrap();
    let value = |name: &str| marks.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let marks = Marks { ledger: value("ledger").unwrap().to_owned(), console: value("console").unwrap().to_owned() };
    (secret.to_owned(), marks)
}

#[test]
fn a_link_is_looked_at_freely_answered_once_and_kept_as_its_hash() {
    let all = fresh();
    let made = all.make(INVITER, EVE, InvitedTo::Key, NOW).unwrap();
    assert_eq!(made.expires, NOW.plus_millis(LIFE_MS));
    let (secret, marks) = parts(&made.link);
    assert!(!all.lock().contains_key(&secret.parse::<Digest>().unwrap()), "the secret itself is not kept");
    let known = all.look(&secret, &marks, NOW).unwrap();
    assert_eq!(all.look(&secret, &marks, NOW).as_ref(), Ok(&known));
    assert_eq!(all.answer(&known.id, answer(NOW)), Ok(()));
    let later = NOW.plus_millis(5);
    assert_eq!(all.answer(&known.id, answer(later)), Err(Unusable::Used(NOW)), "the first one stands");
    assert_eq!(all.look(&secret, &marks, later).unwrap().answer, Some(answer(NOW)));
}

#[test]
fn a_link_of_another_ledger_or_console_an_invented_and_a_late_one_are_told_apart() {
    let all = fresh();
    let made = all.make(INVITER, EVE, InvitedTo::Key, NOW).unwrap();
    let (secret, marks) = parts(&made.link);
    let ledger = Marks { ledger: "0".repeat(12), ..marks.clone() };
    let console = Marks { console: "0".repeat(12), ..marks.clone() };
    assert_eq!(all.look(&secret, &ledger, NOW), Err(Unusable::OtherLedger));
    assert_eq!(all.look(&secret, &console, NOW), Err(Unusable::OtherConsole));
    assert_eq!(all.look(&"0".repeat(64), &marks, NOW), Err(Unusable::Unknown));
    assert_eq!(all.look("new", &marks, NOW), Err(Unusable::Unknown));
    assert_eq!(all.look(&secret, &marks, made.expires), Err(Unusable::Expired));
    let id = Digest::of_bytes(secret.parse::<Digest>().unwrap().as_bytes());
    assert_eq!(all.answer(&id, answer(made.expires)), Err(Unusable::Expired));
    assert!(all.look(&secret, &marks, made.expires.plus_millis(-1)).is_ok());
}

#[test]
fn only_who_invited_lists_and_withdraws() {
    let all = fresh();
    let made = all.make(INVITER, EVE, InvitedTo::Key, NOW).unwrap();
    let (secret, marks) = parts(&made.link);
    let known = all.look(&secret, &marks, NOW).unwrap();
    assert_eq!((all.of(&INVITER, NOW).len(), all.of(&OTHER, NOW).len()), (1, 0));
    assert!(!all.withdraw(&OTHER, &known.id));
    assert_eq!(all.of(&INVITER, made.expires), [], "its time is over and nothing came of it");
    assert!(all.withdraw(&INVITER, &known.id) && !all.withdraw(&INVITER, &known.id));
    assert_eq!(all.look(&secret, &marks, NOW), Err(Unusable::Unknown));
    assert_eq!(all.answer(&known.id, answer(NOW)), Err(Unusable::Unknown));
}

#[test]
fn what_came_of_a_link_stays_for_its_inviter_after_the_link_has_ended() {
    let all = fresh();
    let made = all.make(INVITER, EVE, InvitedTo::Key, NOW).unwrap();
    let (secret, marks) = parts(&made.link);
    let id = all.look(&secret, &marks, NOW).unwrap().id;
    all.answer(&id, answer(NOW)).unwrap();
    all.opened(&id, ChangeId([9; 16]));
    let kept = all.of(&INVITER, made.expires.plus_millis(1));
    assert_eq!(kept.iter().map(|known| known.change).collect::<Vec<_>>(), [Some(ChangeId([9; 16]))]);
    all.make(INVITER, EVE, InvitedTo::Key, made.expires.plus_millis(KNOWN_MS)).unwrap();
    assert_eq!(all.lock().len(), 1, "and is forgotten then");
}

#[test]
fn one_inviter_fills_no_room_of_the_others_and_memory_is_bounded() {
    let all = fresh();
    for _ in 0..OF_ONE_MAX {
        all.make(INVITER, EVE, InvitedTo::Key, NOW).unwrap();
    }
    assert_eq!(all.make(INVITER, EVE, InvitedTo::Key, NOW), Err(Full::OfOne));
    assert!(all.make(OTHER, EVE, InvitedTo::Key, NOW).is_ok());
    assert!(all.make(INVITER, EVE, InvitedTo::Key, NOW.plus_millis(LIFE_MS)).is_ok(), "those that ended count no more");
    let many = (9..).map(|n: u128| PersonId(n.to_be_bytes()));
    let made = many.take_while(|inviter| all.make(*inviter, EVE, InvitedTo::Key, NOW).is_ok()).count();
    assert_eq!((made, all.lock().len()), (MAX - OF_ONE_MAX - 2, MAX));
    assert_eq!(all.make(OTHER, EVE, InvitedTo::Key, NOW), Err(Full::OfAll));
}
