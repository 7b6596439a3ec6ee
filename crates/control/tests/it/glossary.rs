//! `docs/glossary.md` lists what there is of each sort, as the code has it.

use model::{Category, KindName};
use std::{fs, path::PathBuf};

/// What the glossary says of a word.
fn said(word: &str) -> String {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/glossary.md");
    let page = fs::read_to_string(page).unwrap();
    let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {word} | ")));
    row.unwrap_or_else(|| panic!("no row for {word}")).to_owned()
}

/// A kind as a sentence names it.
fn name(kind: KindName) -> String {
    kind.title().trim_end_matches(" package").to_lowercase()
}

#[test]
fn the_glossary_names_every_kind() {
    let row = said("Kind");
    let (_, list) = row.split_once("There are ").unwrap();
    let mut listed: Vec<_> = list.trim_end_matches(" |").split(", ").flat_map(|part| part.split(" and ")).collect();
    let mut kinds: Vec<_> = KindName::ALL.iter().map(|kind| name(*kind)).collect();
    listed.sort_unstable();
    kinds.sort_unstable();
    assert_eq!(listed, kinds);
}

#[test]
fn the_glossary_names_every_category_and_no_other() {
    let row = said("Category");
    let mut listed: Vec<_> = row.split('`').skip(1).step_by(2).collect();
    let mut categories: Vec<_> = Category::ALL.iter().map(|category| category.word()).collect();
    listed.sort_unstable();
    categories.sort_unstable();
    assert_eq!(listed, categories);
}
