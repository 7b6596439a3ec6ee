//! Words that must not be in the repository: unfinished code and places on somebody's own machine.

use crate::tidy::file::File;
use crate::tidy::finding::Finding;
use crate::tidy::source::mask;

/// Macros that mark unfinished code. They are put together here so that this file does not contain them.
const UNFINISHED: &[&str] = &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];

/// Marks of work left undone, in comments too.
const MARKS: &[&str] = &[concat!("FIX", "ME")];

/// Absolute folders of a developer's machine.
const FOLDERS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// Words that name such a machine wherever they stand.
const PLACES: &[&str] = &[concat!(".lib", "rary")];

/// Finds unfinished code in Rust files and places of somebody's machine in all files.
pub fn check(files: &[File]) -> Vec<Finding> {
    files.iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |number: usize, word: &str, rule: &str| {
        findings.push(Finding::new(format!("{}:{}", file.path, number + 1), format!("`{word}` {rule}")));
    };
    for (number, line) in file.text.lines().enumerate() {
        let marks = MARKS.iter().filter(|mark| line.contains(**mark));
        marks.for_each(|mark| add(number, mark, "marks work left undone; do it or file it"));
        let folders = FOLDERS.iter().filter(|folder| is_absolute(line, folder));
        folders.for_each(|folder| add(number, folder, "is a place on somebody's own machine"));
        let places = PLACES.iter().filter(|place| is_word(line, place));
        places.for_each(|place| add(number, place, "is a place on somebody's own machine"));
    }
    if file.is_rust() {
        for (number, line) in mask(&file.text).lines().enumerate() {
            let unfinished = UNFINISHED.iter().filter(|unfinished| line.contains(**unfinished));
            unfinished.for_each(|unfinished| add(number, unfinished, "is unfinished code"));
        }
    }
    findings
}

/// Whether the folder stands at the root: behind a name, a dot or a closing brace it is part of another path.
fn is_absolute(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "_-.})/*~".contains(letter))
    })
}

/// Whether the word stands alone at its end, so that it is not part of a longer name.
fn is_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[at + word.len()..].starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS, MARKS, PLACES, UNFINISHED, check};
    use crate::tidy::file::tests::file;

    fn found(path: &str, text: &str) -> usize {
        check(&[file(path, text)]).len()
    }

    #[test]
    fn unfinished_code_is_found_in_rust_only() {
        for unfinished in UNFINISHED {
            assert_eq!(found("a.rs", &format!("fn a() {{ {unfinished}) }}")), 1);
            assert_eq!(found("a.md", &format!("never {unfinished})")), 0);
            assert_eq!(found("a.rs", &format!("// never {unfinished})")), 0);
        }
        assert_eq!(found("a.js", &format!("// {}: later", MARKS[0])), 1);
    }

    #[test]
    fn folders_of_a_machine_are_found_at_the_root_only() {
        for folder in FOLDERS {
            assert_eq!(found("a.toml", &format!("path = \"{folder}x\"")), 1);
            assert_eq!(found("a.md", &format!("see {folder}x")), 1);
            assert_eq!(found("a.sh", &format!("ls $DIR/frame{folder}x {{dir}}{folder}x")), 0);
        }
    }

    #[test]
    fn a_place_is_found_as_a_word() {
        assert_eq!(found("a.md", &format!("in {}/x", PLACES[0])), 1);
        assert_eq!(found("a.rs", &format!("self{}_index", PLACES[0])), 0);
    }
}
