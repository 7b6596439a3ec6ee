//! `docs/formats.md` shows an entry of the events log as the type writes it.

use governance::{EVENT_PREFIX, EventEntry, event_id};
use model::{Category, Digest, Instant, PersonId, Severity, TenantId};
use signed::{Opening, Part, commit, event_command};
use std::path::PathBuf;

const MARK: &str = "<!-- example: event -->\n";

fn example() -> EventEntry {
    let ledger = Digest::of_object("genesis", b"an example");
    let (source, id) = ("ci.build".parse().unwrap(), event_id("build-4711"));
    let body = [("title".to_owned(), "Nightly build finished".to_owned())].into();
    let opening = Opening { salt: Digest([7; 32]), body };
    let commitment = commit(&ledger, &event_command(&source, &id), 0, &opening).unwrap();
    let parts = vec![Part { about: "event".parse().unwrap(), subject: Some(TenantId([7; 16]).into()), commitment }];
    EventEntry {
        now: "2026-03-08T18:00:10.000Z".parse::<Instant>().unwrap(),
        source,
        kind: "pipeline.finished".parse().unwrap(),
        id,
        category: Category::Reported,
        severity: Severity::Info,
        occurred: Some("2026-03-08T18:00:09.500Z".parse().unwrap()),
        tenant: Some(TenantId([7; 16])),
        conflicts: None,
        by: PersonId([2; 16]),
        parts,
    }
}

#[test]
fn the_page_shows_the_event_as_it_is_written() {
    let entry = example().encode().unwrap();
    let json = String::from_utf8(entry[EVENT_PREFIX.len()..].to_vec()).unwrap();
    let block = format!("{MARK}```text\n{json}\nleaf_hash {}\n```", tlog::leaf_hash(&entry));
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(MARK).expect("docs/formats.md shows an event");
    let end = rest[3..].find("```").expect("a fenced block follows") + 6;
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&page, format!("{before}{block}{}", &rest[end..])).unwrap();
    }
    assert_eq!(format!("{MARK}{}", &rest[..end]), block, "run with UPDATE=1 to write the page again");
    assert_eq!(EventEntry::decode(&entry).unwrap(), example());
}
