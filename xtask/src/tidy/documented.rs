//! What others may use says what it is: a doc comment on each public item. Fields and variants need one only where their
//! name does not say it all, which the compiler's own lint cannot tell apart.

use crate::tidy::file::File;
use crate::tidy::finding::Finding;
use crate::tidy::source::{mask, without_tests};

/// What a public item begins with, after `pub` and its qualifiers.
const ITEMS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static"];

/// Finds public items without a doc comment.
pub fn check(files: &[File]) -> Vec<Finding> {
    let sources =
        files.iter().filter(|file| file.is_rust() && file.path.contains("/src/") && !file.path.contains("/tests"));
    sources.flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let (code, _) = without_tests(&mask(&file.text));
    let text: Vec<&str> = file.text.lines().collect();
    let public = code.lines().enumerate().filter_map(|(at, line)| Some((at, name(line)?)));
    let bare = public.filter(|(at, _)| !documented(&text[..*at]));
    bare.map(|(at, name)| Finding::new(format!("{}:{}", file.path, at + 1), format!("`{name}` has no doc comment")))
        .collect()
}

/// The name of the public item that a line begins.
fn name(line: &str) -> Option<&str> {
    let mut words = line.trim_start().strip_prefix("pub ")?.split([' ', '(', '<', ':', ';', '{']).peekable();
    while words.next_if(|word| matches!(*word, "async" | "unsafe" | "extern")).is_some() {}
    let item = words.next()?;
    let next = words.next()?;
    if item == "const" && next == "fn" {
        return words.next();
    }
    // A command's `run` is what its file says; a macro's items are documented where it is used.
    (ITEMS.contains(&item) && next != "run" && !next.starts_with('$')).then_some(next)
}

/// Whether the lines before an item end in a doc comment, attributes left out.
fn documented(before: &[&str]) -> bool {
    let mut above = before.iter().rev().map(|line| line.trim());
    while let Some(line) = above.next() {
        if line.starts_with("///") || line.starts_with("#[doc") || line.starts_with("#[utoipa::path") {
            return true;
        }
        if line == ")]" {
            // An attribute of several lines: back to where it begins.
            if above.any(|line| line.starts_with("#[")) {
                continue;
            }
        }
        if !line.starts_with("#[") {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> usize {
        check(&[File { path: "crates/model/src/id.rs".to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn a_public_item_needs_a_doc_comment_and_a_field_does_not() {
        assert_eq!(found("/// A person.\n#[derive(Debug)]\npub struct Person {\n    pub name: String,\n}\n"), 0);
        assert_eq!(found("#[derive(Debug)]\npub struct Person;\n"), 1);
        assert_eq!(found("pub async fn ask() {}\npub const fn two() {}\npub(crate) fn ours() {}\nfn mine() {}\n"), 2);
        assert_eq!(found("/// One.\npub const ONE: u32 = 1;\n\npub const TWO: u32 = 2;\n"), 1);
        assert_eq!(found("#[cfg(test)]\nmod tests {\n    pub fn f() {}\n}\n"), 0);
    }
}
