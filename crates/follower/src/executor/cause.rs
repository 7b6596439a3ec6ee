//! What an executor found, as a sealed part of its receipt.

use super::Cause;
use model::{Digest, Id, Token};
use signed::{Opening, PartBody};

/// Most lines of output that are kept.
const LINES_MAX: usize = 20;
/// Longest line, characters.
const LINE_MAX: usize = 200;
/// Longest text of what was found, with what to do next, characters.
const TEXT_MAX: usize = 800;

/// The part about a cause: one text for each line, under whose key it is sealed.
pub(super) fn part(cause: &Cause, subject: Option<Id>) -> Vec<(Token, Option<Id>, Opening)> {
    if cause.found.is_empty() && cause.output.is_empty() {
        return vec![];
    }
    let first = cause.output.len().saturating_sub(LINES_MAX);
    let lines = cause.output.iter().skip(first).enumerate();
    let line = |(number, line): (usize, &String)| (format!("line_{number:02}"), shown(line, LINE_MAX));
    let mut body: PartBody = lines.map(line).collect();
    body.insert("text".to_owned(), shown(&cause.found, TEXT_MAX));
    let about = "cause".parse().expect("`cause` is a token");
    vec![(about, subject, Opening { salt: Digest(client::random_bytes()), body })]
}

/// A line as canonical text allows it: without control and formatting characters, of bounded length.
fn shown(line: &str, most: usize) -> String {
    let allowed = |c: char| if c.is_control() || is_bidi(c) { ' ' } else { c };
    line.chars().map(allowed).take(most).collect::<String>().trim().to_owned()
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept_and_none_can_steer_a_terminal() {
        let output = (0..30).map(|n| format!("\u{1b}[31mline {n}\r\n")).collect();
        let parts = part(&Cause { found: "it\u{202e} ended".to_owned(), output }, None);
        let body = &parts[0].2.body;
        assert_eq!((body["text"].as_str(), body.len()), ("it  ended", LINES_MAX + 1));
        assert_eq!((body["line_00"].as_str(), body["line_19"].as_str()), ("[31mline 10", "[31mline 29"));
        assert_eq!(part(&Cause::default(), None), []);
    }

    #[test]
    fn what_to_do_next_is_not_cut_off() {
        let refusal = control::Refusal::ResourceRecalled { resource: model::Resource::Artifact };
        let found = refusal.in_one_line();
        let parts = part(&Cause { found: found.clone(), output: vec!["x".repeat(300)] }, None);
        assert!(found.len() > LINE_MAX && parts[0].2.body["text"] == found);
        assert_eq!(parts[0].2.body["line_00"].len(), LINE_MAX);
    }
}
