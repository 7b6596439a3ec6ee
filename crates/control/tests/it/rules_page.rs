//! `docs/rules.md` names everything that a second `decide` needs: what the core has and the page does
//! not is found here.

use control::{EventName, GUARDS, KindTable, VERBS};
use model::{KindName, Status};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn page() -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md")).unwrap()
}

/// Everything in backquotes, in words: `opened{revision}` is `opened` and `revision`.
fn words(page: &str) -> BTreeSet<String> {
    let quoted = page.split('`').skip(1).step_by(2);
    let word = |c: char| !(c.is_alphanumeric() || "_-.".contains(c));
    quoted.flat_map(|text| text.split(word).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// The variants of an enum in a source file, as they stand in leaves.
fn variants(source: &str, name: &str) -> Vec<String> {
    let (_, rest) = source.split_once(&format!("pub enum {name} {{")).unwrap();
    let (body, _) = rest.split_once("\n}").unwrap();
    let variant = |line: &str| {
        let line = line.strip_prefix("    ")?;
        let name: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
        name.starts_with(|first: char| first.is_ascii_uppercase()).then_some(name)
    };
    body.lines().filter_map(variant).map(|name| snake(&name)).collect()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// All that the page must name, and what each is.
fn named() -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = vec![];
    all.extend(GUARDS.iter().filter(|guard| guard.since == 0).map(|guard| ("guard", guard.name.to_owned())));
    all.extend(crate::refusals::codes().iter().map(|code| ("code", (*code).to_owned())));
    all.extend(VERBS.iter().map(|row| ("verb", row.name.to_owned())));
    all.extend(EventName::ALL.iter().map(|event| ("event", event.word().to_owned())));
    let (event, effect) = (include_str!("../../src/event.rs"), include_str!("../../src/effect.rs"));
    let (command, action) = (include_str!("../../src/command.rs"), include_str!("../../src/action.rs"));
    let sources = [
        (event, "StepEvent"),
        (effect, "EngineEvent"),
        (effect, "GrantEvent"),
        (effect, "RosterEvent"),
        (effect, "Effect"),
        (command, "Command"),
        (command, "ClockAct"),
        (action, "EngineAction"),
        (include_str!("../../../signed/src/receipt.rs"), "Report"),
    ];
    for (source, name) in sources {
        let words = variants(source, name);
        assert!(words.len() > 2, "{name}: {words:?}");
        all.extend(words.into_iter().map(|word| (name, word)));
    }
    let table = serde_json::to_value(columns()).unwrap();
    all.extend(table.as_object().unwrap().keys().map(|column| ("column", column.clone())));
    all
}

#[test]
fn the_page_of_rules_names_all_that_the_core_has() {
    let page = page();
    let known = words(&page);
    let mut missing: Vec<String> = named()
        .into_iter()
        .filter(|(_, word)| !known.contains(word))
        .map(|(what, word)| format!("{what} {word}"))
        .collect();
    for kind in KindName::ALL {
        let heading = format!("\n### {}\n", kind.word());
        assert!(page.contains(&heading), "no section for {kind}");
    }
    let statuses = Status::ALL.iter().map(|status| status.word());
    missing.extend(statuses.filter(|word| !page.contains(word)).map(|word| format!("status {word}")));
    assert!(missing.is_empty(), "docs/rules.md does not name:\n{}", missing.join("\n"));
}

/// The row of commands says which receipts there are, whatever the rest of the page names.
#[test]
fn the_row_of_receipts_names_each_report() {
    let page = page();
    let row = page.lines().find(|line| line.starts_with("| `receipt` |")).unwrap();
    let known = words(row);
    for word in variants(include_str!("../../../signed/src/receipt.rs"), "Report") {
        assert!(known.contains(&word), "{word}: {row}");
    }
}

/// A row that has every column.
fn columns() -> control::Kind {
    let mut row = KindTable::standard().kinds.swap_remove(0);
    row.until_max_ms = Some(1);
    row.escalation = Some(vec![]);
    let item = control::Item { item: "item".parse().unwrap(), role: model::Role::SupportAuditor };
    row.checklist = vec![item];
    let when = control::ReviewWhen::Always;
    row.review = Some(control::Review { roles: vec![], within_ms: 1, blocks_author: false, when });
    row
}

/// The guards stand on the page in the order in which they are asked, each with the verbs it guards.
#[test]
fn the_guards_stand_on_the_page_in_their_order() {
    let page = page();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    let guards: Vec<_> = rows.filter(|(name, _)| GUARDS.iter().any(|guard| guard.name == *name)).collect();
    let names: Vec<_> = GUARDS.iter().filter(|guard| guard.since == 0).map(|guard| guard.name).collect();
    assert_eq!(guards.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names);
    for (name, rest) in guards {
        let verbs = rest.split_once(" |").unwrap().0;
        let guard = GUARDS.iter().find(|guard| guard.name == name).unwrap();
        let named = |row: &&control::VerbRow| verbs.split([' ', ',']).any(|word| word == row.name);
        let on_page = VERBS.iter().filter(named).count();
        let all = VERBS.iter().filter(|row| guard.verbs.contains(&row.verb)).count();
        let named = match verbs {
            "EVERY" => VERBS.len(),
            "ALL" => 16,
            _ => on_page,
        };
        assert!(named == all, "{name}: {verbs}");
    }
}
